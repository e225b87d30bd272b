import { sql } from 'kysely';
import type { SignInStore } from '../access/port.ts';
import type { Author } from '../chat/inbound.ts';
import type { Executor } from './database.ts';

/** Console sign-ins and sessions in SQL. */
export function signInStore(db: Executor): SignInStore {
  return {
    async addSignIn(tokenHash, author, expiresAt) {
      await sql`delete from web_sign_ins where expires_at < now()`.execute(db);
      await sql`insert into web_sign_ins (token_hash, principal, name, expires_at)
        values (${tokenHash}, ${author.principal}, ${author.name}, ${expiresAt})`.execute(db);
    },
    async spendSignIn(tokenHash, now) {
      const { rows } = await sql<Author>`
        delete from web_sign_ins where token_hash = ${tokenHash} and expires_at > ${now} returning principal, name`.execute(
        db,
      );
      return rows[0];
    },
    async addSession(sessionHash, author, expiresAt) {
      await sql`delete from web_sessions where expires_at < now()`.execute(db);
      await sql`insert into web_sessions (session_hash, principal, name, expires_at)
        values (${sessionHash}, ${author.principal}, ${author.name}, ${expiresAt})`.execute(db);
    },
    async session(sessionHash, now) {
      const { rows } = await sql<Author>`
        select principal, name from web_sessions where session_hash = ${sessionHash} and expires_at > ${now}`.execute(
        db,
      );
      return rows[0];
    },
    async endSession(sessionHash) {
      await sql`delete from web_sessions where session_hash = ${sessionHash}`.execute(db);
    },
  };
}
