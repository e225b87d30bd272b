import { sql } from 'kysely';
import type { AccessStore, FoundToken, Granted, Subject } from '../access/port.ts';
import type { Database, Executor } from './database.ts';
import { grantedTo, jsonList, noGroups } from './granted.ts';
import { remember } from './people.ts';

/** Rights, tokens and people in SQL. */
export function accessStore(db: Database): AccessStore {
  return {
    rights: (subject, now) => rights(db, subject, now),
    token: (tokenHash, now) => token(db, tokenHash, now),
    async used(tokenId, now, everyMs) {
      const since = new Date(now.getTime() - everyMs);
      await sql`update api_tokens set last_used = ${now}
        where id = ${tokenId}::uuid and (last_used is null or last_used <= ${since})`.execute(db);
    },
    async remember(seen, now) {
      await db.transaction().execute((trx) => remember(trx, seen, now));
    },
    async known(principal, since) {
      const { rows } = await sql<{ name: string; tenant: string | null }>`
        select name, tenant from identities where principal = ${principal} and last_seen >= ${since}`.execute(
        db,
      );
      return rows[0];
    },
    principalsOf: (principal) => principalsOf(db, principal),
  };
}

async function rights(db: Executor, subject: Subject, now: Date): Promise<Granted> {
  const { principal, groups = [], channel, tenant } = subject;
  const granted = grantedTo({
    principal: sql`${principal}`,
    groups: jsonList(groups),
    now,
    ...(channel === undefined ? {} : { channel: sql`${channel}` }),
    ...(tenant?.isMember === true ? { tenant: sql`${`${tenant.platform}:${tenant.id}`}` } : {}),
  });
  const { rows } = await sql<{ granted: Granted }>`select ${granted} as granted`.execute(db);
  return rows[0]?.granted ?? { permissions: [], principals: [principal] };
}

interface TokenColumns {
  readonly id: string;
  readonly name: string;
  readonly lastUsed: Date | null;
  readonly own: readonly string[];
  readonly granted: Granted;
}

async function token(db: Executor, tokenHash: string, now: Date): Promise<FoundToken | undefined> {
  const granted = grantedTo({ principal: sql`('token:' || t.id)`, groups: noGroups, now });
  const { rows } = await sql<TokenColumns>`
    select t.id, t.name, t.last_used as "lastUsed", t.permissions as own, ${granted} as granted
    from api_tokens t
    where t.token_hash = ${tokenHash} and t.is_enabled and (t.expires is null or t.expires > ${now})`.execute(
    db,
  );
  if (rows[0] === undefined) return undefined;
  const { own, granted: given, lastUsed, id, name } = rows[0];
  const permissions = [...own, ...given.permissions];
  const { principals } = given;
  return { id, name, permissions, principals, ...(lastUsed === null ? {} : { lastUsed }) };
}

/** A token stands for who made it, and they for all that are the same person and for the tokens of these. */
async function principalsOf(db: Executor, principal: string): Promise<readonly string[]> {
  const { rows } = await sql<{ principal: string }>`
    with asked as (
      select ${principal}::text as principal
      union
      select created_by from api_tokens where 'token:' || id = ${principal} and created_by <> ''
    ), person as (
      select principal from asked
      union
      select other.principal from asked join identities own using (principal)
        join identities other using (person_id)
    )
    select principal from person
    union
    select 'token:' || t.id from api_tokens t join person on person.principal = t.created_by`.execute(db);
  return rows.map((row) => row.principal);
}
