import type { Clock } from '../../../../src/observe/port.ts';
import { guardedFetch } from '../../../../src/tools/guarded-fetch.ts';
import { createAuthorizer } from '../../../../src/tools/mcp/auth/authorizer.ts';
import { clientAt } from '../../../../src/tools/mcp/auth/client.ts';
import type { OAuthStore } from '../../../../src/tools/mcp/auth/port.ts';
import { createSignIns, type IdentityChange } from '../../../../src/tools/mcp/auth/sign-in.ts';
import type { ServerAuth, ServerConfig } from '../../../../src/tools/port.ts';
import { recordingLog } from '../../../fakes/recording-log.ts';

export const serverId = '00000000-0000-4000-8000-000000000001';
export const publicUrl = 'http://bot.test';

const how: ServerAuth = {
  type: 'oauth_bot',
  clientId: '',
  clientSecret: '',
  privateKey: '',
  keyAlgorithm: 'RS256',
  scopes: '',
  issuer: '',
};

/** A server that is signed in to, at a URL. */
export function signedInTo(url: string, auth: Partial<ServerAuth> = {}): ServerConfig {
  return {
    id: serverId,
    name: 'guarded',
    protocol: 'http',
    type: 'internal',
    url,
    mcpEndpoint: '/mcp',
    healthCheck: '',
    headers: {},
    command: '',
    args: [],
    env: {},
    isTrusted: false,
    overrides: {},
    pins: { accepted: [], refused: [], acceptedBy: 'system:lab' },
    auth: { ...how, ...auth },
  };
}

/** What one process of the bot has to sign in by. */
export function replica(config: ServerConfig, store: OAuthStore, owner = 'one') {
  const fetchFor = guardedFetch({ environment: {} });
  const clock: Clock & { ms: number } = { ms: Date.now(), now: () => clock.ms };
  const { log, entries } = recordingLog();
  const changes: IdentityChange[] = [];
  const facts = () => clientAt(publicUrl);
  return {
    clock,
    entries,
    changes,
    authorizer: createAuthorizer({ store, fetchFor, facts, owner, log, lookEveryMs: 10 }),
    fetch: fetchFor('internal'),
    signIns: createSignIns({
      ...{ store, fetchFor, facts, clock, log },
      publicUrl: () => publicUrl,
      server: async (id) => (id === config.id ? config : undefined),
      changed: (change) => void changes.push(change),
    }),
  };
}

type SignIns = ReturnType<typeof replica>['signIns'];

/** The way to the authorization server and what it sends back, as a browser takes it. */
export async function visit(signIns: SignIns, principal: string) {
  const { url } = await signIns.signInLink(serverId, principal);
  const link = new URL(url).searchParams.get('link') ?? '';
  const { location, browser } = await signIns.begin(link);
  const response = await fetch(location, { redirect: 'manual' });
  await response.body?.cancel();
  return { link, browser, query: new URL(response.headers.get('location') ?? '').search };
}

/** Signs in from beginning to end. */
export async function signIn(signIns: SignIns, principal: string): Promise<void> {
  const { query, browser } = await visit(signIns, principal);
  await signIns.finish({ query, browser });
}
