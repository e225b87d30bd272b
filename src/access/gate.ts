import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Gate, Identity } from '../chat/identity.ts';
import type { Author } from '../chat/inbound.ts';
import type { Clock } from '../observe/port.ts';
import type { SignInStore } from './port.ts';

export interface GateOptions {
  readonly store: SignInStore;
  readonly adminToken?: string;
  readonly clock: Clock;
  /** How long a sign-in token is valid. Default 15. */
  readonly signInMinutes?: number;
  /** How long a session lasts. Default 30. */
  readonly sessionDays?: number;
}

/** The gate, and the making of sign-in tokens. */
export interface AccessGate extends Gate {
  /** A new one-time token that signs in as the local operator. */
  newSignIn(): Promise<string>;
}

const permissions: ReadonlySet<string> = new Set(['chat', 'approve']);
const operator: Author = { principal: 'web:operator', name: 'Operator' };
const admin: Author = { principal: 'token:admin', name: 'Admin token' };

/** Verifies API tokens and console sessions. Tokens and sessions are kept and compared as hashes only. */
export function createGate(options: GateOptions): AccessGate {
  const { store, clock, signInMinutes = 15, sessionDays = 30 } = options;
  const adminHash = options.adminToken === undefined ? undefined : hash(options.adminToken);
  const inMinutes = (minutes: number) => new Date(clock.now() + minutes * 60_000);

  return {
    async authenticate({ authorization, session }) {
      if (authorization !== undefined) return byToken(authorization, adminHash);
      if (session === undefined) return undefined;
      const author = await store.session(hash(session), new Date(clock.now()));
      return author === undefined ? undefined : { author, via: 'session', permissions };
    },
    async signIn(token) {
      const author = await store.spendSignIn(hash(token), new Date(clock.now()));
      if (author === undefined) return undefined;
      const session = newToken();
      await store.addSession(hash(session), author, inMinutes(sessionDays * 24 * 60));
      return { session, maxAgeSeconds: sessionDays * 24 * 3600 };
    },
    signOut: (session) => store.endSession(hash(session)),
    async newSignIn() {
      const token = newToken();
      await store.addSignIn(hash(token), operator, inMinutes(signInMinutes));
      return token;
    },
  };
}

function newToken(): string {
  return randomBytes(32).toString('base64url');
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function byToken(authorization: string, adminHash: string | undefined): Identity | undefined {
  const token = /^(?:Token|Bearer) +(\S+)$/i.exec(authorization)?.[1];
  if (token === undefined || adminHash === undefined) return undefined;
  if (!timingSafeEqual(Buffer.from(hash(token)), Buffer.from(adminHash))) return undefined;
  return { author: admin, via: 'token', permissions };
}
