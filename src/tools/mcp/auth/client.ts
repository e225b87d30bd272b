import type { OAuthClientMetadata } from '@modelcontextprotocol/sdk/shared/auth.js';

/** The bot as a client of authorization servers. */
export interface ClientFacts {
  /** Where people come back to. */
  readonly redirectUrl: string;
  /** Where the document about this client is; absent where authorization servers could not read it. */
  readonly documentUrl?: string;
}

/** Below the address by which people reach the bot. */
export const callbackPath = '/oauth/mcp/callback';
export const documentPath = '/oauth/mcp/client.json';

/** `publicUrl`: without a slash at the end. Authorization servers read documents over https only. */
export function clientAt(publicUrl: string): ClientFacts {
  const redirectUrl = `${publicUrl}${callbackPath}`;
  return publicUrl.startsWith('https://')
    ? { redirectUrl, documentUrl: `${publicUrl}${documentPath}` }
    : { redirectUrl };
}

type AuthMethod = 'client_secret_basic' | 'client_secret_post' | 'none';
const methods: readonly AuthMethod[] = ['client_secret_basic', 'client_secret_post', 'none'];

/** How we prove who we are, by what an authorization server takes; RFC 8414 says what silence means. */
export function authMethodFor(supported: readonly string[] = ['client_secret_basic']): AuthMethod {
  return methods.find((method) => supported.includes(method)) ?? 'client_secret_basic';
}

/** What we say of ourselves when we register. */
export function clientMetadata({ redirectUrl }: ClientFacts, method: AuthMethod): OAuthClientMetadata {
  return {
    client_name: 'AI Ops Bot',
    redirect_uris: [redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: method,
  };
}

/**
 * The client id metadata document, whose address is the client's id; undefined where there is none.
 * https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/
 */
export function clientDocument(facts: ClientFacts): Readonly<Record<string, unknown>> | undefined {
  if (facts.documentUrl === undefined) return undefined;
  return { client_id: facts.documentUrl, ...clientMetadata(facts, 'none') };
}
