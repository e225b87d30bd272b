import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Kind, Runner } from '../../src/schedules/runner.ts';
import { createRunner } from '../../src/schedules/runner.ts';
import type { Database } from '../../src/store/database.ts';
import { scheduleStore } from '../../src/store/schedules.ts';
import { databases, type TestDatabase } from '../fakes/database.ts';
import { silentLog } from '../fakes/log.ts';
import { until } from './ops-stage.ts';

const at = (text: string) => Date.parse(text);

describe.each(Object.entries(databases))('schedules on %s', (_name, open) => {
  let database: TestDatabase;
  let db: Database;
  let now = 0;
  let ran: string[];

  beforeAll(async () => {
    database = await open();
    db = database.db;
  });
  afterAll(() => database.close());
  beforeEach(() => {
    ran = [];
  });
  afterEach(async () => {
    await sql`delete from schedules`.execute(db);
  });

  const work: Kind = async ({ schedule, fireAt }) => {
    ran.push(`${schedule.name} ${new Date(fireAt).toISOString().slice(0, 16)}`);
    return { state: 'done', summary: { success: true } };
  };

  function runner(kind: Kind = work, owner = 'one'): Runner {
    const kinds = { health_check: kind, clean_up: kind, report: kind, monitor: kind, prompt: kind };
    return createRunner({ store: scheduleStore(db), kinds, owner, log: silentLog, now: () => now });
  }

  interface Wanted {
    readonly cron: string;
    readonly armed: string;
    readonly timezone?: string;
    readonly missed?: 'run_once' | 'skip';
    readonly jitter?: number;
    readonly name?: string;
  }

  async function schedule({
    cron,
    armed,
    timezone = 'UTC',
    missed = 'run_once',
    jitter = 0,
    name = 'look',
  }: Wanted) {
    await sql`
      insert into schedules (name, kind, cron, timezone, missed_runs, jitter_seconds, armed_at)
      values (${name}, 'health_check', ${cron}, ${timezone}, ${missed}, ${jitter}, ${new Date(armed)})`.execute(
      db,
    );
  }

  async function move(to: string, ...runners: readonly Runner[]): Promise<void> {
    now = at(to);
    for (const one of runners) await one.look();
    for (const one of runners) await one.settled();
  }

  /** As if its process had said nothing for longer than its lease. */
  const forgetLease = () => sql`update schedule_runs set until = now() - interval '1 second'`.execute(db);

  async function history() {
    const { rows } = await sql<{ id: string }>`select id from schedules`.execute(db);
    const runs = await scheduleStore(db).history(rows[0]?.id ?? '', 50);
    return runs.map(
      ({ fireAt, trigger, state, missed }) => `${fireAt.slice(0, 16)} ${trigger} ${state} ${missed}`,
    );
  }

  it('run at their times, and not again before the next', async () => {
    await schedule({ cron: '*/5 * * * *', armed: '2026-01-01T00:00:00Z' });
    const one = runner();
    await move('2026-01-01T00:04:59Z', one);
    expect(ran).toEqual([]);
    await move('2026-01-01T00:05:00Z', one);
    await move('2026-01-01T00:05:01Z', one);
    await move('2026-01-01T00:09:59Z', one);
    expect(ran).toEqual(['look 2026-01-01T00:05']);
    await move('2026-01-01T00:10:00Z', one);
    expect(ran).toHaveLength(2);
  });

  it('run once over several processes, whichever comes first', async () => {
    await schedule({ cron: '* * * * *', armed: '2026-01-01T00:00:00Z' });
    const all = [runner(work, 'a'), runner(work, 'b'), runner(work, 'c')];
    for (let minute = 1; minute <= 5; minute += 1) {
      now = at('2026-01-01T00:00:00Z') + minute * 60_000;
      await Promise.all(all.map((one) => one.look()));
      await Promise.all(all.map((one) => one.settled()));
    }
    expect(ran.toSorted()).toEqual([1, 2, 3, 4, 5].map((minute) => `look 2026-01-01T00:0${minute}`));
  });

  it('keep their times beside one that nobody can read', async () => {
    await schedule({ name: 'a', cron: 'no cron at all', armed: '2026-01-01T00:00:00Z' });
    await schedule({ name: 'b', cron: '0 * * * *', timezone: 'Mars/Base', armed: '2026-01-01T00:00:00Z' });
    await schedule({ name: 'c', cron: '0 * * * *', armed: '2026-01-01T00:00:00Z' });
    await move('2026-01-01T01:00:00Z', runner());
    expect(ran).toEqual(['c 2026-01-01T01:00']);
  });

  it('that were missed run once, late, and say how many were missed', async () => {
    await schedule({ cron: '0 * * * *', armed: '2026-01-01T00:00:00Z' });
    await move('2026-01-01T05:30:00Z', runner());
    expect(ran).toEqual(['look 2026-01-01T05:00']);
    expect(await history()).toEqual(['2026-01-01T05:00 missed done 4']);
  });

  it('that were missed are left out and written down, where that is wanted', async () => {
    await schedule({ cron: '0 * * * *', armed: '2026-01-01T00:00:00Z', missed: 'skip' });
    const one = runner();
    await move('2026-01-01T05:30:00Z', one);
    expect(ran).toEqual([]);
    expect(await history()).toEqual(['2026-01-01T05:00 missed skipped 4']);
    await move('2026-01-01T06:00:02Z', one);
    expect(ran).toEqual(['look 2026-01-01T06:00']);
  });

  it('at a fixed hour run once on the days when clocks are changed', async () => {
    await schedule({ cron: '30 2 * * *', armed: '2026-03-28T12:00:00Z', timezone: 'Europe/Berlin' });
    const one = runner();
    for (let minute = 0; minute < 24 * 60; minute += 15) {
      now = at('2026-03-28T12:00:00Z') + minute * 60_000;
      await one.look();
      await one.settled();
    }
    expect(ran).toEqual(['look 2026-03-29T01:30']);
    await sql`update schedules set armed_at = ${new Date('2026-10-24T12:00:00Z')}`.execute(db);
    ran = [];
    for (let minute = 0; minute < 24 * 60; minute += 15) {
      now = at('2026-10-24T12:00:00Z') + minute * 60_000;
      await one.look();
      await one.settled();
    }
    expect(ran).toEqual(['look 2026-10-25T00:30']);
  });

  it('come later by chance, by the same in every process, and never twice', async () => {
    await schedule({ cron: '0 * * * *', armed: '2026-01-01T00:00:00Z', jitter: 600 });
    const [one, two] = [runner(work, 'a'), runner(work, 'b')];
    let late = -1;
    for (let second = 0; second <= 600; second += 10) {
      now = at('2026-01-01T01:00:00Z') + second * 1000;
      await Promise.all([one.look(), two.look()]);
      await Promise.all([one.settled(), two.settled()]);
      if (late < 0 && ran.length > 0) late = second;
    }
    expect(ran).toEqual(['look 2026-01-01T01:00']);
    expect(late).toBeGreaterThan(0);
  });

  it('do not run beside themselves: the tick is skipped', async () => {
    await schedule({ cron: '* * * * *', armed: '2026-01-01T00:00:00Z' });
    const gate = Promise.withResolvers<void>();
    const slow = runner(async (run, signal) => {
      await gate.promise;
      return await work(run, signal);
    });
    now = at('2026-01-01T00:01:00Z');
    await slow.look();
    now = at('2026-01-01T00:02:00Z');
    await slow.look();
    gate.resolve();
    await slow.settled();
    expect((await history()).toSorted()).toEqual([
      '2026-01-01T00:01 time done 0',
      '2026-01-01T00:02 time skipped 0',
    ]);
  });

  it('begin anew when they are switched on again or get other times: nothing was missed', async () => {
    await schedule({ cron: '0 * * * *', armed: '2026-01-01T00:00:00Z' });
    await sql`update schedules set is_enabled = false`.execute(db);
    await move('2026-01-02T00:30:00Z', runner());
    expect(ran).toEqual([]);
    await sql`update schedules set is_enabled = true`.execute(db);
    const { rows } = await sql<{ fresh: boolean }>`
      select armed_at > now() - interval '1 minute' as fresh from schedules`.execute(db);
    expect(rows).toEqual([{ fresh: true }]);
  });

  it('whose process died are run by another one, once its lease is over', async () => {
    await schedule({ cron: '* * * * *', armed: '2026-01-01T00:00:00Z' });
    const dead = runner(() => new Promise(() => {}), 'dead');
    now = at('2026-01-01T00:01:00Z');
    await dead.look();
    const early = runner(work, 'early');
    await early.look();
    await early.settled();
    expect(ran).toEqual([]);
    await forgetLease();
    const heir = runner(work, 'heir');
    await heir.look();
    await heir.settled();
    expect(ran).toEqual(['look 2026-01-01T00:01']);
    expect(await history()).toEqual(['2026-01-01T00:01 time done 0']);
  });

  it('whose process stops are run by another one at once', async () => {
    await schedule({ cron: '* * * * *', armed: '2026-01-01T00:00:00Z' });
    now = at('2026-01-01T00:01:00Z');
    const leaving = runner(
      (_run, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      'leaving',
    );
    await leaving.look();
    await leaving.stop();
    await move('2026-01-01T00:01:01Z', runner(work, 'heir'));
    expect(ran).toEqual(['look 2026-01-01T00:01']);
  });

  it('that need no model never wait for those that do, nor are these taken over in their place', async () => {
    const at9 = { cron: '0 9 * * *', armed: '2026-01-01T00:00:00Z', missed: 'skip' } as const;
    for (const n of [1, 2, 3, 4, 5]) await schedule({ ...at9, name: `asks ${n}` });
    await sql`update schedules set kind = 'report', checks = '[{"question":"Is it up?"}]'`.execute(db);
    await schedule({ name: 'health', cron: '*/5 9 * * *', armed: '2026-01-01T00:00:00Z', missed: 'skip' });
    const answered = Promise.withResolvers<void>();
    const asks: Kind = async (run, signal) => {
      await answered.promise;
      return await work(run, signal);
    };
    const openHealth = async () => {
      const { rows } = await sql<{ n: number }>`
        select count(*)::int as n from schedule_runs r join schedules s on s.id = r.schedule_id
        where s.kind = 'health_check' and r.state = 'running'`.execute(db);
      return rows[0]?.n;
    };
    const kinds = { health_check: work, clean_up: work, report: asks, monitor: work, prompt: work };
    const one = createRunner({
      store: scheduleStore(db),
      kinds,
      owner: 'one',
      log: silentLog,
      now: () => now,
    });
    for (const minute of ['00', '05', '10']) {
      now = at(`2026-01-01T09:${minute}:00Z`);
      await one.look();
      await until(() => ran.includes(`health 2026-01-01T09:${minute}`));
      await until(async () => (await openHealth()) === 0);
    }
    const left = await sql<{ n: number }>`
      update schedule_runs set until = now() - interval '1 second' where state = 'running' returning 1 as n`.execute(
      db,
    );
    expect(left.rows).toHaveLength(4);
    expect(await scheduleStore(db).takeOver({ owner: 'other', leaseMs: 1000 }, ['plain'])).toBeUndefined();
    expect(await scheduleStore(db).takeOver({ owner: 'other', leaseMs: 1000 }, ['asking'])).toBeDefined();
    answered.resolve();
    await one.settled();
    expect(ran.filter((name) => name.startsWith('health'))).toHaveLength(3);
  });

  it('whose every process dies are given up', async () => {
    await schedule({ cron: '* * * * *', armed: '2026-01-01T00:00:00Z' });
    now = at('2026-01-01T00:01:00Z');
    await runner(() => new Promise(() => {}), 'dead').look();
    await sql`update schedule_runs set attempts = 3`.execute(db);
    await forgetLease();
    const heir = runner(work, 'heir');
    await heir.look();
    await heir.settled();
    expect(await history()).toEqual(['2026-01-01T00:01 time failed 0']);
    expect(ran).toEqual([]);
  });

  it('that were taken over store nothing of the first process', async () => {
    await schedule({ cron: '* * * * *', armed: '2026-01-01T00:00:00Z' });
    const gate = Promise.withResolvers<void>();
    now = at('2026-01-01T00:01:00Z');
    const slow = runner(async () => {
      await gate.promise;
      return { state: 'done', summary: { by: 'slow' } };
    }, 'slow');
    await slow.look();
    await forgetLease();
    const heir = runner(async () => ({ state: 'done', summary: { by: 'heir' } }), 'heir');
    await heir.look();
    await heir.settled();
    expect((await history())[0]).toContain('done');
    gate.resolve();
    await slow.settled();
    const { rows } = await sql<{ summary: unknown }>`select summary from schedule_runs`.execute(db);
    expect(rows).toEqual([{ summary: { by: 'heir' } }]);
  });

  it('that fail say why, and run at the next time', async () => {
    await schedule({ cron: '* * * * *', armed: '2026-01-01T00:00:00Z' });
    const failing = runner(async () => {
      throw new Error('The disk is full.');
    });
    await move('2026-01-01T00:01:00Z', failing);
    await move('2026-01-01T00:02:00Z', failing);
    const { rows } = await sql<{
      error: string;
      state: string;
    }>`select error, state from schedule_runs`.execute(db);
    expect(rows).toEqual([
      { error: 'The disk is full.', state: 'failed' },
      { error: 'The disk is full.', state: 'failed' },
    ]);
  });

  it('run when somebody wishes, beside their times, but not beside themselves', async () => {
    await schedule({ cron: '0 * * * *', armed: '2026-01-01T00:00:00Z' });
    const { rows } = await sql<{ id: string }>`select id from schedules`.execute(db);
    const id = rows[0]?.id ?? '';
    const gate = Promise.withResolvers<void>();
    const slow = runner(async (run, signal) => {
      await gate.promise;
      return await work(run, signal);
    });
    const ada = { author: { principal: 'web:ada', name: 'Ada' }, source: 'rest' };
    expect(await slow.run(id, ada)).toBeDefined();
    expect(await slow.run(id, ada)).toBeUndefined();
    gate.resolve();
    await slow.settled();
    await move('2026-01-01T01:00:00Z', runner());
    expect(ran).toHaveLength(2);
  });

  it('that come with the bot come once, and stay away when they were deleted', async () => {
    const store = scheduleStore(db);
    const brought = { name: 'Brought', description: '', kind: 'health_check', cron: '0 * * * *' } as const;
    await store.furnish([brought]);
    await sql`update schedules set cron = '5 * * * *'`.execute(db);
    await store.furnish([brought]);
    expect((await sql`select name, cron from schedules`.execute(db)).rows).toEqual([
      { name: 'Brought', cron: '5 * * * *' },
    ]);
    await sql`delete from schedules`.execute(db);
    await store.furnish([brought]);
    expect((await sql`select name from schedules`.execute(db)).rows).toEqual([]);
  });
});
