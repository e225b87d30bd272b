import type { OAuthClientProvider, OAuthDiscoveryState } from '@modelcontextprotocol/sdk/client/auth.js';
import { createPrivateKeyJwtAuth } from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import type { OAuthClientInformationMixed, OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js';
import type { ServerAuth } from '../../port.ts';
import { authMethodFor, type ClientFacts, clientMetadata } from './client.ts';
import { clientIn, toKeep, tokensIn } from './kept.ts';
import type { IdentityKey, Kept, OAuthStore } from './port.ts';

/** One run of the SDK's authorization: a renewal, the way to a sign-in, or the way back from it. */
export interface AuthRun {
  readonly key: IdentityKey;
  readonly auth: ServerAuth;
  /** Of MCP. */
  readonly url: string;
  readonly store: OAuthStore;
  readonly facts: ClientFacts;
  /** Asked for by client credentials; other runs are told by the SDK. */
  readonly scope: string;
  /** Tokens to renew; without them somebody has to sign in. */
  readonly tokens?: Kept;
  /** What was found out about the authorization server when the sign-in began. */
  readonly discovery?: OAuthDiscoveryState;
  /** Of a sign-in. */
  readonly state?: string;
  readonly verifier?: string;
  /** Somebody has to sign in there. May throw. */
  readonly redirect: (location: URL, verifier: string) => void;
}

/** The SDK's provider for one run, and what came of it. */
export interface AuthProvider {
  readonly provider: OAuthClientProvider;
  /** The tokens that were stored; undefined: none, or somebody has signed in or out meanwhile. */
  saved(): OAuthTokens | undefined;
}

/**
 * What the SDK asks for and stores in one run. Tokens and clients are taken away, and tokens renewed,
 * only if they are still those that the run began with.
 */
export async function authProvider(run: AuthRun): Promise<AuthProvider> {
  const { key, auth, url, store, facts } = run;
  const isFixed = auth.clientId !== '';
  const made = { url, redirectUrl: isFixed ? '' : facts.redirectUrl };
  // Whoever signs in now must come back to where the bot is now; tokens belong to the client that got them.
  const wanted = run.state === undefined ? { url } : made;
  let keptClient = await store.client(key.serverId);
  let client = isFixed ? fixedClient(auth, clientIn(keptClient, wanted)) : clientIn(keptClient, wanted);
  let tokens = tokensIn(run.tokens, url);
  let verifier = run.verifier ?? '';
  let saved: OAuthTokens | undefined;
  let renewed = run.tokens?.version;

  const forgetTokens = async () => {
    if (renewed !== undefined && (await store.forgetTokens(key, renewed))) renewed = undefined;
    tokens = undefined;
  };
  const forgetClient = async () => {
    if (keptClient !== undefined) await store.forgetClient(key.serverId, keptClient.version);
    keptClient = undefined;
    client = undefined;
  };
  const saveClient = async (information: OAuthClientInformationMixed) => {
    client = information;
    const { client_id, issuer } = information;
    const known = isFixed ? { client_id, issuer } : information;
    await store.saveClient(key.serverId, toKeep({ client: known, ...made }));
  };

  const isByItself = auth.type === 'client_credentials';
  // A configured client that is bound to its authorization server is never registered at another.
  const mayRegister = !isFixed || client?.issuer === undefined;
  const { discovery, state } = run;
  const provider: OAuthClientProvider = {
    redirectUrl: isByItself ? undefined : facts.redirectUrl,
    clientMetadata: isByItself
      ? { client_name: 'AI Ops Bot', redirect_uris: [], grant_types: ['client_credentials'] }
      : clientMetadata(facts, authMethodFor(methodsOf(discovery))),
    clientInformation: () => client,
    ...(mayRegister ? { saveClientInformation: saveClient } : {}),
    ...(facts.documentUrl === undefined || isFixed ? {} : { clientMetadataUrl: facts.documentUrl }),
    ...(state === undefined ? {} : { state: () => state }),
    tokens: () => tokens,
    async saveTokens(fresh) {
      if (await store.saveTokens(key, toKeep({ tokens: fresh, url }), renewed)) saved = fresh;
    },
    saveCodeVerifier(fresh) {
      verifier = fresh;
    },
    codeVerifier: () => verifier,
    redirectToAuthorization: (location) => run.redirect(location, verifier),
    async invalidateCredentials(scope) {
      if (scope === 'tokens' || (scope === 'all' && !isFixed)) await forgetTokens();
      if ((scope === 'client' || scope === 'all') && !isFixed) await forgetClient();
    },
    ...(isByItself ? { prepareTokenRequest: () => byCredentials(run.scope) } : {}),
    ...(discovery === undefined ? {} : { discoveryState: () => discovery }),
    ...(auth.privateKey === '' ? {} : { addClientAuthentication: byPrivateKey(auth) }),
  };
  return { provider, saved: () => saved };
}

/** The configured issuer wins over the one that first took the credentials. */
function fixedClient(
  { clientId, clientSecret, issuer }: ServerAuth,
  bound: OAuthClientInformationMixed | undefined,
): OAuthClientInformationMixed {
  const known = issuer === '' && bound?.client_id === clientId ? bound.issuer : issuer;
  return {
    client_id: clientId,
    ...(clientSecret === '' ? {} : { client_secret: clientSecret }),
    ...(known === undefined || known === '' ? {} : { issuer: known }),
  };
}

function methodsOf(discovery: OAuthDiscoveryState | undefined): readonly string[] | undefined {
  return discovery?.authorizationServerMetadata?.token_endpoint_auth_methods_supported;
}

function byCredentials(scope: string): URLSearchParams {
  return new URLSearchParams({ grant_type: 'client_credentials', ...(scope === '' ? {} : { scope }) });
}

/** Variables often hold line ends as `\n`. */
function byPrivateKey({ clientId, privateKey, keyAlgorithm }: ServerAuth) {
  return createPrivateKeyJwtAuth({
    issuer: clientId,
    subject: clientId,
    privateKey: privateKey.replaceAll('\\n', '\n'),
    alg: keyAlgorithm,
  });
}
