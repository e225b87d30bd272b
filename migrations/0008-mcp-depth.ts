import { type Kysely, sql } from 'kysely';

/** How long the lists of an MCP server (tools, resources, prompts) are good for without being read again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`alter table mcp_servers
      add column tools_cache_seconds integer not null default 300
        constraint mcp_servers_tools_cache check (tools_cache_seconds between 0 and 86400)`)
    .execute(db);
}
