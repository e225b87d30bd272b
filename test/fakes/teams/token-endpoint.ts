import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

const fixture = (name: string) =>
  readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url), 'utf8');

/** What the bot signs in with. */
export interface BotSecret {
  readonly tenantId: string;
  readonly appId: string;
  readonly password: string;
}

export interface TokenEndpoint {
  /** `https://localhost:<port>/<tenant>`; who asks must trust the tests' certificate. */
  readonly authority: string;
  /** Every request, refused ones too. */
  readonly asked: readonly URLSearchParams[];
  close(): Promise<void>;
}

const scope = 'https://api.botframework.com/.default';

/**
 * Where the bot gets its token for the connector, over https as MSAL demands. Each token that it gives is
 * added to those that the connector takes.
 */
export async function startTokenEndpoint(secret: BotSecret, tokens: Set<string>): Promise<TokenEndpoint> {
  const asked: URLSearchParams[] = [];
  const key = { key: fixture('localhost.key'), cert: fixture('localhost.crt') };
  const server = createServer(key, (request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const authority = `https://localhost:${(server.address() as AddressInfo).port}/${secret.tenantId}`;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', authority).pathname;
    if (path === `/${secret.tenantId}/v2.0/.well-known/openid-configuration`)
      return send(response, 200, discovery(authority));
    if (request.method !== 'POST' || path !== `/${secret.tenantId}/oauth2/v2.0/token`)
      return send(response, 404, { error: 'not_found' });
    const form = new URLSearchParams(await text(request));
    asked.push(form);
    const problem = problemOf(form, secret);
    if (problem !== undefined) return send(response, 401, problem);
    const token = `token-${randomUUID()}`;
    tokens.add(token);
    send(response, 200, {
      token_type: 'Bearer',
      expires_in: 86_399,
      ext_expires_in: 86_399,
      access_token: token,
    });
  }

  return {
    authority,
    asked,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function problemOf(form: URLSearchParams, secret: BotSecret): object | undefined {
  const is = (name: string, value: string) => form.get(name) === value;
  if (!is('grant_type', 'client_credentials')) return { error: 'unsupported_grant_type' };
  if (!is('client_id', secret.appId)) return { error: 'unauthorized_client' };
  if (form.get('scope')?.split(' ').includes(scope) !== true) return { error: 'invalid_scope' };
  if (is('client_secret', secret.password)) return undefined;
  return { error: 'invalid_client', error_description: 'AADSTS7000215: Invalid client secret provided.' };
}

function discovery(authority: string) {
  return {
    issuer: `${authority}/v2.0`,
    authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
    token_endpoint: `${authority}/oauth2/v2.0/token`,
    jwks_uri: `${authority}/discovery/v2.0/keys`,
  };
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
