import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPace } from '../../../adapters/slack/pace.ts';
import { openPreview } from '../../../adapters/slack/preview.ts';
import type { MessageRef, PreviewTarget } from '../../../src/chat/adapter.ts';
import type { Preview } from '../../../src/chat/live.ts';
import { until } from '../../bot/stage.ts';
import { silentLog } from '../../fakes/log.ts';
import { openParts, type Parts } from './parts.ts';

let at: Parts;
let refs: MessageRef[];
beforeEach(async () => {
  at = await openParts();
  refs = [];
});
afterEach(async () => await at.slack.close());

const heard = () => at.people.heard({ channel: at.channel, thread: at.thread });
const calls = (method: string) => at.slack.calls.filter((call) => call.method === method);

function open(more: Partial<PreviewTarget> = {}): Preview {
  const target = { ...at.target(async (ref) => void refs.push(ref)), ...more };
  return openPreview(target, {
    api: at.api,
    pace: createPace(at.clock),
    clock: at.clock,
    log: silentLog,
    ran: () => {},
  });
}

async function shows(text: string): Promise<void> {
  await until(() =>
    heard().some((message) => (message.streamed || JSON.stringify(message.blocks)).includes(text)),
  );
}

describe('a preview', () => {
  it('says at once that the bot works, with lines to read meanwhile', async () => {
    const preview = open();
    preview.show({ type: 'started', activation: 'start' });
    const session = () => at.slack.workspace.sessions.get(`${at.channel}:${at.thread}`)?.status;
    await until(() => calls('assistant.threads.setStatus').length > 0 && session() === 'processing');
    await preview.close();
    expect(at.slack.workspace.statuses.size).toBe(0);
  });

  it('streams text and tools, and stores its message before any text follows', async () => {
    const preview = open();
    preview.show({ type: 'started', activation: 'start' });
    preview.show({ type: 'tool_start', callId: 'c1', tool: 'host__disk', arguments: '{}' });
    preview.show({ type: 'text', text: 'The disk ' });
    await shows('The disk');
    preview.show({
      type: 'tool_end',
      callId: 'c1',
      tool: 'host__disk',
      ok: true,
      durationMs: 5,
      summary: '91 %',
    });
    preview.show({ type: 'text', text: 'is full.' });
    await preview.drain?.();
    await preview.close();
    expect(refs).toHaveLength(1);
    expect(heard()).toHaveLength(1);
    expect(heard()[0]?.streamed).toBe('The disk is full.');
    expect(heard()[0]?.chunks.map((chunk) => chunk.status ?? chunk.title)).toEqual([
      expect.stringMatching(/^Running /),
      'in_progress',
      'Used one tool',
      'complete',
    ]);
    const first = calls('chat.appendStream')[0]?.at ?? 0;
    expect(calls('chat.startStream')[0]?.args.markdown_text).toBeUndefined();
    expect(first).toBeGreaterThan(0);
  });

  it('shows a plan as tasks that are ticked off in place, in the stream and once it is over', async () => {
    const preview = open();
    const step = (text: string, status: 'pending' | 'in_progress' | 'completed') => ({ text, status });
    preview.show({ type: 'plan', steps: [step('Look <!here>', 'in_progress'), step('Mend', 'pending')] });
    await until(() => heard()[0]?.chunks.length === 3);
    preview.show({ type: 'plan', steps: [step('Look <!here>', 'completed')] });
    await until(() => heard()[0]?.chunks.length === 6);
    expect(heard()[0]?.chunks.map(({ id, title, status }) => [id, title, status].filter(Boolean))).toEqual([
      ['0 of 2 steps done'],
      ['plan-0', expect.not.stringContaining('<!here>'), 'in_progress'],
      ['plan-1', 'Mend', 'pending'],
      ['1 of 1 step done'],
      ['plan-0', expect.stringContaining('Look'), 'complete'],
      ['plan-1', 'No longer planned: Mend', 'complete'],
    ]);
    preview.show({ type: 'restart', reason: 'again' });
    preview.show({ type: 'text', text: 'Looked.' });
    await until(() => JSON.stringify(heard()[0]?.blocks).includes('Looked.'));
    expect(JSON.stringify(heard()[0]?.blocks)).toContain('✅ Look');
    expect(JSON.stringify(heard()[0]?.blocks)).not.toContain('Mend');
    await preview.close();
  });

  it('goes on in the same message when Slack ended the stream, with nothing lost or doubled', async () => {
    const preview = open();
    preview.show({ type: 'text', text: 'One. ' });
    await shows('One.');
    at.slack.skip(5 * 60_000 + 1000);
    at.slack.faults.add('chat.stopStream', { type: 'error', error: 'message_not_in_streaming_state' });
    preview.show({ type: 'text', text: 'Two.' });
    await shows('One. Two.');
    expect(heard()).toHaveLength(1);
    await preview.drain?.();
    await preview.close();
  });

  it('takes the whole text again when nobody knows whether a piece arrived', async () => {
    const preview = open();
    preview.show({ type: 'text', text: 'One. ' });
    await shows('One.');
    at.slack.faults.add('chat.appendStream', { type: 'cut_after' });
    preview.show({ type: 'text', text: 'Two.' });
    await until(() => JSON.stringify(heard()[0]?.blocks).includes('One. Two.'));
    expect(JSON.stringify(heard()[0]?.blocks).split('Two.')).toHaveLength(2);
    await preview.close();
  });

  it('replaces what was shown after a restart', async () => {
    const preview = open();
    preview.show({ type: 'text', text: 'Wrong.' });
    await shows('Wrong.');
    preview.show({ type: 'restart', reason: 'fallback' });
    preview.show({ type: 'text', text: 'Right.' });
    await shows('Right.');
    expect(JSON.stringify(heard()[0])).not.toContain('"streamed":"Wrong');
    expect(heard()).toHaveLength(1);
    await preview.close();
  });

  it('posts and updates where streams are refused', async () => {
    at.slack.faults.add('chat.startStream', { type: 'error', error: 'not_allowed_token_type' });
    const preview = open();
    preview.show({ type: 'text', text: 'Shown all the same.' });
    await shows('Shown all the same.');
    expect(heard()[0]?.metadata?.event_type).toBe('ai_ops_preview');
    await preview.close();
  });

  it('finds the message of a process that was killed before it could say so', async () => {
    await at.api.call('T1', 'chat.startStream', {
      channel: at.channel,
      thread_ts: at.thread,
      recipient_team_id: 'T1',
      recipient_user_id: 'UALICE',
    });
    const orphan = heard()[0]?.ts;
    const preview = open();
    preview.show({ type: 'started', activation: 'take-over' });
    preview.show({ type: 'text', text: 'Taken over.' });
    await shows('Taken over.');
    expect(heard()).toHaveLength(1);
    expect(refs.map((ref) => ref.ts)).toEqual([orphan]);
    await preview.close();
  });

  it('never streams the beginning of a ping that the next piece would complete', async () => {
    const preview = open();
    preview.show({ type: 'text', text: 'Look <!chan' });
    await shows('Look');
    expect(heard()[0]?.streamed).toBe('Look ');
    preview.show({ type: 'text', text: 'nel> now.' });
    await preview.drain?.();
    await preview.close();
    expect(heard()[0]?.streamed).not.toContain('<!channel>');
    expect(heard()[0]?.streamed).toContain('now.');
  });
});

describe('the pace', () => {
  it('gathers for longer the more threads are answered at once', () => {
    const pace = createPace(at.clock);
    pace.enter('T1');
    expect(pace.gatherMs('T1', 'stream')).toBeLessThan(1000);
    for (let n = 0; n < 49; n += 1) pace.enter('T1');
    expect((50 * 60_000) / pace.gatherMs('T1', 'stream')).toBeLessThanOrEqual(100);
  });

  it('starts no more streams a minute than Slack allows, and then again', () => {
    const pace = createPace(at.clock);
    const started = Array.from({ length: 30 }, () => pace.mayStream('T1')).filter(Boolean);
    expect(started.length).toBeLessThan(20);
    at.slack.skip(60_000);
    expect(pace.mayStream('T1')).toBe(true);
  });
});
