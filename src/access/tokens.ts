import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A new API token: shown once, stored as its hash. */
export interface NewToken {
  readonly token: string;
  readonly hash: string;
  /** Its first characters, by which people recognise it. */
  readonly hint: string;
}

/** `aiops_` and 32 random bytes in base64url. */
export function newApiToken(): NewToken {
  const token = `aiops_${newSecret()}`;
  return { token, hash: hashOf(token), hint: token.slice(0, 12) };
}

/** Whether a text has the form of our API tokens; all others are unknown without asking the database. */
export function isApiToken(token: string): boolean {
  return /^aiops_[A-Za-z0-9_-]{43}$/.test(token);
}

/** What `Authorization: Token <token>` or `Bearer <token>` brings. */
export function tokenIn(authorization: string): string | undefined {
  return /^(?:Token|Bearer) +(\S+)$/i.exec(authorization)?.[1];
}

/** 32 random bytes in base64url. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** The only form in which tokens and sessions are kept. They are random, so that a plain hash is enough. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Compares texts in a time that does not tell where they differ. */
export function isSame(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(hashOf(one)), Buffer.from(hashOf(other)));
}
