import { setTimeout as sleep } from 'node:timers/promises';
import { auth } from '@modelcontextprotocol/sdk/client/auth.js';
import type { Log } from '../../../observe/port.ts';
import type { Fetch, FetchFor } from '../../guarded-fetch.ts';
import type { ServerAuth, ServerConfig } from '../../port.ts';
import { mcpUrl } from '../http.ts';
import type { Identities } from '../user-server.ts';
import { deadline } from '../wait.ts';
import { type Challenge, challengeOf, unionOf } from './challenge.ts';
import type { ClientFacts } from './client.ts';
import { authFailure } from './explain-auth.ts';
import { tokensIn } from './kept.ts';
import {
  AuthFailedError,
  botIdentity,
  type IdentityKey,
  nobodySignedIn,
  type OAuthStore,
  SignInNeededError,
} from './port.ts';
import { authProvider } from './provider.ts';
import { watchedFetch } from './watched-fetch.ts';

export interface AuthorizerOptions {
  readonly store: OAuthStore;
  /** Carries all requests to authorization servers. */
  readonly fetchFor: FetchFor;
  /** Asked when it is needed: where the bot listens may not be known before. */
  readonly facts: () => ClientFacts;
  /** Of this process, for leases. */
  readonly owner: string;
  readonly log: Log;
  /** The longest that a renewal may take. Default 20 s. */
  readonly renewMs?: number;
  /** How often it is looked whether another process has renewed. Default 150. */
  readonly lookEveryMs?: number;
}

/** Says to servers who we are. */
export interface Authorizer extends Identities {
  /**
   * The fetch for the session of a server's identity: it carries the newest token, and when the server
   * wants another one, that is obtained and the request is sent again, three times at most. Throws
   * `SignInNeededError`, or an error whose message goes on after the server's name.
   */
  authorized(config: ServerConfig, fetch: Fetch): Fetch;
}

const mostRenewals = 3;
/** A lease outlives every renewal under it. */
const leaseMarginMs = 10_000;

interface Session {
  readonly key: IdentityKey;
  readonly auth: ServerAuth;
  readonly config: ServerConfig;
  readonly url: string;
}

interface Renewal {
  /** The access token that did not do; absent: there was none. */
  readonly failed: string | undefined;
  readonly challenge: Challenge;
}

/** Tokens are renewed by one at a time for each identity of a server, over all processes. */
export function createAuthorizer(options: AuthorizerOptions): Authorizer {
  const { store, owner, log, renewMs = 20_000, lookEveryMs = 150 } = options;
  const flights = new Map<string, Promise<string>>();

  async function accessToken({ key, url }: Session): Promise<string | undefined> {
    return tokensIn((await store.tokens(key)).tokens, url)?.access_token;
  }

  /** Whoever asks while the same tokens are being renewed gets what comes of it. */
  function renew(session: Session, renewal: Renewal): Promise<string> {
    const id = `${session.key.serverId} ${session.key.identity}`;
    const known = flights.get(id);
    if (known !== undefined) return known;
    const flight = underLease(session, renewal).finally(() => flights.delete(id));
    flights.set(id, flight);
    return flight;
  }

  async function underLease(session: Session, renewal: Renewal): Promise<string> {
    const limit = deadline(renewMs * 2 + leaseMarginMs);
    try {
      for (;;) {
        const token = await accessToken(session);
        if (token !== undefined && token !== renewal.failed) return token;
        if (await store.claim(session.key, owner, renewMs + leaseMarginMs)) break;
        if (limit.expired())
          throw new AuthFailedError('its tokens are being renewed for too long; try again');
        await sleep(lookEveryMs);
      }
    } finally {
      limit.release();
    }
    try {
      return await renewNow(session, renewal);
    } finally {
      await store.release(session.key, owner);
    }
  }

  async function renewNow(session: Session, { failed, challenge }: Renewal): Promise<string> {
    const { key, auth: how, url, config } = session;
    const { tokens: kept } = await store.tokens(key);
    const tokens = tokensIn(kept, url);
    if (tokens !== undefined && tokens.access_token !== failed) return tokens.access_token;
    const scope = unionOf(how.scopes, challenge.isStepUp ? tokens?.scope : undefined, challenge.scope);
    const isByItself = how.type === 'client_credentials';
    if (!isByItself && challenge.isStepUp) {
      await store.want(key, scope);
      throw new SignInNeededError(`it wants more rights (${scope}); somebody must sign in to it again`);
    }
    if (!isByItself && tokens?.refresh_token === undefined) {
      if (kept !== undefined) await store.forgetTokens(key, kept.version);
      throw signInNeeded();
    }
    const limit = deadline(renewMs);
    const watched = watchedFetch(options.fetchFor(config.type), limit.signal);
    const { provider, saved } = await authProvider({
      key,
      auth: how,
      url,
      store,
      facts: options.facts(),
      scope,
      ...(kept === undefined ? {} : { tokens: kept }),
      redirect() {
        throw watched.trouble() ?? signInNeeded();
      },
    });
    try {
      await auth(provider, { serverUrl: url, scope, fetchFn: watched.fetch, ...metadataOf(challenge) });
      const fresh = saved() ?? tokensIn((await store.tokens(key)).tokens, url);
      if (fresh === undefined) throw signInNeeded();
      log.info('mcp_authorized', { server: config.name, identity: key.identity });
      return fresh.access_token;
    } catch (error) {
      throw authFailure(error, secretsOf(how, tokens));
    } finally {
      limit.release();
    }
  }

  /** Where each person has an account, a session for nobody in particular is the latest one's. */
  async function identityOf({ id, identity, auth: how }: ServerConfig): Promise<string> {
    if (identity !== undefined) return identity;
    const [latest] = how?.type === 'oauth_user' ? await store.identities(id) : [];
    return latest ?? botIdentity;
  }

  return {
    identities: store.identities,
    isConnected: async (serverId, identity) =>
      (await store.tokens({ serverId, identity })).tokens !== undefined,
    authorized(config, fetch) {
      const how = config.auth;
      if (how === undefined) return fetch;
      const begin = async (): Promise<Session> => {
        const key = { serverId: config.id, identity: await identityOf(config) };
        return { key, auth: how, config, url: mcpUrl(config).href };
      };
      let begun: Session | undefined;
      let token: string | undefined;
      return async (target, init) => {
        begun ??= await begin();
        const session = begun;
        token ??= await accessToken(session);
        for (let renewals = 0; ; renewals += 1) {
          const response = await fetch(target, withToken(init, token));
          const challenge = challengeOf(response);
          if (challenge === undefined || renewals === mostRenewals)
            return await withoutToken(response, token);
          await response.body?.cancel();
          token = await renew(session, { failed: token, challenge });
        }
      };
    },
  };
}

function signInNeeded(): SignInNeededError {
  return new SignInNeededError(nobodySignedIn);
}

function metadataOf({ resourceMetadataUrl }: Challenge) {
  return resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl };
}

function secretsOf(
  { clientSecret, privateKey }: ServerAuth,
  tokens: { readonly access_token: string; readonly refresh_token?: string | undefined } | undefined,
): readonly string[] {
  const all = [clientSecret, privateKey, tokens?.access_token, tokens?.refresh_token];
  return all.filter((secret) => secret !== undefined && secret !== '').map(String);
}

function withToken(init: RequestInit | undefined, token: string | undefined): RequestInit {
  const headers = new Headers(init?.headers);
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  return { ...init, headers };
}

/** What a server says of a request that it refused may repeat the token, and goes into logs. */
async function withoutToken(response: Response, token: string | undefined): Promise<Response> {
  if (response.ok || token === undefined || response.body === null) return response;
  const { status, statusText, headers } = response;
  const text = (await response.text()).replaceAll(token, '***');
  return new Response(text, { status, statusText, headers });
}
