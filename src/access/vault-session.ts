import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Clock, Log } from '../observe/port.ts';
import { nowAndThen } from './now-and-then.ts';
import { type AskVault, type VaultAnswer, type VaultCall, VaultError, wordsOf } from './vault-http.ts';

/** The one way in which the bot signs in to Vault. */
export type VaultSignIn =
  | { readonly kind: 'token'; readonly token: string }
  | {
      readonly kind: 'approle';
      readonly mount: string;
      readonly roleId: string;
      readonly secretId: string;
    }
  | {
      readonly kind: 'kubernetes';
      readonly mount: string;
      readonly role: string;
      /** The service account's token, which Kubernetes replaces from time to time. */
      readonly tokenPath: string;
    };

export interface VaultSessionOptions {
  readonly signIn: VaultSignIn;
  readonly ask: AskVault;
  readonly clock: Clock;
  readonly log: Log;
  /** Hears of every token, so that it can be kept out of the log. */
  readonly handedOut: (secret: string) => void;
}

/** A token that is kept good. What fails throws `VaultError`. */
export interface VaultSession {
  /** Signs in when there is no token yet, and renews one of which two thirds have passed. */
  token(): Promise<string>;
  /** Whether another token may be allowed what this one was refused. */
  isReplaceable(token: string): Promise<boolean>;
  /** Renews the token when it is time; a configured one would run out while nothing is read. */
  tend(): Promise<void>;
}

interface Held {
  readonly token: string;
  /** The lease that the first sign-in brought; Infinity for ever. */
  readonly grantedMs: number;
  readonly mayRenew: boolean;
  readonly renewAt: number;
  readonly expiresAt: number;
}

/** After a renewal that failed while the token is still good. */
const laterMs = 30_000;
const warnEveryMs = 300_000;

/** https://developer.hashicorp.com/vault/docs/concepts/lease */
export function createVaultSession(options: VaultSessionOptions): VaultSession {
  const { signIn, ask, clock, log } = options;
  const mayWarn = nowAndThen({ clock, everyMs: warnEveryMs });
  let held: Held | undefined;
  let working: Promise<Held> | undefined;

  async function current(): Promise<string> {
    if (held !== undefined && clock.now() < held.renewAt) return held.token;
    working ??= next(held).finally(() => {
      working = undefined;
    });
    return (await working).token;
  }

  async function next(old: Held | undefined): Promise<Held> {
    const isOver = old === undefined || clock.now() >= old.expiresAt;
    held = isOver ? await open(options) : await prolong(old);
    options.handedOut(held.token);
    return held;
  }

  async function prolong(old: Held): Promise<Held> {
    try {
      return (await renewed(old, options)) ?? (await open(options));
    } catch (error) {
      if (!(error instanceof VaultError) || clock.now() >= old.expiresAt) throw error;
      if (mayWarn('renewal')) log.warn('vault_token_not_renewed', { error });
      return { ...old, renewAt: Math.min(clock.now() + laterMs, old.expiresAt) };
    }
  }

  return {
    token: current,
    async isReplaceable(token) {
      if (held?.token !== token) return true;
      if (signIn.kind === 'token') return false;
      // A good token was refused by a policy, which is the same for the next one.
      if ((await ask(lookup(token))).status === 200) return false;
      if (held?.token === token) held = undefined;
      return true;
    },
    async tend() {
      if (held !== undefined || signIn.kind === 'token') await current();
    },
  };
}

function lookup(token: string): VaultCall {
  return { method: 'GET', path: 'auth/token/lookup-self', token };
}

const authSchema = z.object({
  auth: z.object({
    client_token: z.string().min(1),
    /** Seconds; 0 for a token that does not expire. */
    lease_duration: z.number().nonnegative(),
    renewable: z.boolean(),
  }),
});
const lookupSchema = z.object({
  data: z.object({ ttl: z.number().nonnegative(), renewable: z.boolean().default(false) }),
});

/** Undefined when the token cannot be renewed, or not for long, and another can be had. */
async function renewed(old: Held, { signIn, ask, clock }: VaultSessionOptions): Promise<Held | undefined> {
  if (!old.mayRenew) return undefined;
  const { token, grantedMs } = old;
  const now = clock.now();
  const answer = await ask({ method: 'POST', path: 'auth/token/renew-self', token, body: {} });
  const auth = authSchema.safeParse(answer.body).data?.auth;
  if (answer.status === 200 && auth !== undefined)
    return holdLease(
      { token, seconds: auth.lease_duration, renewable: auth.renewable },
      { now, signIn, grantedMs },
    );
  if (signIn.kind !== 'token') return undefined;
  throw new VaultError(
    `Vault does not renew VAULT_TOKEN (${answer.status}${wordsOf(answer)}). Issue another before it expires.`,
  );
}

async function open(options: VaultSessionOptions): Promise<Held> {
  const { signIn } = options;
  switch (signIn.kind) {
    case 'token':
      return await hold(signIn.token, options);
    case 'approle': {
      const body = { role_id: signIn.roleId, secret_id: signIn.secretId };
      return await logIn({ mount: signIn.mount, body, check: approleCheck }, options);
    }
    case 'kubernetes': {
      const jwt = await readJwt(signIn.tokenPath);
      options.handedOut(jwt);
      return await logIn(
        { mount: signIn.mount, body: { role: signIn.role, jwt }, check: kubernetesCheck },
        options,
      );
    }
    default:
      return signIn satisfies never;
  }
}

const approleCheck = 'Check VAULT_ROLE_ID, VAULT_SECRET_ID (it may have expired) and VAULT_APPROLE_MOUNT.';
const kubernetesCheck = 'Check VAULT_K8S_ROLE, its service account and VAULT_K8S_MOUNT.';

/** A token may be forbidden to look at itself and yet be good: then it is used as long as it works. */
async function hold(token: string, { signIn, ask, clock }: VaultSessionOptions): Promise<Held> {
  const now = clock.now();
  const answer = await ask(lookup(token));
  const { ttl, renewable } = lookupSchema.safeParse(answer.body).data?.data ?? { ttl: 0, renewable: false };
  return holdLease({ token, seconds: ttl, renewable }, { now, signIn });
}

interface LogIn {
  readonly mount: string;
  readonly body: Readonly<Record<string, string>>;
  /** What to look at when it is refused. */
  readonly check: string;
}

async function logIn(
  { mount, body, check }: LogIn,
  { signIn, ask, clock }: VaultSessionOptions,
): Promise<Held> {
  const now = clock.now();
  const answer = await ask({ method: 'POST', path: `auth/${mount}/login`, body });
  const auth = authSchema.safeParse(answer.body).data?.auth;
  if (answer.status !== 200 || auth === undefined) throw new VaultError(refusedLogin(answer, mount, check));
  const { client_token: token, lease_duration: seconds, renewable } = auth;
  return holdLease({ token, seconds, renewable }, { now, signIn });
}

function refusedLogin(answer: VaultAnswer, mount: string, check: string): string {
  return `Vault did not let the bot sign in at auth/${mount} (${answer.status}${wordsOf(answer)}). ${check}`;
}

async function readJwt(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new VaultError(
      `The service account’s token cannot be read from ${path}. Mount it, or set VAULT_K8S_TOKEN_PATH.`,
      { cause },
    );
  });
  return text.trim();
}

interface Lease {
  readonly token: string;
  /** 0 for ever. */
  readonly seconds: number;
  readonly renewable: boolean;
}

interface Terms {
  readonly now: number;
  readonly signIn: VaultSignIn;
  readonly grantedMs?: number;
}

/** A lease that comes back much shorter has nearly reached its greatest length: signing in is better. */
function holdLease({ token, seconds, renewable }: Lease, { now, signIn, grantedMs }: Terms): Held {
  const leaseMs = seconds === 0 ? Number.POSITIVE_INFINITY : seconds * 1000;
  const granted = grantedMs ?? leaseMs;
  const isLast = signIn.kind === 'token' && !renewable;
  return {
    token,
    grantedMs: granted,
    mayRenew: renewable && (signIn.kind === 'token' || leaseMs >= granted / 2),
    renewAt: isLast ? Number.POSITIVE_INFINITY : now + (leaseMs * 2) / 3,
    expiresAt: isLast ? Number.POSITIVE_INFINITY : now + leaseMs,
  };
}
