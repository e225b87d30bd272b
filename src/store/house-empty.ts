import { type RawBuilder, sql } from 'kysely';
import type { Executor, OpenDatabase } from './database.ts';
import { isThere, type Table } from './house-catalog.ts';
import { HouseError } from './house-file.ts';
import { channel } from './signals.ts';

/** What migrations and a first start put there: those rows, as long as nobody has touched them. */
const startTables = [
  ...['config_version', 'statuses', 'system_prompts', 'middleware_types', 'settings', 'roles', 'grants'],
  ...['llm_providers', 'llm_models', 'mcp_servers', 'schedules'],
];

/** Threads that nobody wrote in: a first start brings a report. */
const untouched = sql`select thread_id from threads
  where thread_id like 'web:channel^%3Aops:%' escape '^'
    and not exists (select from inbox_events where inbox_events.thread_id = threads.thread_id)`;

/** What lives in other tables after a first start; every change that an admin makes leaves an audit entry. */
const signsOfLife: Readonly<Record<string, RawBuilder<unknown>>> = {
  web_sign_ins: sql`false`,
  web_sign_in_starts: sql`false`,
  audit_log: sql`source not in ('bootstrap', 'environment', 'bot')`,
  audit_seals: sql`pruned_at is not null`,
  furnished_schedules: sql`false`,
  tool_pins: sql`decided_by is not null and decided_by not like 'system:%'`,
  schedule_runs: sql`trigger = 'manual'`,
  steps: sql`turn_id in (select id from turns where thread_id not in (${untouched}))`,
  server_outages: sql`false`,
  shared_values: sql`false`,
};

/** The first table that shows that the house was lived in; undefined for one just built. */
export async function findLife(db: Executor, tables: readonly Table[]): Promise<string | undefined> {
  for (const table of tables) {
    const { rows } = await sql<{ isLived: boolean }>`
      select exists (select from ${sql.table(table.name)} where ${signOfLife(table)}) as "isLived"`.execute(
      db,
    );
    if (rows[0]?.isLived === true) return table.name;
  }
  return undefined;
}

function signOfLife({ name, columns }: Table): RawBuilder<unknown> {
  if (!startTables.includes(name)) {
    if (signsOfLife[name] !== undefined) return signsOfLife[name];
    return columns.some((own) => own.name === 'thread_id')
      ? sql`thread_id is null or thread_id not in (${untouched})`
      : sql`true`;
  }
  const has = (column: string) => columns.some((own) => own.name === column);
  if (has('origin')) return sql`origin = 'admin'`;
  return has('created') && has('last_updated') ? sql`last_updated > created` : sql`false`;
}

/** Throws `HouseError` where a bot is seen to use the database: it listens, or works on a thread. */
export async function requireNoBot({ kind }: OpenDatabase, db: Executor): Promise<void> {
  // Whoever opened the embedded database holds its lock; leases in it are a dead process's.
  if (kind === 'embedded') return;
  const { rows } = await sql<{ isListening: boolean }>`
    select exists (select from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and query = ${`listen ${channel}`}
    ) as "isListening"`.execute(db);
  if (rows[0]?.isListening === true) throw new HouseError(inUse('is connected to it'));
  if (!(await isThere(db, 'threads'))) return;
  const held = await sql`select from threads where until > now() limit 1`.execute(db);
  if (held.rows.length > 0) throw new HouseError(inUse('works on a thread'));
}

function inUse(how: string): string {
  return `A bot uses this database: it ${how}. Stop every bot on it and run the import again; what one that was killed held is free within a minute.`;
}

/** Empties the tables. Their guards refuse that, and are put aside for this transaction alone. */
export async function empty(db: Executor, tables: readonly Table[]): Promise<void> {
  const names = tables.map((table) => table.name);
  const { rows: guarded } = await sql<{ name: string }>`
    select distinct c.relname as name from pg_trigger g join pg_class c on c.oid = g.tgrelid
    where not g.tgisinternal and c.relname = any(${names}::text[])
      and c.relnamespace = (select oid from pg_namespace where nspname = current_schema())`.execute(db);
  for (const { name } of guarded) await sql`alter table ${sql.table(name)} disable trigger user`.execute(db);
  if (names.length > 0) await sql`truncate ${sql.join(names.map((name) => sql.table(name)))}`.execute(db);
  for (const { name } of guarded) await sql`alter table ${sql.table(name)} enable trigger user`.execute(db);
}
