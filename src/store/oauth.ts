import { sql } from 'kysely';
import { z } from 'zod';
import type { Cipher } from '../access/port.ts';
import type { JsonObject } from '../agent/json.ts';
import type { IdentityKey, Kept, OAuthStore } from '../tools/mcp/auth/port.ts';
import type { Database, Executor } from './database.ts';

export interface OAuthStoreOptions {
  readonly cipher: Cipher;
  /** Hears of what cannot be opened any more. */
  readonly unreadable: (what: string) => void;
}

interface IdentityColumns {
  readonly sealed: string | null;
  readonly version: number;
  readonly wanted_scope: string;
}

/** What is sealed is an object; any JSON within it. */
const sealedSchema = z.record(z.string(), z.json());

/** Tokens, clients and sign-ins of MCP servers in SQL, encrypted. */
export function oauthStore(db: Database, { cipher, unreadable }: OAuthStoreOptions): OAuthStore {
  const seal = (value: JsonObject, purpose: string) => cipher.seal(JSON.stringify(value), purpose);
  const open = (sealed: string, purpose: string): JsonObject | undefined => {
    try {
      return sealedSchema.parse(JSON.parse(cipher.open(sealed, purpose)));
    } catch {
      unreadable(purpose);
      return undefined;
    }
  };
  const kept = (row: { sealed: string | null; version: number } | undefined, purpose: string) => {
    if (row === undefined || row.sealed === null) return undefined;
    const value = open(row.sealed, purpose);
    return value === undefined ? undefined : ({ value, version: row.version } satisfies Kept);
  };

  return {
    async tokens(key) {
      const { rows } = await sql<IdentityColumns>`
        select sealed, version, wanted_scope from mcp_identities where ${is(key)}`.execute(db);
      const tokens = kept(rows[0], tokenPurpose(key));
      return {
        wantedScope: rows[0]?.wanted_scope ?? '',
        ...(tokens === undefined ? {} : { tokens }),
      };
    },
    async saveTokens(key, value, version) {
      const sealed = seal(value, tokenPurpose(key));
      if (version !== undefined) {
        const { rows } = await sql`
          update mcp_identities set sealed = ${sealed}, version = version + 1
          where ${is(key)} and sealed is not null and version = ${version} returning 1`.execute(db);
        return rows.length > 0;
      }
      await db.transaction().execute(async (trx) => {
        await sql`
          insert into mcp_identities (server_id, identity, sealed, version, connected_at)
          values (${key.serverId}::uuid, ${key.identity}, ${sealed}, 1, now())
          on conflict (server_id, identity) do update
            set sealed = excluded.sealed, version = mcp_identities.version + 1, wanted_scope = '',
              connected_at = coalesce(mcp_identities.connected_at, now())`.execute(trx);
        await count(trx, key.serverId);
      });
      return true;
    },
    async forgetTokens(key, version) {
      const still = version === undefined ? sql`true` : sql`version = ${version}`;
      return await db.transaction().execute(async (trx) => {
        const { rows } = await sql`
          update mcp_identities set sealed = null, connected_at = null, version = version + 1
          where ${is(key)} and sealed is not null and ${still} returning 1`.execute(trx);
        if (rows.length > 0) await count(trx, key.serverId);
        return rows.length > 0;
      });
    },
    async want({ serverId, identity }, scope) {
      await sql`
        insert into mcp_identities (server_id, identity, wanted_scope)
        values (${serverId}::uuid, ${identity}, ${scope})
        on conflict (server_id, identity) do update set wanted_scope = excluded.wanted_scope`.execute(db);
    },
    async claim({ serverId, identity }, owner, leaseMs) {
      const until = sql`now() + ${`${leaseMs} ms`}::interval`;
      const { rows } = await sql`
        insert into mcp_identities (server_id, identity, owner, until)
        values (${serverId}::uuid, ${identity}, ${owner}, ${until})
        on conflict (server_id, identity) do update set owner = excluded.owner, until = excluded.until
          where mcp_identities.until is null or mcp_identities.until < now()
        returning 1`.execute(db);
      return rows.length > 0;
    },
    async release(key, owner) {
      await sql`update mcp_identities set owner = null, until = null
        where ${is(key)} and owner = ${owner}`.execute(db);
    },
    async identities(serverId) {
      const { rows } = await sql<{ identity: string }>`
        select identity from mcp_identities where server_id = ${serverId}::uuid and sealed is not null
        order by connected_at desc, identity`.execute(db);
      return rows.map(({ identity }) => identity);
    },
    async client(serverId) {
      const { rows } = await sql<Omit<IdentityColumns, 'wanted_scope'>>`
        select sealed, version from mcp_clients where server_id = ${serverId}::uuid`.execute(db);
      return kept(rows[0], clientPurpose(serverId));
    },
    async saveClient(serverId, value) {
      const sealed = seal(value, clientPurpose(serverId));
      await sql`
        insert into mcp_clients (server_id, sealed) values (${serverId}::uuid, ${sealed})
        on conflict (server_id) do update
          set sealed = excluded.sealed, version = mcp_clients.version + 1`.execute(db);
    },
    async forgetClient(serverId, version) {
      await sql`delete from mcp_clients
        where server_id = ${serverId}::uuid and version = ${version}`.execute(db);
    },
    async addSignIn(secretHash, value, expiresAt) {
      await sql`delete from mcp_sign_ins where expires_at < now() - interval '1 hour'`.execute(db);
      await sql`insert into mcp_sign_ins (secret_hash, sealed, expires_at)
        values (${secretHash}, ${seal(value, signInPurpose(secretHash))}, ${expiresAt})`.execute(db);
    },
    async spendSignIn(secretHash, now) {
      const { rows } = await sql<{ sealed: string }>`
        delete from mcp_sign_ins where secret_hash = ${secretHash} and expires_at > ${now}
        returning sealed`.execute(db);
      return rows[0] === undefined ? undefined : open(rows[0].sealed, signInPurpose(secretHash));
    },
    async signIn(secretHash, now) {
      const { rows } = await sql<{ sealed: string }>`
        select sealed from mcp_sign_ins where secret_hash = ${secretHash} and expires_at > ${now}`.execute(
        db,
      );
      return rows[0] === undefined ? undefined : open(rows[0].sealed, signInPurpose(secretHash));
    },
  };
}

/** Sets right what servers' rows say of who is signed in, as after an import. */
export async function recountIdentities(db: Executor): Promise<void> {
  await sql`update mcp_servers v set connected_identities = c.count from (
      select s.id, (select count(*) from mcp_identities i where i.server_id = s.id and i.sealed is not null)::int
        as count from mcp_servers s
    ) c where c.id = v.id and c.count <> v.connected_identities`.execute(db);
}

async function count(trx: Executor, serverId: string): Promise<void> {
  await sql`update mcp_servers set connected_identities =
      (select count(*) from mcp_identities where server_id = ${serverId}::uuid and sealed is not null)
    where id = ${serverId}::uuid`.execute(trx);
}

function is({ serverId, identity }: IdentityKey) {
  return sql`server_id = ${serverId}::uuid and identity = ${identity}`;
}

/** A text is opened only for the identity, server or secret that it was sealed for. */
function tokenPurpose({ serverId, identity }: IdentityKey): string {
  return `tokens ${serverId} ${identity}`;
}

function clientPurpose(serverId: string): string {
  return `client ${serverId}`;
}

function signInPurpose(secretHash: string): string {
  return `sign-in ${secretHash}`;
}
