import { describe, expect, it } from 'vitest';
import type { Message } from '../../../adapters/web/client/api.ts';
import { coalesce } from '../../../adapters/web/client/coalesce.ts';
import { afterEvent, type LiveTurn } from '../../../adapters/web/client/live.ts';
import { activeTurn, EMPTY_THREAD, threadReducer } from '../../../adapters/web/client/thread-state.ts';
import { timeline } from '../../../adapters/web/client/timeline.ts';
import type { ChatEvent } from '../../../adapters/web/events.ts';

const turn_id = 'turn-1';
const text = (words: string): ChatEvent => ({ event: 'text', data: { turn_id, text: words } });
const toolStart: ChatEvent = {
  event: 'tool_start',
  data: { turn_id, call_id: 'c1', tool: 'host__disk', arguments: '{}' },
};
const toolEnd: ChatEvent = {
  event: 'tool_end',
  data: { turn_id, call_id: 'c1', tool: 'host__disk', ok: true, duration_ms: 5, summary: '42%' },
};
const final: ChatEvent = {
  event: 'final',
  data: { turn_id, thread_id: 't', status: 'done', response: 'All fine.' },
};

const live = (...events: readonly ChatEvent[]) =>
  events.reduce<LiveTurn | undefined>((turn, event) => afterEvent(turn, event), undefined);

const user: Message = { role: 'user', turn_id, at: '', text: 'disk?', name: 'Ada' };
const answer = (words: string): Message => ({
  role: 'assistant',
  turn_id,
  at: '',
  text: words,
  kind: 'answer',
});
const runningTool: Message = {
  role: 'tool',
  turn_id,
  at: '',
  call_id: 'c1',
  tool: 'host__disk',
  arguments: '{}',
  status: 'running',
  text: '',
};

describe('the live turn', () => {
  it('grows by words and tool calls in their order', () => {
    expect(live(text('Let '), text('me look.'), toolStart, toolEnd, text('Fine.'))?.parts).toMatchObject([
      { kind: 'text', text: 'Let me look.' },
      { kind: 'tool', status: 'ok', text: '42%', durationMs: 5 },
      { kind: 'text', text: 'Fine.' },
    ]);
  });

  it('loses its words, not its tool calls, by a restart', () => {
    const restart: ChatEvent = { event: 'restart', data: { turn_id, reason: '' } };
    expect(live(text('Wrong'), toolStart, restart, text('Right'))?.parts).toMatchObject([
      { kind: 'tool' },
      { kind: 'text', text: 'Right' },
    ]);
  });
});

describe('the timeline', () => {
  it('shows nothing twice that is both stored and live', () => {
    const entries = timeline({
      messages: [user, answer('Let me look.'), runningTool],
      live: live(text('Let me look.'), toolStart, toolEnd, text('All f')),
      activeTurnId: turn_id,
    });
    expect(entries.map(({ kind }) => kind)).toEqual(['user', 'assistant', 'tool', 'streaming']);
    expect(entries[2]).toMatchObject({ tool: { status: 'ok', text: '42%' } });
    expect(entries[3]).toMatchObject({ text: 'All f' });
  });

  it('keeps two equal sentences of which one is stored', () => {
    const entries = timeline({
      messages: [user, answer('Again.')],
      live: live(text('Again.'), toolStart, text('Again.')),
      activeTurnId: turn_id,
    });
    expect(entries.map(({ kind }) => kind)).toEqual(['user', 'assistant', 'tool', 'streaming']);
  });

  it('does not let a tool call of an ended turn seem to run', () => {
    const [entry] = timeline({ messages: [runningTool], live: undefined, activeTurnId: undefined });
    expect(entry).toMatchObject({ tool: { status: 'unfinished' } });
    const [running] = timeline({ messages: [runningTool], live: undefined, activeTurnId: turn_id });
    expect(running).toMatchObject({ tool: { status: 'running' } });
  });

  it('shows a tool call that waits for approval as waiting, until it runs', () => {
    const messages: readonly Message[] = [{ ...runningTool, status: 'waiting' }];
    const [waiting] = timeline({ messages, live: undefined, activeTurnId: undefined });
    expect(waiting).toMatchObject({ tool: { status: 'waiting' } });
    const [begun] = timeline({ messages, live: live(toolStart), activeTurnId: turn_id });
    expect(begun).toMatchObject({ tool: { status: 'running' } });
  });
});

describe('the thread', () => {
  const told = (state: typeof EMPTY_THREAD, event: ChatEvent) =>
    threadReducer(state, { type: 'event', event });

  it('works from the first event of a turn to its final one', () => {
    const running = told(EMPTY_THREAD, text('All'));
    expect(activeTurn(running)).toBe(turn_id);
    expect(activeTurn(told(running, final))).toBeUndefined();
  });

  it('shows live words until stored ones take their place', () => {
    const ended = told(told(EMPTY_THREAD, text('All fine.')), final);
    expect(ended.live?.parts).toHaveLength(1);
    const conversation = {
      thread_id: 't',
      messages: [user, answer('All fine.')],
      turn: { turn_id, status: 'done' },
    } as const;
    const read = threadReducer(ended, { type: 'read', conversation });
    expect(read.live).toBeUndefined();
    expect(read.messages).toHaveLength(2);
  });

  it('shows a message once, whether its storing or its sending is heard of first', () => {
    const sending = threadReducer(EMPTY_THREAD, { type: 'sending', key: 'k', text: 'disk?', files: [] });
    const conversation = { thread_id: 't', messages: [user], turn: null };
    expect(threadReducer(sending, { type: 'read', conversation }).outgoing).toEqual([]);
    const other = { ...conversation, messages: [{ ...user, text: 'other' }] };
    expect(threadReducer(sending, { type: 'read', conversation: other }).outgoing).toHaveLength(1);
  });

  it('keeps a message that could not be sent', () => {
    const sending = threadReducer(EMPTY_THREAD, { type: 'sending', key: 'k', text: 'hi', files: [] });
    const unsent = threadReducer(sending, { type: 'unsent', key: 'k', error: 'No network.' });
    expect(unsent.outgoing).toEqual([{ key: 'k', text: 'hi', files: [], after: 0, error: 'No network.' }]);
    expect(threadReducer(unsent, { type: 'sent', key: 'k' }).outgoing).toEqual([]);
  });
});

describe('coalesced calls', () => {
  it('run one at a time, and once more for all that came meanwhile', async () => {
    const runs: PromiseWithResolvers<void>[] = [];
    const call = coalesce(() => {
      const run = Promise.withResolvers<void>();
      runs.push(run);
      return run.promise;
    });
    const calls = [call(), call(), call()];
    expect(runs).toHaveLength(1);
    runs[0]?.resolve();
    await calls[0];
    await new Promise((resolve) => setImmediate(resolve));
    expect(runs).toHaveLength(2);
    runs[1]?.resolve();
    await Promise.all(calls);
    expect(runs).toHaveLength(2);
  });
});

describe('a plan', () => {
  const write = (...statuses: readonly string[]) => ({
    tool: 'write_todos',
    arguments: JSON.stringify({
      todos: statuses.map((status, at) => ({ content: `Step ${at}`, status })),
    }),
  });
  const stored = (call_id: string, call: { tool: string; arguments: string }): Message => ({
    ...{ role: 'tool', turn_id, at: '', call_id, status: 'ok', text: 'written' },
    ...call,
  });
  const plan: ChatEvent = {
    event: 'plan',
    data: { turn_id, steps: [{ text: 'Step 0', status: 'completed' }] },
  };
  const kinds = (entries: ReturnType<typeof timeline>) =>
    entries.map((entry) =>
      entry.kind === 'plan' ? `plan ${entry.steps[0]?.status} ${entry.isOver}` : entry.kind,
    );

  it('stands once in a turn that is over, as it was written last', () => {
    const messages = [
      user,
      stored('a', write('pending')),
      runningTool,
      stored('b', write('completed')),
      answer('Done.'),
    ];
    expect(kinds(timeline({ messages, live: undefined, activeTurnId: undefined }))).toEqual([
      'user',
      'tool',
      'plan completed true',
      'assistant',
    ]);
  });

  it('stands at the end of a turn that runs, as the stream tells it or its calls do', () => {
    const messages = [user, stored('a', write('pending'))];
    expect(kinds(timeline({ messages, live: live(plan), activeTurnId: turn_id }))).toEqual([
      'user',
      'plan completed false',
    ]);
    const told = live({ event: 'tool_start', data: { turn_id, call_id: 'a', ...write('in_progress') } });
    expect(kinds(timeline({ messages: [user], live: told, activeTurnId: turn_id }))).toEqual([
      'user',
      'plan in_progress false',
    ]);
  });

  it('is a tool call like others where it is none', () => {
    const messages = [user, stored('a', { tool: 'write_todos', arguments: '{"todos":[{"content":1}]}' })];
    expect(kinds(timeline({ messages, live: undefined, activeTurnId: undefined }))).toEqual(['user', 'tool']);
  });
});
