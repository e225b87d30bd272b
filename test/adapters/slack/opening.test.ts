import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isToldHere } from '../../../adapters/slack/elsewhere.ts';
import { createPoster } from '../../../adapters/slack/poster.ts';
import { decodeThreadId, placeOf } from '../../../adapters/slack/thread-id.ts';
import type { Poster } from '../../../src/chat/adapter.ts';
import { calm, openParts, type Parts } from './parts.ts';

let at: Parts;
let poster: Poster;
let address: string;
beforeEach(async () => {
  at = await openParts();
  poster = createPoster({ api: at.api, done: () => [] });
  const { team = '', channel = '' } = decodeThreadId(at.post().threadId) ?? {};
  address = `slack:${team}:${channel}`;
});
afterEach(async () => await at.slack.close());

const opening = (reply = {}) => ({ ...at.post(reply), threadId: address });
const posts = () => at.slack.calls.filter((call) => call.method === 'chat.postMessage');

describe('a post that opens a thread', () => {
  it('stands in the channel itself, and names its thread', async () => {
    const ref = await poster.post(opening(), calm);
    const thread = poster.threadOf?.(ref) ?? '';
    expect(decodeThreadId(thread)).toMatchObject({ ts: ref.ts });
    expect(posts()[0]?.args).not.toHaveProperty('thread_ts');
    const message = at.slack.workspace.messages.find(({ ts }) => ts === ref.ts);
    expect(message).toMatchObject({ channel: at.channel, text: 'The answer.' });
    expect(message?.threadTs).toBeUndefined();
  });

  it('whose outcome is unknown is found in the channel, and not found where nothing was made', async () => {
    expect(await poster.find?.(opening(), calm)).toBeUndefined();
    at.slack.faults.add('chat.postMessage', { type: 'cut_after' });
    await expect(poster.post(opening(), calm)).rejects.toMatchObject({ outcome: 'unknown' });
    const found = await poster.find?.(opening(), calm);
    expect(found?.ts).toMatch(/^\d+\.\d+$/);
    expect(posts()).toHaveLength(1);
  });

  it('of several messages has the others below the first', async () => {
    const text = Array.from({ length: 9 }, (_unused, n) => `Part ${n}. ${'word '.repeat(500)}`).join('\n\n');
    const ref = await poster.post(opening({ text }), calm);
    const [first, ...others] = posts();
    expect(first?.args).not.toHaveProperty('thread_ts');
    expect(others.length).toBeGreaterThan(0);
    expect(others.every(({ args }) => args.thread_ts === ref.ts)).toBe(true);
  });
});

describe('a post to a person', () => {
  it('opens a thread in their direct messages, is found there, and can be restated', async () => {
    const bob = at.people.user('bob');
    const target = `slack:T1:${bob.id}`;
    expect(placeOf(target)).toEqual({ type: 'channel', address: target, only: target });
    const post = { ...at.post(), threadId: target };
    const ref = await poster.post(post, calm);
    const message = at.slack.workspace.messages.find(({ ts }) => ts === ref.ts);
    expect(at.slack.workspace.channels.get(message?.channel ?? '')).toMatchObject({
      isIm: true,
      user: bob.id,
    });
    expect(poster.threadOf?.(ref)).toBe(`slack:T1:${message?.channel}:${ref.ts}`);
    expect(await poster.find?.(post, calm)).toEqual(ref);
    await poster.restate?.(ref, { ...at.post({ text: 'It is over.' }), threadId: target }, calm);
    expect(message?.text).toBe('It is over.');
    expect(posts()).toHaveLength(1);
  });
});

describe('a restatement', () => {
  const words = (ts: string | undefined) =>
    at.slack.workspace.messages.find((known) => known.ts === ts)?.text;

  it('changes a message that opened a thread, and posts nothing', async () => {
    const ref = await poster.post(opening(), calm);
    await poster.restate?.(ref, opening({ text: 'It is over.' }), calm);
    expect(words(ref.ts)).toBe('It is over.');
    expect(posts()).toHaveLength(1);
    expect((await poster.find?.(opening(), calm))?.ts).toBe(ref.ts);
  });

  it('changes all messages of a long one', async () => {
    const long = (word: string) =>
      Array.from({ length: 9 }, (_unused, n) => `${word} ${n}. ${'word '.repeat(500)}`).join('\n\n');
    const ref = await poster.post(opening({ text: long('Part') }), calm);
    const count = posts().length;
    await poster.restate?.(ref, opening({ text: long('Piece') }), calm);
    expect(posts()).toHaveLength(count);
    const said = JSON.stringify(at.slack.workspace.messages.map(({ blocks }) => blocks));
    expect(said).not.toContain('Part 8.');
    for (let n = 0; n < 9; n += 1) expect(said.split(`Piece ${n}.`)).toHaveLength(2);
  });

  const standing = () =>
    at.slack.workspace.messages.filter(({ metadata, isDeleted }) => metadata !== undefined && !isDeleted);
  const long = (word: string, count: number) =>
    Array.from({ length: count }, (_unused, n) => `${word} ${n}. ${'word '.repeat(500)}`).join('\n\n');

  it('that is shorter deletes what is left over, and one that is longer again says that it is', async () => {
    const ref = await poster.post(opening({ text: long('Part', 13) }), calm);
    expect(standing()).toHaveLength(4);
    await poster.restate?.(ref, opening({ text: 'It is over.' }), calm);
    expect(standing().map(({ text }) => text)).toEqual(['It is over.']);
    await poster.restate?.(ref, opening({ text: long('Piece', 13) }), calm);
    expect(standing()).toHaveLength(1);
    expect(JSON.stringify(standing()[0]?.blocks)).toContain('the rest does not fit here');
    expect(at.slack.calls.filter(({ method }) => method === 'chat.postMessage')).toHaveLength(4);
  });

  it('of a post that was looked up goes on in the messages that follow it', async () => {
    await poster.post(opening({ text: long('Part', 13) }), calm);
    const ref = await poster.find?.(opening({ text: long('Part', 13) }), calm);
    const [, second] = standing();
    if (second !== undefined) second.isDeleted = true;
    await poster.restate?.(ref ?? {}, opening({ text: long('Piece', 9) }), calm);
    expect(standing()).toHaveLength(3);
    const said = JSON.stringify(standing().map(({ blocks }) => blocks));
    expect(said).not.toContain('Part');
    expect(said).not.toContain('does not fit');
    for (let n = 0; n < 9; n += 1) expect(said.split(`Piece ${n}.`)).toHaveLength(2);
  });

  it('of a message that is gone says that trying again does not help, and posts nothing', async () => {
    const ref = await poster.post(opening(), calm);
    const message = at.slack.workspace.messages.find(({ ts }) => ts === ref.ts);
    if (message !== undefined) message.isDeleted = true;
    await expect(poster.restate?.(ref, opening({ text: 'It is over.' }), calm)).rejects.toMatchObject({
      retryable: false,
    });
    expect(posts()).toHaveLength(1);
  });
});

describe('a target in Slack', () => {
  it('is where somebody clicks in it, before and after it has a thread', () => {
    const click = { team: 'T1', channel: 'C1', user: 'U1' };
    for (const here of ['slack:T1:C1', 'slack:T1:C1:1.2', 'slack:T1:U1'])
      expect(isToldHere(here, click)).toBe(true);
    for (const other of ['slack:T1:C2', 'slack:T1:C2:1.2', 'slack:T2:C1', 'slack:T1:U2', 'web:ann:1'])
      expect(isToldHere(other, click)).toBe(false);
  });

  it('is a channel or a thread, and nothing else', () => {
    expect(placeOf('slack:T1:C1')).toEqual({ type: 'channel', address: 'slack:T1:C1' });
    expect(placeOf('slack:T1:C1:1.2')).toEqual({ type: 'thread', threadId: 'slack:T1:C1:1.2' });
    for (const wrong of ['slack:T1', 'slack:T1:', 'teams:T1:C1', 'slack:T1:C1:1.2:3', 'slack:T1:C*'])
      expect(placeOf(wrong)).toBeUndefined();
  });
});
