import { type Kysely, sql } from 'kysely';

/**
 * How the bot and people sign in to MCP servers. What is `sealed` is encrypted by the bot. These tables
 * stay with this database: they refer to servers by id alone, so that a backup can be moved without them.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...servers, ...identities, ...clients, ...signIns, ...cleaning]) {
    await sql.raw(statement).execute(db);
  }
}

const servers = [
  `alter table mcp_servers
    add column auth text not null default 'none'
      check (auth in ('none', 'client_credentials', 'oauth_bot', 'oauth_user')),
    add column oauth_client_id varchar(500) not null default '',
    add column oauth_client_secret varchar(255) not null default '',
    add column oauth_private_key varchar(255) not null default '',
    add column oauth_key_algorithm text not null default 'RS256',
    add column oauth_scopes varchar(1000) not null default '',
    add column oauth_issuer varchar(500) not null default '',
    add column connected_identities integer not null default 0`,
];

const identities = [
  // A row is also the lease of whoever renews its tokens; without tokens it is nothing else.
  `create table mcp_identities (
    server_id uuid not null,
    identity text not null,
    sealed text,
    version integer not null default 0,
    wanted_scope text not null default '',
    connected_at timestamptz,
    owner text,
    until timestamptz,
    primary key (server_id, identity)
  )`,
];

const clients = [
  `create table mcp_clients (
    server_id uuid primary key,
    sealed text not null,
    version integer not null default 1
  )`,
];

const signIns = [
  `create table mcp_sign_ins (
    secret_hash text primary key,
    sealed text not null,
    expires_at timestamptz not null
  )`,
];

const cleaning = [
  `create function forget_mcp_server() returns trigger language plpgsql as $$
  begin
    delete from mcp_identities where server_id = old.id;
    delete from mcp_clients where server_id = old.id;
    return null;
  end $$`,
  `create trigger mcp_servers_forget after delete on mcp_servers
    for each row execute function forget_mcp_server()`,
];
