import { type Kysely, sql } from 'kysely';

/** Tool results that were too long for models to be given whole, and the images of results. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table kept_results (
    thread_id text not null,
    id text not null,
    turn_id uuid not null references turns on delete cascade,
    call_id text not null,
    tool text not null,
    text text not null,
    images jsonb not null default '[]',
    created_at timestamptz not null default now(),
    primary key (thread_id, id)
  )`,
  `create index kept_results_turn on kept_results (turn_id)`,
];
