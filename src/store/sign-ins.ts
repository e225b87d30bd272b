import { sql } from 'kysely';
import type { FoundSession, Granted, SignInBy, SignInStore } from '../access/port.ts';
import type { Author } from '../chat/inbound.ts';
import type { Executor } from './database.ts';
import { grantedTo, jsonList } from './granted.ts';

interface SignInColumns extends Author {
  readonly groups: readonly string[];
}

/** Console sign-ins and sessions in SQL. */
export function signInStore(db: Executor): SignInStore {
  return {
    async addSignIn(tokenHash, { author, groups }, expiresAt) {
      await sql`delete from web_sign_ins where expires_at < now()`.execute(db);
      await sql`insert into web_sign_ins (token_hash, principal, name, groups, expires_at)
        values (${tokenHash}, ${author.principal}, ${author.name}, ${jsonList(groups)}, ${expiresAt})`.execute(
        db,
      );
    },
    async spendSignIn(tokenHash, now) {
      const { rows } = await sql<SignInColumns>`
        delete from web_sign_ins where token_hash = ${tokenHash} and expires_at > ${now}
        returning principal, name, groups`.execute(db);
      return rows[0] === undefined ? undefined : signedInBy(rows[0]);
    },
    async addStart(startHash, next, expiresAt) {
      await sql`delete from web_sign_in_starts where expires_at < now()`.execute(db);
      await sql`insert into web_sign_in_starts (start_hash, next, expires_at)
        values (${startHash}, ${next}, ${expiresAt})`.execute(db);
    },
    async spendStart(startHash, now) {
      const { rows } = await sql<{ next: string }>`
        delete from web_sign_in_starts where start_hash = ${startHash} and expires_at > ${now}
        returning next`.execute(db);
      return rows[0]?.next;
    },
    async addSession(sessionHash, { author, groups }, expiresAt) {
      await sql`delete from web_sessions where expires_at < now()`.execute(db);
      await sql`insert into web_sessions (session_hash, principal, name, groups, expires_at)
        values (${sessionHash}, ${author.principal}, ${author.name}, ${jsonList(groups)}, ${expiresAt})`.execute(
        db,
      );
    },
    session: (sessionHash, now) => session(db, sessionHash, now),
    async endSession(sessionHash) {
      const { rows } = await sql<Author>`
        delete from web_sessions where session_hash = ${sessionHash} returning principal, name`.execute(db);
      return rows[0];
    },
  };
}

function signedInBy({ principal, name, groups }: SignInColumns): SignInBy {
  return { author: { principal, name }, groups };
}

async function session(db: Executor, sessionHash: string, now: Date): Promise<FoundSession | undefined> {
  const granted = grantedTo({
    principal: sql`s.principal`,
    groups: sql`s.groups`,
    tenant: sql`(select tenant from identities where principal = s.principal)`,
    now,
  });
  const { rows } = await sql<SignInColumns & { readonly granted: Granted }>`
    select s.principal, s.name, s.groups, ${granted} as granted
    from web_sessions s where s.session_hash = ${sessionHash} and s.expires_at > ${now}`.execute(db);
  return rows[0] === undefined ? undefined : { ...signedInBy(rows[0]), ...rows[0].granted };
}
