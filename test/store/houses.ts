import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import type { Database } from '../../src/store/database.ts';
import { childEnv } from '../fakes/child-env.ts';

/** A script as npm runs it, in a process of its own. */
export interface ScriptRun {
  readonly child: ChildProcess;
  /** What it wrote so far. */
  readonly said: () => string;
  /** Its exit code, and everything it wrote. */
  readonly ended: Promise<{ readonly code: number | null; readonly said: string }>;
}

/** Runs `npm run export` or `npm run import` with these variables and no others but those of `childEnv`. */
export function runScript(
  name: 'export' | 'import',
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ScriptRun {
  const script = fileURLToPath(new URL(`../../scripts/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [script, ...args], {
    env: { ...childEnv(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const hear = (chunk: unknown) => {
    said += chunk;
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, said }));
  return { child, said: () => said, ended };
}

/** Hears of progress and keeps it to itself. */
export const silent = () => undefined;

/** A folder that `drop` removes. */
export async function openFolder() {
  const path = await mkdtemp(join(tmpdir(), 'ai-ops-house-'));
  return { path, drop: () => rm(path, { recursive: true, force: true }) };
}

/** Every row of every table, as text that loses nothing. */
export async function everything(db: Database): Promise<Readonly<Record<string, readonly string[]>>> {
  const { rows: tables } = await sql<{ name: string }>`
    select tablename as name from pg_tables
    where schemaname = 'public' and tablename not like 'kysely%' and tablename <> 'house_moves'
    order by 1`.execute(db);
  const entries: [string, readonly string[]][] = [];
  for (const { name } of tables) entries.push([name, await rowsIn(db, name)]);
  return Object.fromEntries(entries);
}

/** The rows of a table, in an order that every database agrees on. */
export async function rowsIn(db: Database, table: string): Promise<readonly string[]> {
  return await db.transaction().execute(async (trx) => {
    await sql`set local timezone = 'UTC'`.execute(trx);
    const { rows } = await sql<{ row: string }>`
      select to_jsonb(t)::text as row from ${sql.table(table)} t`.execute(trx);
    return rows.map(({ row }) => row).sort();
  });
}

/** Runs statements in one transaction. */
export async function run(db: Database, statements: readonly string[]): Promise<void> {
  await db.transaction().execute(async (trx) => {
    for (const statement of statements) await sql.raw(statement).execute(trx);
  });
}

/** A thread that a process works on, with a turn and a reply on its way. */
export async function addThread(db: Database, name: string): Promise<void> {
  const turn = randomUUID();
  await sql`insert into threads (thread_id, platform, started_by, owner, until, ready_at)
    values (${name}, 'web', 'web:ada', 'somebody', now() + interval '30 s', now())`.execute(db);
  await sql`insert into turns (id, thread_id, generation, state, asker, asker_name, question)
    values (${turn}, ${name}, 0, 'running', 'web:ada', 'Ada', 'Is it up?')`.execute(db);
  await sql`insert into outbox (thread_id, platform, turn_id, ordinal, reply, owner, until)
    values (${name}, 'web', ${turn}, 0, '{"text": "yes"}', 'somebody', now() + interval '30 s')`.execute(db);
}
