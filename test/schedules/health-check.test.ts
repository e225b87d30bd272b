import { describe, expect, it } from 'vitest';
import { checkHealth, type HealthCheckParts } from '../../src/schedules/health-check.ts';
import type { Outage, ServerState } from '../../src/schedules/port.ts';

const now = Date.parse('2026-11-21T08:00:00Z');
const never = new AbortController().signal;

/** Told of 19 s ago, in this thread. */
function outage(id: string, standing: Outage['standing'], threadId = 'fake:thread'): Outage {
  const since = new Date(now - 19_000);
  return { serverId: id, name: id, since, noticeId: 'n', threadId, standing, lastError: 'No answer.' };
}

/** Servers whose answers a test writes down, one for each time that they are asked; the last one stays. */
function stage(
  servers: Readonly<
    Record<string, { stored: boolean; answers: readonly (boolean | 'throws' | 'gone')[]; told?: string }>
  >,
  leftOver: readonly Outage[] = [],
) {
  const asked = new Map<string, number>();
  const stored = new Map(Object.entries(servers).map(([id, { stored: healthy }]) => [id, healthy]));
  const pauses: number[] = [];
  let [busy, most, cleared] = [0, 0, 0];
  const parts: HealthCheckParts = {
    servers: async () =>
      Object.entries(servers).map(
        ([id]): ServerState => ({
          id,
          name: id,
          isHealthy: stored.get(id) ?? false,
          isChecked: true,
          lastError: 'It does not answer.',
        }),
      ),
    outages: async () => [
      ...Object.entries(servers).flatMap(([id, { told }]) =>
        told === undefined ? [] : [outage(id, stored.get(id) === true ? 'back' : 'down', told)],
      ),
      ...leftOver,
    ],
    now: () => now,
    async check(id) {
      const n = asked.get(id) ?? 0;
      asked.set(id, n + 1);
      busy += 1;
      most = Math.max(most, busy);
      await new Promise((resolve) => setImmediate(resolve));
      busy -= 1;
      const { answers = [] } = servers[id] ?? {};
      const answer = answers[Math.min(n, answers.length - 1)];
      if (answer === 'throws') throw new Error('broken');
      if (answer === 'gone' || answer === undefined) return undefined;
      return { healthy: answer, message: '', details: '', url: '', latencyMs: 1 };
    },
    async note(id, found) {
      stored.set(id, found.healthy);
    },
    async clearCaches() {
      cleared += 1;
      return 3;
    },
    async pause(ms) {
      pauses.push(ms);
    },
    opsSpot: () => ({
      platform: 'fake',
      place: { type: 'channel', address: 'fake:channel-ops' },
      isPosted: true,
    }),
    spotOfThread: (threadId) => ({ platform: 'fake', place: { type: 'thread', threadId }, isPosted: true }),
  };
  return { parts, asked, stored, pauses, most: () => most, cleared: () => cleared };
}

describe('the health check', () => {
  it('asks once where nothing has changed', async () => {
    const world = stage({ up: { stored: true, answers: [true] }, down: { stored: false, answers: [false] } });
    const { summary } = await checkHealth(world.parts, never);
    expect(summary).toEqual({
      success: true,
      checked_count: 2,
      changed_count: 0,
      failed_count: 0,
      cache_cleared: false,
      worker_count: 2,
    });
    expect([...world.asked.values()]).toEqual([1, 1]);
    expect(world.pauses).toEqual([]);
    expect(world.cleared()).toBe(0);
  });

  it.each([
    { was: true, answers: [false, false, false], is: false },
    { was: true, answers: [false, true, false], is: false },
    { was: true, answers: [false, true, true], is: true },
    { was: false, answers: [true, true, false], is: true },
    { was: false, answers: [true, false, false], is: false },
  ])(
    'of a server that was healthy: $was and answers $answers says healthy: $is',
    async ({ was, answers, is }) => {
      const world = stage({ one: { stored: was, answers } });
      const { summary } = await checkHealth(world.parts, never);
      expect(world.stored.get('one')).toBe(is);
      expect(summary).toMatchObject({ changed_count: was === is ? 0 : 1, cache_cleared: was !== is });
      expect(world.pauses).toEqual([5000, 5000]);
      expect(world.asked.get('one')).toBe(3);
      expect(world.cleared()).toBe(was === is ? 0 : 1);
    },
  );

  it('asks four at a time', async () => {
    const world = stage(
      Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`s${n}`, { stored: true, answers: [true] }])),
    );
    const { summary } = await checkHealth(world.parts, never);
    expect(summary).toMatchObject({ checked_count: 9, worker_count: 4 });
    expect(world.most()).toBe(4);
  });

  it('goes on when a check breaks or a server is deleted meanwhile, and counts both', async () => {
    const world = stage({
      broken: { stored: true, answers: ['throws'] },
      gone: { stored: true, answers: [false, 'gone', 'gone'] },
      well: { stored: true, answers: [true] },
    });
    const { summary } = await checkHealth(world.parts, never);
    expect(summary).toMatchObject({ checked_count: 3, failed_count: 2, changed_count: 0 });
  });

  it('says nothing and does nothing without servers', async () => {
    expect(await checkHealth(stage({}).parts, never)).toMatchObject({
      summary: { checked_count: 0, worker_count: 0 },
      notices: [],
    });
  });

  it('tells people of all that went down in one notice, and of none that they know of', async () => {
    const world = stage({
      a: { stored: true, answers: [false] },
      b: { stored: true, answers: [false] },
      known: { stored: false, answers: [false], told: 'fake:thread' },
    });
    const { notices = [], down = [], back } = await checkHealth(world.parts, never);
    expect(notices).toHaveLength(1);
    expect(notices[0]?.reply.text).toContain('2 MCP servers are down');
    expect(notices[0]?.reply.text).not.toContain('known');
    expect(down.map(({ serverId }) => serverId)).toEqual(['a', 'b']);
    expect(new Set(down.map(({ noticeId }) => noticeId))).toEqual(new Set([notices[0]?.id]));
    expect(back).toEqual([]);
  });

  it('tells of the recovery in the thread that told of the outage', async () => {
    const world = stage({ a: { stored: false, answers: [true], told: 'fake:thread' } });
    const { notices = [], back } = await checkHealth(world.parts, never);
    expect(notices.map(({ place }) => place)).toEqual([{ type: 'thread', threadId: 'fake:thread' }]);
    expect(notices[0]?.reply.text).toBe(
      '🟢 **`a` answers again**, down for less than a minute. The tools are offered again.',
    );
    expect(back).toEqual(['a']);
  });

  it('says at the head of the thread, and in its title, how the outage ended', async () => {
    const world = stage({ a: { stored: false, answers: [true], told: 'fake:thread' } });
    const { restated } = await checkHealth(world.parts, never);
    expect(restated).toEqual([
      {
        noticeId: 'n',
        title: '🟢 MCP server a answers again',
        text: expect.stringMatching(/^🟢 \*\*`a` answers again\*\*.*\n\n_Until Sat 21 Nov, 08:00 UTC\._$/),
      },
    ]);
  });

  it('keeps in the title what of several is still down', async () => {
    const world = stage({
      a: { stored: false, answers: [true], told: 'fake:thread' },
      b: { stored: false, answers: [false], told: 'fake:thread' },
    });
    const { restated = [], notices = [], back } = await checkHealth(world.parts, never);
    expect(restated).toMatchObject([{ noticeId: 'n', title: 'MCP server b is down' }]);
    expect(restated[0]?.text).toContain('`a` answers again');
    expect(notices).toHaveLength(1);
    expect(back).toEqual(['a']);
  });

  it.each([
    ['deleted', '⚪ MCP server gone was deleted'],
    ['disabled', '⚪ MCP server gone was switched off'],
    ['vulnerable', '⚪ MCP server gone is held to be Vulnerable now'],
  ] as const)('ends the thread of a server that is %s', async (standing, title) => {
    const world = stage({}, [outage('gone', standing)]);
    const { restated, notices = [], back } = await checkHealth(world.parts, never);
    expect(restated).toMatchObject([{ noticeId: 'n', title }]);
    expect(notices.map(({ place }) => place)).toEqual([{ type: 'thread', threadId: 'fake:thread' }]);
    expect(back).toEqual(['gone']);
  });

  it('opens no thread for the end of what has none yet: the post that waits says it', async () => {
    const { threadId: _none, ...waiting } = outage('a', 'back');
    const { notices, restated, back } = await checkHealth(stage({}, [waiting]).parts, never);
    expect({ notices, back }).toEqual({ notices: [], back: ['a'] });
    expect(restated).toHaveLength(1);
  });

  it('ends when its process must', async () => {
    const leaving = AbortSignal.abort(new Error('leaving'));
    const world = stage({ a: { stored: true, answers: [true] } });
    await expect(checkHealth(world.parts, leaving)).rejects.toThrow('leaving');
  });
});
