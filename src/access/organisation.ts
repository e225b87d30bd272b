import { createHmac, randomUUID } from 'node:crypto';
import { UnavailableError } from '../chat/errors.ts';
import type { OrganisationReturn, OrganisationSignIn, SignedIn, SignInFailure } from '../chat/identity.ts';
import type { Clock, Log } from '../observe/port.ts';
import { createIssuer, failureOf } from './issuer.ts';
import { localPath } from './local-path.ts';
import { nowAndThen } from './now-and-then.ts';
import type { Seen } from './port.ts';
import { hashOf, isSame, newSecret } from './tokens.ts';

/** An OpenID Connect issuer, and this bot as its client. */
export interface OrganisationIssuer {
  readonly url: string;
  readonly clientId: string;
  /** Absent: a public client, which PKCE alone protects. */
  readonly clientSecret?: string;
  readonly scopes: string;
  /** The claim that names a person's groups: a claim's name, or a path of names joined by dots. */
  readonly groupsClaim: string;
}

export interface OrganisationOptions {
  readonly issuer: OrganisationIssuer;
  readonly publicUrl: () => string;
  /** Sign-ins that have begun, by hash; `spend` gives where each leads, and works once. */
  readonly starts: {
    add(hash: string, next: string, minutes: number): Promise<void>;
    spend(hash: string): Promise<string | undefined>;
  };
  /** Opens a session for somebody whom the issuer vouches for. */
  readonly open: (seen: Seen, address: string) => Promise<SignedIn>;
  readonly clock: Clock;
  readonly log: Log;
}

const startMinutes = 10;
const warnEveryMs = 60_000;

/**
 * Sign-in by authorization code with PKCE, state and nonce. These three are made from one random secret,
 * which only the browser keeps, in a cookie; the database has its hash, and spends it when the person returns.
 */
export function createOrganisation(options: OrganisationOptions): OrganisationSignIn {
  const { starts, clock, log } = options;
  const mayWarn = nowAndThen({ clock, everyMs: warnEveryMs });
  const issuer = createIssuer(options.issuer);
  const redirectUri = () => `${options.publicUrl()}/console/oidc/callback`;

  /** Anybody may come back as often as they like: one address warns once a minute, the rest is for debugging. */
  function failed({ reason, address, error }: Failure): SignInFailure {
    const referenceId = randomUUID();
    const fields = { reference_id: referenceId, reason, ...(error !== undefined && { error }) };
    log[mayWarn(address) ? 'warn' : 'debug']('sign_in_failed', fields);
    return { type: 'failed', reason, referenceId };
  }

  async function finish(query: string, start: string, address: string): Promise<OrganisationReturn> {
    const checks = checksOf(start);
    const state = new URLSearchParams(query).get('state') ?? '';
    const next = isSame(state, checks.state) ? await starts.spend(hashOf(start)) : undefined;
    if (next === undefined) return failed({ reason: 'stale', address });
    const seen = await issuer.redeem(new URL(`${redirectUri()}?${query}`), checks);
    return { type: 'in', next, ...(await options.open(seen, address)) };
  }

  return {
    async begin({ next, address }) {
      const start = newSecret();
      const location = await issuer.authorizationUrl(redirectUri(), checksOf(start)).catch(asError);
      if (location instanceof Error) return failed({ reason: failureOf(location), address, error: location });
      await starts.add(hashOf(start), localPath(next), startMinutes);
      return { type: 'go', location, start, maxAgeSeconds: startMinutes * 60 };
    },
    async finish({ query, start, address }) {
      if (start === undefined || start === '') return failed({ reason: 'stale', address });
      const result = await finish(query, start, address).catch(asError);
      if (result instanceof UnavailableError) throw result;
      if (!(result instanceof Error)) return result;
      return failed({ reason: failureOf(result), address, error: result });
    },
  };
}

interface Failure {
  readonly reason: SignInFailure['reason'];
  readonly address: string;
  readonly error?: Error;
}

/** What ties the issuer's answer to this browser and this sign-in. */
export interface Checks {
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE, 43 characters. */
  readonly verifier: string;
}

function checksOf(start: string): Checks {
  const derived = (label: string) => createHmac('sha256', start).update(label).digest('base64url');
  return { state: derived('state'), nonce: derived('nonce'), verifier: derived('verifier') };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
