import { describe, expect, it } from 'vitest';
import {
  clip,
  type Exchange,
  estimateTokens,
  exchange,
  fitHistory,
  fitTurn,
} from '../../src/agent/budget.ts';
import type { Message } from '../../src/agent/messages.ts';
import { call } from './stage.ts';

/** One question with a call and its result, of about `tokens` tokens. */
function talk(n: number, tokens = 100): Exchange {
  const id = `call-${n}`;
  const messages: readonly Message[] = [
    { role: 'user', text: `question ${n}` },
    { role: 'assistant', text: '', calls: [call(id)] },
    { role: 'tool', callId: id, name: 'look', text: 'x'.repeat(tokens * 4), isError: false },
    { role: 'assistant', text: `answer ${n}`, calls: [] },
  ];
  return exchange(messages);
}

const talks = (count: number) => Array.from({ length: count }, (_unused, n) => talk(n));
const first = (history: readonly Exchange[]) => history[0]?.messages[0]?.text;

describe('history', () => {
  it('is left alone while it fits', () => {
    const history = talks(3);
    expect(fitHistory(history, 10_000)).toBe(history);
  });

  it('is cut to whole exchanges, the newest last', () => {
    const fitted = fitHistory(talks(20), 1000);
    expect(fitted.length).toBeGreaterThan(0);
    expect(fitted.every((item) => item.messages.length === 4)).toBe(true);
    expect(fitted.at(-1)?.messages[0]?.text).toBe('question 19');
    expect(fitted.reduce((sum, item) => sum + item.tokens, 0)).toBeLessThanOrEqual(1000);
  });

  it('begins with the same exchange while it grows by less than a block', () => {
    const starts = Array.from({ length: 12 }, (_unused, n) => first(fitHistory(talks(20 + n), 2000)));
    expect(new Set(starts).size).toBeLessThanOrEqual(4);
    expect(new Set(starts).size).toBeGreaterThan(1);
  });

  it('is empty where there is no room', () => {
    expect(fitHistory(talks(3), 0)).toEqual([]);
    expect(fitHistory(talks(3), -500)).toEqual([]);
    expect(fitHistory([talk(1, 5000)], 1000)).toEqual([]);
  });
});

describe('the turn itself', () => {
  const turn = [...talk(1, 2000).messages, ...talk(2, 2000).messages];
  const lengths = (messages: readonly Message[]) =>
    messages.flatMap((message) => (message.role === 'tool' ? [message.text.length] : []));

  it('loses nothing while it fits', () => {
    expect(fitTurn(turn, 10_000)).toBe(turn);
  });

  it('has its oldest results shortened first, and no more of them than it takes', () => {
    const [old, recent] = lengths(fitTurn(turn, 3000));
    expect(old).toBeLessThan(1000);
    expect(recent).toBe(8000);
  });

  it('keeps every message, so that no call loses its result', () => {
    const fitted = fitTurn(turn, 100);
    expect(fitted.map((message) => message.role)).toEqual(turn.map((message) => message.role));
    expect(estimateTokens(fitted)).toBeLessThan(estimateTokens(turn) / 5);
  });

  it('never grows by being shortened', () => {
    const nearly = talk(1, 201).messages;
    expect(estimateTokens(fitTurn(nearly, 10))).toBeLessThanOrEqual(estimateTokens(nearly));
  });
});

describe('clip', () => {
  it('keeps head and tail and says how much is missing', () => {
    const text = `${'a'.repeat(500)}${'b'.repeat(500)}`;
    expect(clip(text, 100)).toBe(`${'a'.repeat(70)}\n[… 900 characters left out …]\n${'b'.repeat(30)}`);
  });

  it('keeps a text that is short enough', () => {
    expect(clip('short', 5)).toBe('short');
  });

  it.each([99, 100, 101, 102, 103])('cuts no character in two (%i)', (length) => {
    expect(clip('😀'.repeat(500), length).isWellFormed()).toBe(true);
  });
});
