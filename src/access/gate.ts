import { randomUUID } from 'node:crypto';
import { ForbiddenError, UnavailableError } from '../chat/errors.ts';
import type { Credentials, Gate, Identity, SignedIn } from '../chat/identity.ts';
import type { Clock, Log } from '../observe/port.ts';
import { type AccessEvents, accessEvents, type WriteAudit } from './events.ts';
import { nowAndThen } from './now-and-then.ts';
import { createOrganisation, type OrganisationIssuer } from './organisation.ts';
import type { AccessStore, SignInBy, SignInStore } from './port.ts';
import { adminToken, operator, type Rights } from './rights.ts';
import { isSameOrigin } from './same-origin.ts';
import { hashOf, isApiToken, isSame, newSecret, tokenIn } from './tokens.ts';

export interface GateOptions {
  readonly signIns: SignInStore;
  readonly access: Pick<AccessStore, 'token' | 'used' | 'remember'>;
  readonly rights: Rights;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: WriteAudit;
  /** The token of the environment. */
  readonly adminToken?: string;
  /** Where people reach the bot, without a slash at the end. Asked when it is needed. */
  readonly publicUrl: () => string;
  /** Where people of the organisation sign in. */
  readonly issuer?: OrganisationIssuer;
  /** How long a sign-in token is valid. Default 15. */
  readonly signInMinutes?: number;
  /** How long a session lasts that a sign-in token opened. Default 30. */
  readonly sessionDays?: number;
  /** How long one lasts that the organisation's issuer opened: groups are as old as it. Default 12. */
  readonly organisationHours?: number;
}

/** The gate, and the making of sign-in tokens. */
export interface AccessGate extends Gate {
  /** A new one-time token that signs in; without a word, as the local operator. */
  newSignIn(by?: SignInBy): Promise<string>;
}

/** The cookie that carries a console session. */
const SESSION_COOKIE = 'ai_ops_session';

const usedEveryMs = 60_000;
const byLink: SignInBy = { author: operator, groups: [] };

/**
 * Verifies API tokens and console sessions, each with one statement; the token of the environment with
 * none. Tokens and sessions are kept and compared as hashes only.
 */
export function createGate(options: GateOptions): AccessGate {
  const { signIns, access, rights, clock, log, signInMinutes = 15, sessionDays = 30 } = options;
  const { organisationHours = 12 } = options;
  const events = accessEvents(options.audit, clock);
  const reach = reaching(log);
  const inMinutes = (minutes: number) => new Date(clock.now() + minutes * 60_000);
  const isFirstUse = nowAndThen({ clock, everyMs: usedEveryMs });

  async function byToken(authorization: string): Promise<Identity | undefined> {
    const token = tokenIn(authorization);
    if (token === undefined) return undefined;
    if (options.adminToken !== undefined && isSame(token, options.adminToken))
      return { author: adminToken, via: 'token', permissions: rights.all, groups: [] };
    if (!isApiToken(token)) return undefined;
    const now = new Date(clock.now());
    const found = await reach(access.token(hashOf(token), now));
    if (found === undefined) return undefined;
    noteUse(found.id, now, found.lastUsed);
    const author = { principal: `token:${found.id}`, name: found.name };
    return { author, via: 'token', permissions: rights.of(found), groups: [] };
  }

  /** No request waits for it. */
  function noteUse(id: string, now: Date, before: Date | undefined): void {
    const isRecent = before !== undefined && now.getTime() - before.getTime() < usedEveryMs;
    if (isRecent || !isFirstUse(id)) return;
    access
      .used(id, now, usedEveryMs)
      .catch((error: unknown) => log.warn('token_use_not_noted', { token_id: id, error }));
  }

  async function bySession(request: Credentials, session: string): Promise<Identity | undefined> {
    if (!isSameOrigin(request, new URL(options.publicUrl()).origin)) throw crossSite(request, events);
    const found = await reach(signIns.session(hashOf(session), new Date(clock.now())));
    if (found === undefined) return undefined;
    const { author, groups } = found;
    return { author, via: 'session', permissions: rights.of(found), groups };
  }

  async function open(by: SignInBy, minutes: number): Promise<SignedIn> {
    const session = newSecret();
    await reach(signIns.addSession(hashOf(session), by, inMinutes(minutes)));
    return { session, maxAgeSeconds: minutes * 60 };
  }

  const organisation =
    options.issuer === undefined
      ? {}
      : {
          organisation: createOrganisation({
            issuer: options.issuer,
            publicUrl: options.publicUrl,
            starts: {
              add: (hash, next, minutes) => reach(signIns.addStart(hash, next, inMinutes(minutes))),
              spend: (hash) => reach(signIns.spendStart(hash, new Date(clock.now()))),
            },
            async open(seen, address) {
              await reach(access.remember(seen, new Date(clock.now())));
              const signedIn = await open(seen, organisationHours * 60);
              events.signedIn(seen.author, address, 'organisation');
              return signedIn;
            },
            clock,
            log,
          }),
        };

  return {
    ...organisation,
    sessionCookie: SESSION_COOKIE,
    async identify(request) {
      const { authorization } = request.headers;
      if (authorization !== undefined) return (await byToken(authorization)) ?? refuseToken(request, events);
      const session = request.cookies[SESSION_COOKIE];
      return session === undefined || session === '' ? undefined : await bySession(request, session);
    },
    denied: events.denied,
    async signIn(token, address) {
      const by = await reach(signIns.spendSignIn(hashOf(token), new Date(clock.now())));
      if (by === undefined) return undefined;
      const signedIn = await open(by, sessionDays * 24 * 60);
      events.signedIn(by.author, address, 'link');
      return signedIn;
    },
    async signOut(session, address) {
      const author = await reach(signIns.endSession(hashOf(session)));
      if (author !== undefined) events.signedOut(author, address);
    },
    async newSignIn(by = byLink) {
      const token = newSecret();
      await reach(signIns.addSignIn(hashOf(token), by, inMinutes(signInMinutes)));
      return token;
    },
  };
}

function refuseToken({ remoteAddress }: Credentials, events: AccessEvents): undefined {
  events.badToken(remoteAddress);
}

function crossSite({ remoteAddress }: Credentials, events: AccessEvents): ForbiddenError {
  events.crossSite(remoteAddress);
  return new ForbiddenError(
    'A session may only be used from the pages of this bot; programs use a token.',
    'cross_site',
  );
}

/** What the store throws becomes an `UnavailableError`, so that callers try again. */
function reaching(log: Log): <T>(asked: Promise<T>) => Promise<T> {
  return (asked) =>
    asked.catch((error: unknown) => {
      const referenceId = randomUUID();
      log.error('access_unreachable', { reference_id: referenceId, error });
      throw new UnavailableError(
        'The bot cannot reach its database, so it cannot tell who asks. Try again in a moment.',
        { cause: error },
      );
    });
}
