import { createHash, randomBytes } from 'node:crypto';
import {
  auth,
  discoverOAuthServerInfo,
  type OAuthDiscoveryState,
} from '@modelcontextprotocol/sdk/client/auth.js';
import { z } from 'zod';
import type { Clock, Log } from '../../../observe/port.ts';
import type { FetchFor } from '../../guarded-fetch.ts';
import type { ServerAuth, ServerConfig } from '../../port.ts';
import { mcpUrl } from '../http.ts';
import { deadline } from '../wait.ts';
import { challengeFrom } from './ask.ts';
import { unionOf } from './challenge.ts';
import { type ClientFacts, clientDocument } from './client.ts';
import { authFailure } from './explain-auth.ts';
import { toKeep } from './kept.ts';
import {
  AuthFailedError,
  botIdentity,
  type IdentityKey,
  type OAuthStore,
  SignInError,
  type SignInFlow,
  type SignInLink,
  type SignIns,
} from './port.ts';
import { authProvider } from './provider.ts';
import { issuerProblem } from './returned.ts';

export interface SignInOptions {
  readonly store: OAuthStore;
  readonly fetchFor: FetchFor;
  readonly facts: () => ClientFacts;
  /** Where people reach the bot, without a slash at the end. */
  readonly publicUrl: () => string;
  /** A server with its secrets, enabled or not; undefined: there is none. Throws a sentence. */
  readonly server: (serverId: string) => Promise<ServerConfig | undefined>;
  readonly clock: Clock;
  readonly log: Log;
  /** Hears of each identity that has signed in or out. */
  readonly changed: (change: IdentityChange) => void;
}

/** An identity has signed in to a server, or out of it; `principal`: who did that. */
export interface IdentityChange extends IdentityKey {
  readonly type: 'in' | 'out';
  readonly principal?: string;
}

const validMs = 10 * 60_000;
/** The longest that the bot's own part of a step may take. */
const stepMs = 30_000;

const linkSchema = z.object({
  stage: z.literal('link'),
  serverId: z.string(),
  identity: z.string(),
  principal: z.string(),
});
const wayBackSchema = z.object({
  stage: z.literal('way back'),
  serverId: z.string(),
  identity: z.string(),
  principal: z.string(),
  url: z.string(),
  browser: z.string(),
  verifier: z.string(),
  discovery: z.custom<OAuthDiscoveryState>((value) => typeof value === 'object' && value !== null),
});

type Link = z.infer<typeof linkSchema>;

/** A server that somebody can sign in to. */
interface Target {
  readonly config: ServerConfig;
  readonly how: ServerAuth;
  readonly url: string;
}

/**
 * Sign-in to servers by authorization code with PKCE. A link leads to the authorization server; it and
 * the way back work once, for ten minutes, and the way back only in the browser that opened the link.
 */
export function createSignIns(options: SignInOptions): SignIns & SignInFlow {
  const { store, clock, log } = options;
  const now = () => new Date(clock.now());
  const until = () => new Date(clock.now() + validMs);

  async function target(serverId: string): Promise<Target> {
    const config = await options.server(serverId);
    if (config === undefined) throw new SignInError('stale', 'The server was removed meanwhile.');
    const how = config.auth;
    if (config.protocol !== 'http' || how === undefined || how.type === 'client_credentials')
      throw new SignInError('refused', `Nobody signs in to ${config.name}; see its field Authorization.`);
    return { config, how, url: mcpUrl(config).href };
  }

  /** The way to the authorization server, and what is needed on the way back. */
  async function wayTo({ config, how, url }: Target, key: IdentityKey, signal: AbortSignal) {
    const fetch = bounded(options.fetchFor(config.type), signal);
    const challenge = await challengeFrom(config, fetch);
    const discovered = await discoverOAuthServerInfo(url, { ...metadataOf(challenge), fetchFn: fetch });
    const { wantedScope } = await store.tokens(key);
    const discovery: OAuthDiscoveryState = { ...discovered, ...shownBy(challenge) };
    const state = newSecret();
    let way: { readonly location: URL; readonly verifier: string } | undefined;
    const { provider } = await authProvider({
      key,
      auth: how,
      url,
      store,
      facts: options.facts(),
      scope: '',
      discovery,
      state,
      redirect(location, verifier) {
        way = { location, verifier };
      },
    });
    const scope = scopeOf(discovery, unionOf(how.scopes, wantedScope, challenge?.scope));
    await auth(provider, { serverUrl: url, scope, fetchFn: fetch });
    if (way === undefined) throw new AuthFailedError('it gave no address to sign in at');
    return { ...way, state, discovery };
  }

  async function step<T>(
    { config, how }: Target,
    work: (signal: AbortSignal) => Promise<T>,
    secrets: readonly string[] = [],
  ): Promise<T> {
    const limit = deadline(stepMs);
    try {
      return await work(limit.signal);
    } catch (error) {
      const why = authFailure(
        error,
        [how.clientSecret, how.privateKey, ...secrets].filter((secret) => secret !== ''),
      );
      log.warn('mcp_sign_in_failed', { server: config.name, why: why.message });
      throw new SignInError('refused', `Signing in to ${config.name} did not work: ${why.message}.`);
    } finally {
      limit.release();
    }
  }

  return {
    async signInLink(serverId, principal, identity): Promise<SignInLink> {
      const { how } = await target(serverId);
      const whose = identity ?? (how.type === 'oauth_bot' ? botIdentity : principal);
      const secret = newSecret();
      const expiresAt = until();
      const link: Link = { stage: 'link', serverId, identity: whose, principal };
      await store.addSignIn(hashOf(secret), link, expiresAt);
      return { url: `${options.publicUrl()}/oauth/mcp/start?link=${secret}`, expiresAt };
    },
    async isConnected(serverId, identity) {
      return (await store.tokens({ serverId, identity })).tokens !== undefined;
    },
    async disconnect(serverId, identity) {
      const done = await store.forgetTokens({ serverId, identity });
      if (done) options.changed({ type: 'out', serverId, identity });
      return done;
    },
    async look(secret) {
      const found = linkSchema.safeParse(await store.signIn(hashOf(secret), now()));
      if (!found.success) return undefined;
      const { serverId, principal, identity } = found.data;
      const { config } = await target(serverId);
      return { server: config.name, principal, isForBot: identity === botIdentity };
    },
    async begin(secret) {
      const found = linkSchema.safeParse(await store.spendSignIn(hashOf(secret), now()));
      if (!found.success) throw stale();
      const { serverId, identity, principal } = found.data;
      const to = await target(serverId);
      const key = { serverId, identity };
      const { location, verifier, state, discovery } = await step(to, (signal) => wayTo(to, key, signal));
      const browser = newSecret();
      const kept = { stage: 'way back', serverId, identity, principal, url: to.url, verifier, discovery };
      await store.addSignIn(hashOf(state), toKeep({ ...kept, browser: hashOf(browser) }), until());
      return { location: location.href, browser, maxAgeSeconds: validMs / 1000 };
    },
    async finish({ query, browser }) {
      const returned = new URLSearchParams(query);
      const state = hashOf(returned.get('state') ?? '');
      const waiting = wayBackSchema.safeParse(await store.signIn(state, now()));
      if (!waiting.success || browser === undefined || hashOf(browser) !== waiting.data.browser)
        throw stale();
      const found = wayBackSchema.safeParse(await store.spendSignIn(state, now()));
      if (!found.success) throw stale();
      const { serverId, identity, principal, url, verifier, discovery } = found.data;
      const to = await target(serverId);
      if (to.url !== url)
        throw new SignInError('stale', `The address of ${to.config.name} was changed meanwhile.`);
      if (returned.get('error') === 'access_denied')
        throw new SignInError('cancelled', `You did not sign in to ${to.config.name}.`);
      const code = returned.get('code') ?? '';
      await step(
        to,
        async (signal) => {
          const problem = issuerProblem(returned, discovery);
          if (problem !== undefined) throw new AuthFailedError(problem);
          const { provider } = await authProvider({
            key: { serverId, identity },
            auth: to.how,
            url,
            store,
            facts: options.facts(),
            scope: '',
            discovery,
            verifier,
            redirect() {
              throw new AuthFailedError('its authorization server did not take the code');
            },
          });
          const fetchFn = bounded(options.fetchFor(to.config.type), signal);
          await auth(provider, { serverUrl: url, authorizationCode: code, fetchFn });
        },
        [code, verifier],
      );
      log.info('mcp_signed_in', { server: to.config.name, identity });
      options.changed({ type: 'in', serverId, identity, principal });
      return { server: to.config.name, serverId, identity, principal, isForBot: identity === botIdentity };
    },
    document: () => clientDocument(options.facts()),
  };
}

function stale(): SignInError {
  return new SignInError(
    'stale',
    'This link was used already, is too old, or was opened in another browser. Ask for a new one.',
  );
}

function bounded(fetch: ReturnType<FetchFor>, signal: AbortSignal): ReturnType<FetchFor> {
  return (url, init) => fetch(url, { ...init, signal });
}

function metadataOf(challenge: { readonly resourceMetadataUrl?: URL } | undefined) {
  const url = challenge?.resourceMetadataUrl;
  return url === undefined ? {} : { resourceMetadataUrl: url };
}

function shownBy(challenge: { readonly resourceMetadataUrl?: URL } | undefined) {
  const url = challenge?.resourceMetadataUrl;
  return url === undefined ? {} : { resourceMetadataUrl: url.href };
}

/** What to ask for; `offline_access` as well where that is what refresh tokens are given for. */
function scopeOf(discovery: OAuthDiscoveryState, wanted: string): string {
  const scope = wanted === '' ? unionOf(...(discovery.resourceMetadata?.scopes_supported ?? [])) : wanted;
  const offered = discovery.authorizationServerMetadata?.scopes_supported ?? [];
  return scope !== '' && offered.includes('offline_access') ? unionOf(scope, 'offline_access') : scope;
}

function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
