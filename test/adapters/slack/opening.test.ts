import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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

describe('a target in Slack', () => {
  it('is a channel or a thread, and nothing else', () => {
    expect(placeOf('slack:T1:C1')).toEqual({ type: 'channel', address: 'slack:T1:C1' });
    expect(placeOf('slack:T1:C1:1.2')).toEqual({ type: 'thread', threadId: 'slack:T1:C1:1.2' });
    for (const wrong of ['slack:T1', 'slack:T1:', 'teams:T1:C1', 'slack:T1:C1:1.2:3', 'slack:T1:C*'])
      expect(placeOf(wrong)).toBeUndefined();
  });
});
