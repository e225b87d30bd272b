import { type Kysely, sql } from 'kysely';

/** What needs attention and what people said to it, and words that replace what was posted. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // The id is that of the notice which tells of it. A snooze that is over counts as open.
  `create table concerns (
    id uuid primary key,
    subject text not null,
    items jsonb not null default '[]',
    state text not null default 'open' check (state in ('open', 'acknowledged', 'snoozed', 'resolved')),
    by_principal text,
    by_name text,
    at timestamptz,
    until timestamptz,
    created timestamptz not null default now()
  )`,
  `create index concerns_subject on concerns (subject, created desc)`,

  // A restatement edits the message of its turn's first reply and never posts. One that is replaced while it is
  // being sent is sent again.
  `alter table outbox
    add column restates boolean not null default false,
    add column restated boolean not null default false`,
];
