import { afterEach, describe, expect, it } from 'vitest';
import { BusyError, UnavailableError } from '../../../src/chat/errors.ts';
import type { Script } from './script.ts';
import { until } from './until.ts';
import { collect, createWorld, type WorldOptions } from './world.ts';

const SCRIPTS: Readonly<Record<string, ReturnType<Script>>> = {
  hello: [{ say: 'Hello there.' }],
  disk: [
    { say: 'Let me look.' },
    { tool: 'host__disk', arguments: { path: '/' }, result: '42% used' },
    { say: 'The disk is fine.' },
  ],
  restart: [{ say: 'Wrong wor' }, { restart: 'the model was overloaded' }, { say: 'Right words.' }],
  change: [
    { ask: 'host__restart', arguments: { unit: 'nginx' } },
    { tool: 'host__restart', arguments: { unit: 'nginx' }, result: 'ok' },
    { say: 'Restarted.' },
  ],
  break: [{ fail: 'The model is down.', code: 'overloaded' }],
  late: [{ fail: 'The model took too long.', code: 'timeout' }],
  hold: [{ say: 'Working…' }, { hold: true }, { say: 'Done after all.' }],
};

const script: Script = (text) => SCRIPTS[text] ?? [{ say: `You said: ${text}` }];

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function world(options: Partial<WorldOptions> = {}) {
  const made = await createWorld({ script, ...options });
  open.push(made.close);
  return made;
}

describe('a chat request', () => {
  it('answers with the end of its turn', async () => {
    const { call } = await world();
    const answer = await call('POST', 'chat/', { message: 'hello', thread_id: 'mine' });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({
      response: 'Hello there.',
      thread_id: 'mine',
      turn_id: 'turn-1',
      status: 'done',
    });
  });

  it('works without the trailing slash and without a thread', async () => {
    const { call } = await world();
    const { status, json } = await call('POST', 'chat', { message: 'hello' });
    expect(status).toBe(200);
    expect(json.thread_id).toMatch(/^[0-9a-f-]{36}$/);
    const next = await call('POST', 'chat', { message: 'more', thread_id: json.thread_id });
    expect(next.json.thread_id).toBe(json.thread_id);
  });

  it.each([
    ['a turn of this replica', false],
    ['a turn of another replica', true],
  ])('waits for a pause in %s, and names the open approvals', async (_name, isRemote) => {
    const { call } = await world({ isRemote });
    const answer = await call('POST', 'chat/', { message: 'change' });
    expect(answer.status).toBe(202);
    expect(answer.json).toMatchObject({ status: 'waiting', approval_ids: ['approval-2'] });
  });

  it('answers 502 for a failed turn and 504 for one that ran out of time', async () => {
    const { call } = await world();
    const failed = await call('POST', 'chat/', { message: 'break' });
    expect(failed.status).toBe(502);
    expect(failed.json).toMatchObject({
      status: 'failed',
      response: 'The model is down.',
      detail: 'The model is down.',
      code: 'overloaded',
      reference_id: failed.json.turn_id,
    });
    expect((await call('POST', 'chat/', { message: 'late' })).status).toBe(504);
  });

  it('reads stored state once for a turn that runs here', async () => {
    const { call, bot } = await world();
    await call('POST', 'chat/', { message: 'disk' });
    expect(bot.reads()).toEqual({ turnOf: 1, conversation: 0 });
  });

  it('is told when its thread is cleared meanwhile', async () => {
    const { bot, call, stream } = await world();
    const asked = call('POST', 'chat/', { message: 'hold', thread_id: 'a' });
    const streamed = collect(stream('POST', 'chat/', { message: 'hold', thread_id: 'b' }));
    for (const id of ['a', 'b']) {
      await until(async () => (await call('GET', `chat/${id}/`)).json.turn !== undefined);
      await call('DELETE', `chat/${id}/`);
    }
    bot.release();
    expect((await asked).json).toMatchObject({ code: 'cleared' });
    expect((await streamed).at(-1)).toMatchObject({ event: 'error', data: { code: 'cleared' } });
  });

  it('leaves nobody waiting', async () => {
    const { call, bot } = await world();
    await call('POST', 'chat/', { message: 'disk' });
    expect(bot.waiting()).toBe(0);
  });

  it('that steers a running turn gets that turn’s answer', async () => {
    const { call } = await world();
    const first = call('POST', 'chat/', { message: 'hold', thread_id: 't' });
    await until(async () => (await call('GET', 'chat/t/')).json.turn !== undefined);
    const second = await call('POST', 'chat/', { message: 'also this', thread_id: 't' });
    expect(second.json).toEqual((await first).json);
    expect(second.json.response).toBe('Done after all.');
  });
});

describe('an idempotency key', () => {
  const key = { 'idempotency-key': 'deploy-7' };

  it('makes a repeated request the same turn', async () => {
    const { call, bot } = await world();
    const first = await call('POST', 'chat/', { message: 'hello' }, key);
    const again = await call('POST', 'chat/', '{ "message" : "hello" }', key);
    expect(again.status).toBe(200);
    expect(again.json).toEqual(first.json);
    expect(bot.received).toHaveLength(1);
  });

  it('with another body is a conflict', async () => {
    const { call } = await world();
    await call('POST', 'chat/', { message: 'hello' }, key);
    const other = await call('POST', 'chat/', { message: 'goodbye' }, key);
    expect(other.status).toBe(409);
    expect(other.json).toMatchObject({ code: 'idempotency_conflict', reference_id: expect.any(String) });
  });

  it('of one caller is not another’s', async () => {
    const { call, bot } = await world();
    await call('POST', 'chat/', { message: 'hello' }, key);
    await call('POST', 'chat/', { message: 'goodbye' }, { ...key, authorization: 'Token bob' });
    expect(bot.received).toHaveLength(2);
  });
});

describe('a chat stream', () => {
  it.each([
    ['on this replica', false],
    ['on another replica', true],
  ])('tells a turn %s: words, tool calls, end', async (_name, isRemote) => {
    const { stream } = await world({ isRemote });
    const events = await collect(stream('POST', 'chat/', { message: 'disk', thread_id: 't' }));
    const names = events
      .map(({ event }) => event)
      .filter((name, index, all) => index === 0 || (name !== 'turn' && name !== all[index - 1]));
    expect(names).toEqual(['turn', 'text', 'tool_start', 'tool_end', 'text', 'final']);
    expect(events[0]).toEqual({
      event: 'turn',
      data: { turn_id: 'turn-1', thread_id: 't', status: 'queued' },
    });
    expect(wordsOf(events)).toBe('Let me look.The disk is fine.');
    expect(events.find(({ event }) => event === 'tool_start')).toMatchObject({
      data: { turn_id: 'turn-1', call_id: 'call-2', tool: 'host__disk', arguments: '{\n  "path": "/"\n}' },
    });
    expect(events.find(({ event }) => event === 'tool_end')).toMatchObject({
      data: { call_id: 'call-2', ok: true, duration_ms: 1, summary: '42% used' },
    });
    expect(events.at(-1)).toMatchObject({
      event: 'final',
      data: { status: 'done', response: 'The disk is fine.', footer: expect.stringContaining('fake-1') },
    });
  });

  it('voids shown words by a restart', async () => {
    const { stream } = await world();
    const events = await collect(stream('POST', 'chat/', { message: 'restart' }));
    const at = events.findIndex(({ event }) => event === 'restart');
    expect(wordsOf(events.slice(0, at))).toBe('Wrong wor');
    expect(wordsOf(events.slice(at))).toBe('Right words.');
  });

  it('ends at a pause with its questions, from stored state', async () => {
    const { stream } = await world();
    const events = await collect(stream('POST', 'chat/', { message: 'change' }));
    expect(events.at(-2)).toMatchObject({
      event: 'approval',
      data: {
        approval: {
          id: 'approval-2',
          tool: 'host__restart',
          effect: 'write',
          state: 'pending',
          asked_by: 'Alice',
        },
      },
    });
    expect(events.at(-1)).toMatchObject({
      event: 'final',
      data: { status: 'waiting', approval_ids: ['approval-2'] },
    });
  });

  it('joins small pieces of text', async () => {
    const { stream } = await world({});
    const words = 'word '.repeat(200);
    const events = await collect(stream('POST', 'chat/', { message: words }));
    expect(wordsOf(events)).toBe(`You said: ${words}`);
    expect(events.filter(({ event }) => event === 'text').length).toBeLessThan(5);
  });

  it('refuses before it begins, with the status of the refusal', async () => {
    const { call } = await world();
    const refused = await call('POST', 'chat/', { message: '' }, { accept: 'text/event-stream' });
    expect(refused.status).toBe(400);
    expect(refused.json).toEqual({ message: ['The message may not be blank.'] });
  });

  it('stays open through silence, and leaves nobody waiting when the client goes', async () => {
    const { stream, bot } = await world({ keepAliveMs: 20 });
    const leaving = new AbortController();
    const events = stream('POST', 'chat/', { message: 'hold' }, leaving.signal);
    let comments = 0;
    for await (const { event } of events) if (event === 'comment' && ++comments === 2) break;
    leaving.abort();
    await until(() => bot.waiting() === 0);
    bot.release();
  });

  it('ends when the adapter stops', async () => {
    const { stream, adapter } = await world();
    const events = collect(stream('POST', 'chat/', { message: 'hold' }));
    setTimeout(() => void adapter.stop?.(), 50);
    expect((await events).some(({ event }) => event === 'final')).toBe(false);
  });
});

describe('refusals', () => {
  it('name the problem, a stable code, and a reference that is in the log', async () => {
    const { call, logged } = await world();
    const refused = await call('POST', 'chat/', 'not json');
    expect(refused.status).toBe(400);
    expect(refused.json).toEqual({
      detail: 'The body is not valid JSON.',
      code: 'bad_json',
      reference_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(logged.map(({ fields }) => fields.reference_id)).toContain(refused.json.reference_id);
  });

  it('tell strangers how to authenticate', async () => {
    const { call } = await world();
    const refused = await call('POST', 'chat/', { message: 'hello' }, { authorization: 'Token nobody' });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe('Token');
  });

  it('keep out those without the permission to chat', async () => {
    const { call } = await world();
    const mute = { authorization: 'Token mute' };
    expect((await call('POST', 'chat/', { message: 'hello' }, mute)).json).toMatchObject({
      code: 'forbidden',
    });
    for (const path of ['chat/', 'chat/t/', 'chat/t/events/'])
      expect((await call('GET', path, undefined, mute)).status).toBe(403);
    expect((await call('POST', 'approvals/x/', { decision: 'approve' }, mute)).status).toBe(403);
  });

  it('say when to come back', async () => {
    const { call, bot } = await world();
    bot.failNext(new BusyError('Too many turns at once.', 7));
    const busy = await call('POST', 'chat/', { message: 'hello' });
    expect([busy.status, busy.headers.get('retry-after'), busy.json.code]).toEqual([429, '7', 'busy']);
    bot.failNext(new UnavailableError('The database does not answer.'));
    const unavailable = await call('POST', 'chat/', { message: 'hello' });
    expect([unavailable.status, unavailable.headers.get('retry-after')]).toEqual([503, '1']);
  });

  it('include bodies beyond what a message and its files need', async () => {
    const { call } = await world();
    expect((await call('POST', 'chat/', { message: 'x'.repeat(22_100_000) })).status).toBe(413);
  });
});

function wordsOf(events: readonly { readonly event: string; readonly data?: unknown }[]): string {
  return events.map(({ event, data }) => (event === 'text' && isText(data) ? data.text : '')).join('');
}

function isText(data: unknown): data is { readonly text: string } {
  return typeof data === 'object' && data !== null && 'text' in data;
}
