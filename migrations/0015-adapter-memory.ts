import { type Kysely, sql } from 'kysely';

/** What adapters must know after a restart and on every replica, encrypted. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table adapter_memory (
    key text primary key,
    sealed text not null,
    expires_at timestamptz
  )`,
  `create index adapter_memory_expiry on adapter_memory (expires_at) where expires_at is not null`,
];
