import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPoster } from '../../../adapters/slack/poster.ts';
import { PostError, type Poster } from '../../../src/chat/adapter.ts';
import { recordingLog } from '../../fakes/recording-log.ts';
import { calm, openParts, type Parts } from './parts.ts';

let at: Parts;
let poster: Poster;
beforeEach(async () => {
  at = await openParts();
  poster = createPoster({ api: at.api, done: () => [] });
});
afterEach(async () => await at.slack.close());

const heard = () => at.people.heard({ channel: at.channel, thread: at.thread });
const callsOf = (method: string) => at.slack.calls.filter((call) => call.method === method);
const failure = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a post', () => {
  it('stands in the thread, names itself in its metadata, and has a text for notifications', async () => {
    await poster.post(at.post(), calm);
    expect(heard()).toHaveLength(1);
    expect(heard()[0]?.metadata).toEqual({
      event_type: 'ai_ops_reply',
      event_payload: { key: 'turn-1:0', part: 0 },
    });
    expect(heard()[0]?.text).toBe('The answer.');
  });

  it('of unknown outcome is found by its metadata, and not found where nothing was made', async () => {
    at.slack.faults.add('chat.postMessage', { type: 'cut_after' });
    const error = await failure(poster.post(at.post(), calm));
    expect(error).toBeInstanceOf(PostError);
    expect(error).toMatchObject({ outcome: 'unknown', retryable: true });
    expect(await poster.find?.(at.post(), calm)).toMatchObject({ ts: heard()[0]?.ts });
    expect(await poster.find?.(at.post({}, 'turn-2:0'), calm)).toBeUndefined();
    expect(heard()).toHaveLength(1);
  });

  it('of several messages is completed by the attempt after a cut, without doubling any', async () => {
    const text = Array.from({ length: 9 }, (_unused, n) => `Part ${n}. ${'word '.repeat(500)}`).join('\n\n');
    at.slack.faults.add('chat.postMessage', { type: 'slow' });
    at.slack.faults.add('chat.postMessage', { type: 'cut_before' });
    expect(await failure(poster.post(at.post({ text }), calm))).toMatchObject({ outcome: 'unknown' });
    await poster.find?.(at.post({ text }), calm);
    const said = heard()
      .flatMap((message) => message.blocks.map((block) => String(block.text ?? '')))
      .join('\n');
    for (let n = 0; n < 9; n += 1) expect(said.split(`Part ${n}.`)).toHaveLength(2);
    expect(heard().length).toBeGreaterThan(1);
  });

  it('whose blocks are refused goes out as plain text', async () => {
    at.slack.faults.add('chat.postMessage', { type: 'error', error: 'invalid_blocks' });
    await poster.post(at.post(), calm);
    expect(heard()).toHaveLength(1);
    expect(heard()[0]?.text).toBe('The answer.');
  });

  it('into a channel that is gone is not tried again', async () => {
    const gone = { ...at.post(), threadId: 'slack:T1:CGONE:1.2' };
    expect(await failure(poster.post(gone, calm))).toMatchObject({ outcome: 'refused', retryable: false });
  });

  it('ends soon after its signal', async () => {
    at.slack.faults.add('chat.postMessage', { type: 'slow', latencyMs: 5000 });
    const started = Date.now();
    expect(await failure(poster.post(at.post(), AbortSignal.timeout(100)))).toMatchObject({
      outcome: 'unknown',
    });
    expect(Date.now() - started).toBeLessThan(4000);
  });

  it('brings long code as a file, once', async () => {
    const text = `See:\n\`\`\`log\n${'a line of a long log\n'.repeat(400)}\`\`\``;
    await poster.post(at.post({ text }), calm);
    await poster.find?.(at.post({ text }), calm);
    const files = heard().flatMap((message) => message.files);
    expect(files).toHaveLength(1);
    expect(at.slack.workspace.files.get(files[0] ?? '')?.bytes.toString()).toContain('a line of a long log');
  });
});

describe('an edit', () => {
  it('replaces a message, also while it is still streamed', async () => {
    const asker = { recipient_team_id: 'T1', recipient_user_id: 'UALICE' };
    const { ts } = await at.api.call('T1', 'chat.startStream', {
      channel: at.channel,
      thread_ts: at.thread,
      ...asker,
    });
    await poster.edit({ team: 'T1', channel: at.channel, ts: String(ts) }, at.post(), calm);
    expect(heard()).toHaveLength(1);
    expect(heard()[0]).toMatchObject({ text: 'The answer.', streamed: '' });
  });

  it('of a message that is gone says that trying again does not help', async () => {
    const edit = poster.edit({ team: 'T1', channel: at.channel, ts: '1.2' }, at.post(), calm);
    expect(await failure(edit)).toMatchObject({ retryable: false });
  });
});

describe('limits and outages', () => {
  it('a 429 closes that channel’s lane for as long as Slack says, and no other', async () => {
    const other = at.people.channel('other', []);
    at.slack.faults.add('chat.postMessage', { type: 'rate_limit', seconds: 30 });
    expect(await failure(poster.post(at.post(), calm))).toMatchObject({
      outcome: 'refused',
      retryAfterMs: 30_000,
    });
    const again = await failure(poster.post(at.post(), calm));
    expect(again).toMatchObject({ outcome: 'refused', retryable: true });
    expect(callsOf('chat.postMessage')).toHaveLength(1);
    await at.api.call('T1', 'chat.postMessage', { channel: other, text: 'x' });
    at.slack.skip(30_000);
    await poster.post(at.post(), calm);
    expect(heard()).toHaveLength(1);
  });

  it('a revoked token stops the calls with one line in the log, and is tried again later', async () => {
    await at.slack.close();
    const { log, entries } = recordingLog();
    at = await openParts(log);
    poster = createPoster({ api: at.api, done: () => [] });
    at.slack.faults.isRevoked = true;
    for (let n = 0; n < 5; n += 1)
      expect(await failure(poster.post(at.post(), calm))).toMatchObject({
        outcome: 'refused',
        retryable: true,
      });
    expect(callsOf('chat.postMessage').length).toBeLessThanOrEqual(1);
    expect(entries.filter(([event]) => event === 'slack_token_refused')).toHaveLength(1);
    at.slack.faults.isRevoked = false;
    at.slack.skip(61_000);
    await poster.post(at.post(), calm);
    expect(heard()).toHaveLength(1);
  });
});
