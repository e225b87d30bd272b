import { describe, expect, it } from 'vitest';
import { clip } from '../../src/agent/budget.ts';
import { keepLarge } from '../../src/agent/keep.ts';
import { readTool } from '../../src/agent/read.ts';
import { search } from '../../src/agent/search.ts';

const signal = new AbortController().signal;

describe('a result that is too long', () => {
  const options = { maxCharacters: 1000, newId: () => '0123456789' };

  it('is kept whole, and the model gets head, tail and how to read on', () => {
    const text = `${'a'.repeat(3000)}${'b'.repeat(3000)}`;
    const fitted = keepLarge({ tool: 'look', text }, options);
    expect(fitted.kept).toEqual({ id: '0123456789', tool: 'look', text });
    expect(fitted.text.length).toBeLessThanOrEqual(1100);
    expect(fitted.text).toMatch(/^aaa[\s\S]*bbb\n\[Shortened: result 0123456789 has 6000 characters\. .*\]$/);
  });

  it('still says how to read on when it is shortened again', () => {
    const { text } = keepLarge({ tool: 'look', text: 'x'.repeat(12_000_000) }, options);
    expect(clip(text, 800)).toMatch(/\n\[Shortened: result 0123456789 has 12000000 characters \(the first/);
  });

  it('is one only above the limit', () => {
    expect(keepLarge({ tool: 'look', text: 'x'.repeat(1000) }, options)).toEqual({ text: 'x'.repeat(1000) });
  });
});

describe('read_result', () => {
  const text = Array.from({ length: 500 }, (_unused, n) => `line ${n + 1} with some words`).join('\n');
  const tool = readTool({
    load: async (id) => (id === 'r1' ? { id, tool: 'look', text } : undefined),
    maxCharacters: 2000,
  });
  const read = async (args: object) => await tool.run({ result: 'r1', ...args }, signal);

  it('gives page after page without a gap', async () => {
    let from: string | undefined = '0';
    let whole = '';
    for (let pages = 0; from !== undefined && pages < 20; pages += 1) {
      const { text: page, wordsOf } = await read({ from });
      expect(page.length).toBeLessThanOrEqual(2000);
      expect(wordsOf).toBe('look');
      whole += page.slice(0, page.lastIndexOf('\n['));
      from = /Read on from (\d+)\.\]$/.exec(page)?.[1];
    }
    expect(whole).toBe(text);
  });

  it('looks for ten alternatives at most', async () => {
    const find = (count: number) => Array.from({ length: count }, (_unused, n) => `line ${n}1 `).join('|');
    expect(await read({ find: find(10) })).toMatchObject({ isError: false });
    expect(await read({ find: find(11) })).toMatchObject({
      isError: true,
      text: '`find` may have 10 alternatives at most; look for the rest in another call.',
    });
  });

  it('begins at a line', async () => {
    expect((await read({ from: 'L250' })).text).toMatch(/^line 250 with/);
    expect((await read({ from: 9_999_999 })).text).toContain('nothing stands after it');
    expect(await read({ from: 'the middle' })).toMatchObject({ isError: true });
  });

  it('finds a text with its place and neighbours, and says where to look on', async () => {
    const { text: found } = await read({ find: 'LINE 499*some' });
    expect(found).toContain(`L499, offset ${text.indexOf('line 499')}:\nline 498`);
    const { text: first } = await read({ find: 'words' });
    expect(first.length).toBeLessThanOrEqual(2000);
    const next = /look on from (\d+)/.exec(first)?.[1];
    expect((await read({ find: 'words', from: next })).text).toContain(`offset ${next}:`);
    expect((await read({ find: 'nowhere' })).text).toContain('Nothing in the');
  });

  it('knows no other ids', async () => {
    expect(await read({ result: 'r2' })).toMatchObject({
      isError: true,
      text: expect.stringContaining('There is no stored result r2 in this conversation.'),
    });
  });
});

describe('search', () => {
  it('goes through one long line match by match', () => {
    const line = `${'x'.repeat(5000)}needle${'x'.repeat(5000)}Needle${'x'.repeat(100)}`;
    const hits = [...search(line, 'needle')];
    expect(hits.map(({ offset }) => offset)).toEqual([5000, 10_006]);
    expect(hits.every(({ text }) => text.length < 700)).toBe(true);
  });

  it('takes alternatives, and nothing for an empty pattern', () => {
    expect([...search('a\nb\nc', 'c|a')].map(({ line }) => line)).toEqual([1, 3]);
    expect([...search('a', '*')]).toEqual([]);
  });
});
