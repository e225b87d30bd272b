import { type Kysely, sql } from 'kysely';

/**
 * What MCP servers say of themselves, by its hash, and what was decided about it: one row for each tool,
 * and one for a server's instructions (`kind` `instructions`, without a name). `hash` and `definition` are
 * what was seen last; `accepted_hash` and `accepted_definition` what models may be told, if anything; and
 * `refused_hash` what somebody took back.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`create table tool_pins (
      server_id uuid not null references mcp_servers on delete cascade,
      kind text not null check (kind in ('tool', 'instructions')),
      name text not null,
      hash text not null,
      definition jsonb not null,
      first_seen timestamptz not null default now(),
      accepted_hash text,
      accepted_definition jsonb,
      refused_hash text,
      decided_by text,
      decided_at timestamptz,
      primary key (server_id, kind, name),
      check ((accepted_hash is null) = (accepted_definition is null)),
      check ((decided_by is null) = (decided_at is null))
    )`)
    .execute(db);
}
