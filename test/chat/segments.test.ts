import { describe, expect, it } from 'vitest';
import { fenced, piecesOf, segmentsOf } from '../../src/chat/segments.ts';

const types = (markdown: string) => segmentsOf(markdown).map(({ type }) => type);

describe('the pieces of an answer', () => {
  it('tells prose, code and tables apart, in their order', () => {
    const markdown = 'Look:\n\n| a | b |\n|---|---|\n| 1 | `x` \\| y |\n\nand\n\n```js\nlet a = 1;\n```\nend';
    expect(segmentsOf(markdown)).toMatchObject([
      { type: 'prose', text: 'Look:' },
      {
        type: 'table',
        rows: [
          ['a', 'b'],
          ['1', '`x` | y'],
        ],
      },
      { type: 'prose', text: 'and' },
      { type: 'code', language: 'js', code: 'let a = 1;' },
      { type: 'prose', text: 'end' },
    ]);
  });

  it('takes a fence that nobody closed as code to the end', () => {
    expect(segmentsOf('so:\n```sh\nls -l\n\nps')).toMatchObject([
      { type: 'prose' },
      { type: 'code', language: 'sh', code: 'ls -l\n\nps' },
    ]);
  });

  it('knows fences of tildes, and fences within longer ones', () => {
    expect(segmentsOf('~~~\n```\n~~~')).toMatchObject([{ type: 'code', code: '```' }]);
    expect(segmentsOf('````md\n```\nx\n```\n````')).toMatchObject([{ type: 'code', code: '```\nx\n```' }]);
  });

  it('leaves indented code, lists with code and bars in prose where they stand', () => {
    expect(types('- one\n\n  ```\n  x\n  ```\n- two')).toEqual(['prose']);
    expect(types('a | b\nc | d')).toEqual(['prose']);
    expect(types('    indented')).toEqual(['prose']);
  });

  it('makes rows of different lengths as long as the head', () => {
    const [table] = segmentsOf('|a|b|\n|-|-|\n|1|\n|1|2|3|');
    expect(table).toMatchObject({
      rows: [
        ['a', 'b'],
        ['1', ''],
        ['1', '2'],
      ],
    });
  });

  it('loses no word of a text, however odd', () => {
    const odd = '<b>hi</b>\n\n[x]: http://x\n\n> quote\n\n***\n\n1. one\n\n# head\n\nend';
    const told = segmentsOf(odd)
      .map((segment) => (segment.type === 'prose' ? segment.text : ''))
      .join('\n');
    for (const word of ['hi', 'http://x', 'quote', '***', 'one', 'head', 'end']) expect(told).toContain(word);
  });
});

describe('a fence around code', () => {
  it('is longer than any within it', () => {
    expect(fenced('a ``` b', 'md')).toBe('````md\na ``` b\n````');
  });
});

describe('a text in pieces', () => {
  it('is cut where paragraphs or words end, and never within a character', () => {
    expect(piecesOf('one two three', 8)).toEqual(['one two', 'three']);
    expect(piecesOf(`${'x'.repeat(7)}😀y`, 8).join('')).toBe(`${'x'.repeat(7)}😀y`);
    expect(piecesOf(`${'x'.repeat(7)}😀y`, 8)[0]).toBe('x'.repeat(7));
  });
});
