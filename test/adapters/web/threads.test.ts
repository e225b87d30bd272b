import { afterEach, describe, expect, it } from 'vitest';
import type { Script } from './script.ts';
import { until } from './until.ts';
import { createWorld, type WorldOptions } from './world.ts';

const script: Script = (text) => {
  if (text === 'hold') return [{ say: 'Working…' }, { hold: true }, { say: 'Done.' }];
  if (text === 'change') {
    return [
      { ask: 'host__restart', arguments: {} },
      { tool: 'host__restart', arguments: {}, result: 'ok' },
      { say: 'Restarted.' },
    ];
  }
  return [{ say: `You said: ${text}` }];
};

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function world(options: Partial<WorldOptions> = {}) {
  const made = await createWorld({ script, ...options });
  open.push(made.close);
  return made;
}

describe('a thread', () => {
  it('can be read with its messages and its newest turn', async () => {
    const { call } = await world();
    await call('POST', 'chat/', { message: 'hi', thread_id: 't:1' });
    const { status, json } = await call('GET', 'chat/t:1/');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      thread_id: 't:1',
      messages: [
        { role: 'user', text: 'hi', name: 'Alice', turn_id: 'turn-1' },
        { role: 'assistant', kind: 'answer', text: 'You said: hi', footer: expect.any(String) },
      ],
      turn: { turn_id: 'turn-1', status: 'done', approvals: [] },
    });
  });

  it('is its caller’s own: another caller’s thread of the same name is another thread', async () => {
    const { call } = await world();
    await call('POST', 'chat/', { message: 'mine', thread_id: 't' });
    const bob = { authorization: 'Token bob' };
    expect((await call('GET', 'chat/t/', undefined, bob)).status).toBe(404);
    expect((await call('DELETE', 'chat/t/', undefined, bob)).status).toBe(404);
    expect((await call('GET', 'chat/', undefined, bob)).json).toEqual({ threads: [] });
    expect((await call('GET', 'chat/t')).status).toBe(200);
  });

  it('appears in the list by its first words', async () => {
    const { call } = await world();
    await call('POST', 'chat/', { message: 'first', thread_id: 'a' });
    await call('POST', 'chat/', { message: 'second', thread_id: 'b' });
    expect((await call('GET', 'chat')).json).toMatchObject({
      threads: [
        { thread_id: 'b', title: 'second', status: 'done' },
        { thread_id: 'a', title: 'first', status: 'done', updated_at: expect.any(String) },
      ],
    });
  });

  it('can be cleared once', async () => {
    const { call } = await world();
    await call('POST', 'chat/', { message: 'hi', thread_id: 't' });
    expect((await call('DELETE', 'chat/t/')).status).toBe(204);
    expect((await call('GET', 'chat/t/')).status).toBe(404);
    expect((await call('DELETE', 'chat/t/')).status).toBe(404);
  });

  it('with a malformed name is not found', async () => {
    const { call } = await world();
    expect((await call('GET', 'chat/a%2Fb/')).status).toBe(404);
    expect((await call('GET', `chat/${'x'.repeat(129)}/`)).json).toMatchObject({ code: 'not_found' });
  });

  it('stops when asked, and says when there was nothing to stop', async () => {
    const { call } = await world();
    const asked = call('POST', 'chat/', { message: 'hold', thread_id: 't' });
    await until(async () => (await call('GET', 'chat/t/')).json.turn !== undefined);
    expect((await call('POST', 'chat/t/stop/')).json).toEqual({ stopped: true });
    const answer = await asked;
    expect([answer.status, answer.json.status, answer.json.response]).toEqual([
      200,
      'stopped',
      'Stopped by Alice.',
    ]);
    expect((await call('POST', 'chat/t/stop')).json).toEqual({ stopped: false });
    expect((await call('POST', 'chat/never-seen/stop/')).status).toBe(404);
  });
});

describe('the events of a thread', () => {
  it('begin with what its running turn has shown so far, then follow', async () => {
    const { call, stream, bot } = await world();
    const asked = call('POST', 'chat/', { message: 'hold', thread_id: 't' });
    await until(async () => JSON.stringify((await call('GET', 'chat/t/')).json).includes('Working…'));
    const seen: string[] = [];
    for await (const { event, data } of live(stream('GET', 'chat/t/events/'))) {
      if (event === 'text') seen.push(data.text);
      if (event === 'text' && seen.length === 1) bot.release();
      if (event === 'final') break;
    }
    expect(seen.join('')).toBe('Working…Done.');
    await asked;
  });

  it.each([
    ['here', false],
    ['on another replica', true],
  ])('tell of a turn that runs %s, in a thread that did not exist yet', async (_where, isRemote) => {
    const { call, stream } = await world({ isRemote });
    const events: string[] = [];
    const told = (async () => {
      for await (const { event, data } of live(stream('GET', 'chat/new/events/'))) {
        events.push(event === 'turn' || event === 'final' ? `${event} ${data.status}` : event);
        if (event === 'final') return data;
      }
      return undefined;
    })();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await call('POST', 'chat/', { message: 'hi', thread_id: 'new' });
    expect(await told).toMatchObject({ status: 'done', response: 'You said: hi', thread_id: 'new' });
    expect(events[0]).toMatch(/^turn (queued|running)$/);
    expect(events).toContain('text');
  });

  it('tell of questions, decisions and what follows', async () => {
    const { call, stream } = await world();
    await call('POST', 'chat/', { message: 'change', thread_id: 't' });
    const story: string[] = [];
    for await (const { event, data } of live(stream('GET', 'chat/t/events/'))) {
      if (event === 'approval') story.push(data.approval.state);
      else if (event === 'final') story.push(data.status);
      else story.push(event);
      if (event === 'final' && data.status === 'waiting') {
        await call('POST', `approvals/${data.approval_ids?.[0]}/`, { decision: 'approve' });
      }
      if (event === 'final' && data.status === 'done') break;
    }
    expect(story.slice(0, 3)).toEqual(['turn', 'pending', 'waiting']);
    expect(story.slice(3)).toEqual(
      expect.arrayContaining(['approved', 'tool_start', 'tool_end', 'text', 'done']),
    );
  });

  it('end when the session is taken away', async () => {
    const { gate, host } = await world({ keepAliveMs: 20 });
    await fetch(`${host.url}/console/sign-in?token=${gate.invite('Eve')}`, { redirect: 'manual' });
    const [session = ''] = gate.sessions();
    const cookie = `ai_ops_session=${encodeURIComponent(session)}`;
    const answer = await fetch(`${host.url}/plugins/ai-ops/api/chat/t/events/`, { headers: { cookie } });
    gate.revoke(session);
    expect(await answer.text()).not.toContain('event:');
  });

  it('end with a word when the bot stops', async () => {
    const { stream, adapter } = await world({ keepAliveMs: 10 });
    const events: Streamed[] = [];
    for await (const event of stream('GET', 'chat/t/events/')) {
      if (events.length === 0) await adapter.stop?.();
      events.push(event);
    }
    expect(events.at(-1)).toMatchObject({ event: 'error', data: { code: 'unavailable' } });
  });

  it('leave nothing behind', async () => {
    const { stream, bot } = await world({ keepAliveMs: 10 });
    const leaving = new AbortController();
    for await (const { event } of stream('GET', 'chat/t/events/', undefined, leaving.signal)) {
      if (event === 'comment') break;
    }
    leaving.abort();
    await until(() => bot.waiting() === 0);
  });
});

type Streamed = Awaited<ReturnType<typeof createWorld>>['stream'] extends (
  ...args: never[]
) => AsyncIterable<infer E>
  ? E
  : never;

/** Events without the comments that break silence. */
async function* live(events: AsyncIterable<Streamed>) {
  for await (const event of events) if (event.event !== 'comment') yield event;
}
