import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration, type JWK } from 'oidc-provider';

/** Somebody who can sign in at the issuer. */
export interface Account {
  readonly name?: string;
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly groups?: readonly string[];
}

export interface FakeIssuer {
  readonly url: string;
  readonly client: { readonly id: string; readonly secret: string };
  readonly accounts: Record<string, Account>;
  /** Who sits at the browser; `undefined` cancels. */
  person: string | undefined;
  /** Begins to answer, for a client that returns to this URL. Until then it answers 503. */
  start(redirectUri: string): void;
  /** Answers 503 again. */
  halt(): void;
  /** How often a code was redeemed or tried to be. */
  readonly redeemed: () => number;
  close(): Promise<void>;
}

const client = { id: 'ai-ops-bot', secret: 'client-secret-of-the-bot' };

/** A strict OpenID Connect issuer on loopback: `oidc-provider`, whose people need no password. */
export async function startIssuer(): Promise<FakeIssuer> {
  let provider: Provider | undefined;
  let redeemed = 0;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'one' };
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/token')) redeemed += 1;
    if (provider === undefined) response.writeHead(503).end('{}');
    else if (request.url?.startsWith('/interaction/')) interact(provider, request, response);
    else provider.callback()(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;

  function interact(at: Provider, request: IncomingMessage, response: ServerResponse): void {
    const result =
      issuer.person === undefined
        ? { error: 'access_denied', error_description: 'The person went away.' }
        : { login: { accountId: issuer.person } };
    at.interactionFinished(request, response, result).catch(() => response.writeHead(500).end());
  }

  const issuer: FakeIssuer = {
    url,
    client,
    accounts: {},
    person: undefined,
    start(redirectUri) {
      provider = new Provider(url, configuration(redirectUri, issuer.accounts, key));
    },
    halt() {
      provider = undefined;
    },
    redeemed: () => redeemed,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return issuer;
}

function configuration(
  redirectUri: string,
  accounts: Readonly<Record<string, Account>>,
  key: JWK,
): Configuration {
  return {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    jwks: { keys: [key] },
    cookies: { keys: ['for the cookies of a test'] },
    // Said, so that it does not warn.
    ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600 },
    pkce: { required: () => true },
    claims: { openid: ['sub'], profile: ['name', 'groups'], email: ['email', 'email_verified'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, id) =>
      accounts[id] === undefined
        ? undefined
        : { accountId: id, claims: () => ({ sub: id, ...JSON.parse(JSON.stringify(accounts[id])) }) },
    // Nobody is asked for consent.
    async loadExistingGrant({ oidc }) {
      const { session, client: to } = oidc;
      if (session?.accountId === undefined || to === undefined) return undefined;
      const grant = new oidc.provider.Grant({ accountId: session.accountId, clientId: to.clientId });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  };
}
