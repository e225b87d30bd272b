import { describe, expect, it } from 'vitest';
import { halvesOf, inWords } from '../../../adapters/teams/smaller.ts';
import type { Json } from '../../../src/chat/json.ts';

const message = (text: string): Json => ({ type: 'message', textFormat: 'markdown', text });
const textOf = (half: Json | undefined) => String(half?.text ?? '');
const card = (text: string) => ({
  contentType: 'application/vnd.microsoft.card.adaptive',
  content: { type: 'AdaptiveCard', body: [{ type: 'TextBlock', text }], actions: [{ title: 'Go' }] },
});

describe('a message that is too large', () => {
  it('is cut where a paragraph ends, and nothing of it is lost', () => {
    const text = Array.from({ length: 40 }, (_unused, n) => `Paragraph ${n}.`).join('\n\n');
    const halves = halvesOf(message(text));
    expect(halves?.map(textOf).join('\n\n')).toBe(text);
    for (const half of halves ?? []) expect(textOf(half).length).toBeLessThan(text.length);
  });

  it('is cut within code so that both halves are code', () => {
    const lines = Array.from({ length: 60 }, (_unused, n) => `line ${n}`);
    const [first, second] = halvesOf(message(['```log', ...lines, '```'].join('\n'))) ?? [];
    expect(textOf(first).split('```')).toHaveLength(3);
    expect(textOf(second).startsWith('```log\n')).toBe(true);
    const shown = `${textOf(first)}\n${textOf(second)}`.split('\n').filter((line) => line.startsWith('line'));
    expect(shown).toEqual(lines);
  });

  it('gives its cards a message of their own, and says a card in words that is too large alone', () => {
    const long = 'word '.repeat(200).trim();
    expect(halvesOf({ ...message('Look'), attachments: [card('x')] })).toEqual([
      message('Look'),
      { type: 'message', textFormat: 'markdown', attachments: [card('x')] },
    ]);
    const halves = halvesOf({ type: 'message', attachments: [card(long)] });
    expect(halves?.map(textOf).join(' ').split(/\s+/)).toEqual(long.split(' '));
  });

  it('cannot be made smaller than a few words', () => {
    expect(halvesOf(message('short'))).toBeUndefined();
  });
});

it('what is not understood is said in words', () => {
  expect(inWords({ ...message('Look'), entities: [{}], attachments: [card('at this')] })).toEqual(
    message('Look\n\nat this'),
  );
});
