import * as client from 'openid-client';
import { claimsSchema, seenOf, together } from './claims.ts';
import type { Checks, OrganisationIssuer } from './organisation.ts';
import type { Seen } from './port.ts';

/** An issuer asked by the rules of OpenID Connect. What it throws is told apart by `failureOf`. */
export interface Issuer {
  /** Where a person signs in. */
  authorizationUrl(redirectUri: string, checks: Checks): Promise<string>;
  /** Who came back: the URL of the callback as the browser called it. */
  redeem(callback: URL, checks: Checks): Promise<Seen>;
}

/** The issuer could not be asked. */
class UnreachableIssuerError extends Error {
  override readonly name = 'UnreachableIssuerError';
}

const timeoutSeconds = 10;

/** Discovers the issuer when it is first needed, and anew after whatever went wrong. */
export function createIssuer(issuer: OrganisationIssuer): Issuer {
  let discovered: Promise<client.Configuration> | undefined;

  function configuration(): Promise<client.Configuration> {
    discovered ??= discover(issuer).catch((error: unknown) => {
      discovered = undefined;
      throw new UnreachableIssuerError('The issuer’s configuration could not be read.', { cause: error });
    });
    return discovered;
  }

  return {
    async authorizationUrl(redirectUri, { state, nonce, verifier }) {
      const url = client.buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirectUri,
        scope: issuer.scopes,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      });
      return url.href;
    },
    async redeem(callback, checks) {
      try {
        return seenOf(await claimsOf(await configuration(), callback, checks), issuer);
      } catch (error) {
        // Its keys or its places may have changed.
        discovered = undefined;
        throw error;
      }
    },
  };
}

async function discover(issuer: OrganisationIssuer): Promise<client.Configuration> {
  const url = new URL(issuer.url);
  const execute = url.protocol === 'http:' ? [client.allowInsecureRequests] : [];
  return await client.discovery(url, issuer.clientId, undefined, authenticationOf(issuer), {
    timeout: timeoutSeconds,
    execute: [...execute, client.enableNonRepudiationChecks],
  });
}

/** Basic is the default of the standard; post is for issuers that announce nothing else. */
function authenticationOf({ clientSecret }: OrganisationIssuer): client.ClientAuth {
  if (clientSecret === undefined) return client.None();
  const [basic, post] = [client.ClientSecretBasic(clientSecret), client.ClientSecretPost(clientSecret)];
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return methods.includes('client_secret_basic') ? basic(server, ...rest) : post(server, ...rest);
  };
}

async function claimsOf(config: client.Configuration, callback: URL, checks: Checks): Promise<unknown> {
  const tokens = await client.authorizationCodeGrant(config, callback, {
    expectedState: checks.state,
    expectedNonce: checks.nonce,
    pkceCodeVerifier: checks.verifier,
    idTokenExpected: true,
  });
  const claims = claimsSchema.parse(tokens.claims());
  return together(claims, await userInfo(config, tokens.access_token, claims.sub));
}

/** Many issuers keep the ID token small and tell the rest here. */
async function userInfo(config: client.Configuration, accessToken: string, subject: string) {
  if (config.serverMetadata().userinfo_endpoint === undefined) return { sub: subject };
  return await client.fetchUserInfo(config, accessToken, subject);
}

/** Why it did not work, as people are told. */
export function failureOf(error: Error): 'cancelled' | 'refused' | 'unreachable' {
  if (error instanceof client.AuthorizationResponseError) return failures[error.error] ?? 'refused';
  const isUnreachable =
    error instanceof UnreachableIssuerError ||
    error.message === 'fetch failed' ||
    ('code' in error && error.code === 'OAUTH_TIMEOUT') ||
    isServerError(error);
  return isUnreachable ? 'unreachable' : 'refused';
}

/** The library keeps the answer that it did not like among the causes. */
function isServerError(error: unknown): boolean {
  if (error instanceof Response) return error.status >= 500;
  return error instanceof Error && isServerError(error.cause);
}

/** https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1 */
const failures: Readonly<Record<string, 'cancelled' | 'unreachable'>> = {
  access_denied: 'cancelled',
  server_error: 'unreachable',
  temporarily_unavailable: 'unreachable',
};
