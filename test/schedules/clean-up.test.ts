import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { settingsSchema } from '../../src/resources/settings.ts';
import { cleanUp } from '../../src/schedules/clean-up.ts';
import type { CleanUp } from '../../src/schedules/port.ts';
import { seal, verify } from '../../src/store/audit-seals.ts';
import { cleanUpStore } from '../../src/store/clean-up.ts';
import type { Database } from '../../src/store/database.ts';
import { databases, type TestDatabase } from '../fakes/database.ts';

const never = new AbortController().signal;
const days = (n: number) => `${n * 24 * 60} minutes`;

describe.each(Object.entries(databases))('clean-up on %s', (_name, open) => {
  let database: TestDatabase;
  let db: Database;
  let forgotten: string[];

  beforeAll(async () => {
    database = await open();
    db = database.db;
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    forgotten = [];
    await sql`truncate threads, inbox_events, dedupe_keys, turns, steps, approvals, checkpoints, outbox, usage,
      kept_results, message_files, schedules, schedule_runs, web_sessions, concerns`.execute(db);
  });

  const clean = async (what: CleanUp) =>
    (
      await cleanUp(
        what,
        {
          store: cleanUpStore(db),
          keeping: async () => settingsSchema.parse({ chat_session_ttl_minutes: 60 }),
          async forget(threadId) {
            forgotten.push(threadId);
          },
        },
        never,
      )
    ).summary;

  const count = async (table: string) =>
    (await sql<{ n: number }>`select count(*)::int as n from ${sql.table(table)}`.execute(db)).rows[0]?.n;

  /** A thread with a turn that ended so long ago, or that is still open. */
  async function thread(id: string, ago: string, state = 'done'): Promise<string> {
    const turnId = randomUUID();
    const ended = state === 'done' ? sql`now() - ${ago}::interval` : sql`null`;
    await sql`insert into threads (thread_id, platform, started_by, seq, head, head_at, updated_at)
      values (${id}, 'web', 'web:ada', 1, 'c1', now() - ${ago}::interval, now() - ${ago}::interval)`.execute(
      db,
    );
    await sql`insert into turns (id, thread_id, generation, state, asker, asker_name, question, ended_at)
      values (${turnId}::uuid, ${id}, 0, ${state}, 'web:ada', 'Ada', 'hello', ${ended})`.execute(db);
    await sql`insert into inbox_events (thread_id, seq, type, turn_id, author, payload, state, received_at)
      values (${id}, 1, 'message', ${turnId}::uuid, 'web:ada', '{}', 'handled', now() - ${ago}::interval)`.execute(
      db,
    );
    await sql`insert into dedupe_keys (key, thread_id, seq, created_at)
      values (${`key ${id}`}, ${id}, 1, now() - ${ago}::interval)`.execute(db);
    await sql`insert into steps (turn_id, n, type, payload) values (${turnId}::uuid, 0, 'model', '{}')`.execute(
      db,
    );
    await sql`insert into checkpoints (thread_id, id, tokens, messages) values (${id}, 'c1', 1, '[]')`.execute(
      db,
    );
    await sql`insert into outbox (thread_id, platform, turn_id, ordinal, reply, state, created_at)
      values (${id}, 'web', ${turnId}::uuid, 0, '{}', 'sent', now() - ${ago}::interval)`.execute(db);
    await sql`insert into usage (at, turn_id, thread_id, principal, model, input_tokens, output_tokens,
      cache_read_tokens, cache_write_tokens, reasoning_tokens, duration_ms)
      values (now() - ${ago}::interval, ${turnId}::uuid, ${id}, 'web:ada', 'm', 1, 1, 0, 0, 0, 1)`.execute(
      db,
    );
    return turnId;
  }

  it('forgets conversations that are over, 30 s after their time, and no others', async () => {
    await thread('web:a:old', '61 minutes');
    await thread('web:a:just', '60 minutes 20 seconds');
    await thread('web:a:fresh', '1 minute');
    await thread('web:a:waiting', '2 days', 'waiting');
    expect(await clean('sessions')).toEqual({
      success: true,
      processed_count: 1,
      deleted_count: 1,
      ttl_minutes: 60,
    });
    expect(forgotten).toEqual(['web:a:old']);
    expect(await count('checkpoints')).toBe(3);
    expect(await count('turns')).toBe(4);
    expect(await clean('sessions')).toMatchObject({ deleted_count: 0 });
  });

  it('leaves a conversation alone that somebody works on', async () => {
    await thread('web:a:busy', '2 days');
    await sql`update threads set owner = 'p', until = now() + interval '1 minute'`.execute(db);
    expect(await clean('sessions')).toMatchObject({ deleted_count: 0 });
  });

  it('forgets checkpoints beyond their retention', async () => {
    await thread('web:a:old', days(8));
    await thread('web:a:newer', days(6));
    expect(await clean('checkpoints')).toEqual({
      success: true,
      processed_count: 1,
      deleted_count: 1,
      limited_count: 0,
      retention_days: 7,
    });
  });

  it('removes old events, replies and keys, and keeps what can still be read', async () => {
    await thread('web:a:old', days(15));
    await thread('web:a:newer', days(13));
    expect(await clean('records')).toMatchObject({
      dedupe_keys: 1,
      events: 1,
      replies: 1,
      turns: 0,
      threads: 0,
    });
    expect(await count('turns')).toBe(2);
    expect(await count('steps')).toBe(2);
  });

  it('keeps the event of a turn that waits for people, however old', async () => {
    await thread('web:a:waiting', days(100), 'waiting');
    expect(await clean('records')).toMatchObject({ events: 0, turns: 0 });
  });

  it('removes whole conversations beyond their retention, with all that hangs on them', async () => {
    await thread('web:a:old', days(181));
    await thread('web:a:newer', days(170));
    await clean('checkpoints');
    expect(await clean('records')).toMatchObject({ turns: 1, threads: 1 });
    expect(await count('threads')).toBe(1);
    expect(await count('steps')).toBe(1);
    expect(await count('usage')).toBe(2);
  });

  it('knows what needs attention, and where it was posted, for as long as the turn that told of it', async () => {
    const [old, unresolved, resolved] = [
      await thread('web:a:old', days(181)),
      await thread('web:a:unresolved', days(20)),
      await thread('web:a:resolved', days(20)),
    ];
    for (const [id, state] of [
      [old, 'open'],
      [unresolved, 'acknowledged'],
      [resolved, 'resolved'],
    ])
      await sql`insert into concerns (id, subject, state, created)
        values (${id}::uuid, 'alert:1', ${state}, now() - interval '181 days')`.execute(db);
    await clean('checkpoints');
    expect(await clean('records')).toMatchObject({ turns: 1, concerns: 1, replies: 1 });
    expect(await clean('records')).toMatchObject({ concerns: 0, replies: 1 });
    expect(await count('concerns')).toBe(2);
    const { rows } = await sql<{ turn_id: string }>`select turn_id from outbox`.execute(db);
    expect(rows.map((row) => row.turn_id)).toEqual([unresolved]);
  });

  it('removes old alerts that are resolved, and keeps what fires and what was told of with it', async () => {
    await sql`truncate alert_routes cascade`.execute(db);
    await sql`insert into alert_routes (name, format) values ('r', 'json')`.execute(db);
    const group = async (key: string, state: string, ago: string, storm: string | null = null) => {
      const { rows } = await sql<{ id: string }>`
        insert into alert_groups (route_id, key, title, severity, state, opened_at, last_at, storm_id)
        select id, ${key}, ${key}, 'info', ${state}, now() - ${ago}::interval, now() - ${ago}::interval, ${storm}::uuid
        from alert_routes returning id`.execute(db);
      const id = rows[0]?.id ?? '';
      await sql`insert into alerts (route_id, fingerprint, group_id, status, alert, fired_at, last_at)
        select id, ${key}, ${id}::uuid, ${state}, '{}', now(), now() from alert_routes`.execute(db);
      return id;
    };
    await group('old', 'resolved', days(400));
    await group('new', 'resolved', days(1));
    const storm = await group('storm', 'resolved', days(400));
    await group('firing', 'firing', days(400), storm);
    expect(await clean('records')).toMatchObject({ alerts: 1 });
    expect(await count('alert_groups')).toBe(3);
    expect(await count('alerts')).toBe(3);
  });

  it('keeps a thread that people made quiet', async () => {
    await thread('web:a:quiet', days(181));
    await sql`update threads set is_quiet = true`.execute(db);
    await clean('checkpoints');
    expect(await clean('records')).toMatchObject({ turns: 1, threads: 0 });
  });

  it('removes usage beyond its retention', async () => {
    await thread('web:a:old', days(731));
    expect(await clean('records')).toMatchObject({ usage: 1 });
  });

  it('removes old runs, but never the last, nor the last that the next report needs', async () => {
    await sql`insert into schedules (name, kind, cron) values ('s', 'report', '0 * * * *')`.execute(db);
    for (const [age, data] of [
      [100, null],
      [99, '{}'],
      [98, null],
      [97, null],
    ] as const)
      await sql`insert into schedule_runs (schedule_id, fire_at, trigger, state, started_at, data)
        select id, now() - ${days(age)}::interval, 'time', 'done', now() - ${days(age)}::interval, ${data}::jsonb
        from schedules`.execute(db);
    expect(await clean('records')).toMatchObject({ runs: 2 });
    expect(await clean('records')).toMatchObject({ runs: 0 });
  });

  it('works in batches until nothing is left', async () => {
    await sql`insert into web_sessions (session_hash, principal, name, expires_at)
      select 's' || n, 'web:a', 'Ada', now() - interval '1 hour' from generate_series(1, 1201) n`.execute(db);
    await sql`insert into web_sessions values ('fresh', 'web:a', 'Ada', now() + interval '1 hour')`.execute(
      db,
    );
    expect(await clean('records')).toMatchObject({ expired: 1201 });
    expect(await count('web_sessions')).toBe(1);
  });

  it('prunes the audit log by whole seals from its beginning, and the chain still holds', async () => {
    const write = async (ago: string, n: number) => {
      await sql`insert into audit_log (at, actor, action, target)
        select now() - ${ago}::interval, 'web:ada', 'x.y', 't' from generate_series(1, ${n}::int)`.execute(
        db,
      );
      await db.transaction().execute((trx) => seal(trx, 0));
    };
    await write(days(800), 3);
    await write(days(790), 2);
    await write(days(10), 4);
    await write(days(795), 1);
    expect(await clean('records')).toMatchObject({ audit: 5 });
    expect(await verify(db)).toMatchObject({ ok: true, seals: 4, pruned: 2, rows: 5 });
    expect(await clean('records')).toMatchObject({ audit: 0 });
  });
});
