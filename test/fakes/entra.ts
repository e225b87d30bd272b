import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8');

/** What the double refuses the next request with. */
export interface EntraRefusal {
  readonly status: number;
  readonly error: string;
  readonly description: string;
  /** Seconds. */
  readonly retryAfter?: string;
}

export interface FakeEntra {
  /** `https://localhost:<port>`; who asks must trust the tests' certificate. */
  readonly authorityHost: string;
  /** Where a machine gets tokens for its managed identity, over plain HTTP as on App Service. */
  readonly managed: { readonly endpoint: string; readonly header: string };
  readonly tenantId: string;
  readonly clientId: string;
  readonly secret: string;
  /** The token of Kubernetes that is exchanged. */
  readonly assertion: string;
  /** What it gives. */
  readonly token: string;
  /** Every token that was asked for, refused ones too: its form or its query. */
  readonly asked: readonly URLSearchParams[];
  /** Refuses one request. */
  refuse(refusal: EntraRefusal): void;
  /** How long tokens live, in seconds. */
  lifetime: number;
  close(): Promise<void>;
}

const known = {
  tenantId: '11111111-2222-4333-8444-555555555555',
  clientId: '66666666-7777-4888-8999-000000000000',
  secret: 'client-secret-at-entra',
  assertion: 'kubernetes-token',
  token: 'token-of-entra',
};
const resource = 'https://cognitiveservices.azure.com';
const managedHeader = 'identity-header';

/** Trusts the tests' certificate within this process. */
export function trustTestCertificate(): void {
  tls.setDefaultCACertificates([...tls.getCACertificates(), fixture('localhost.crt')]);
}

/** A strict double of Microsoft Entra ID's token endpoint and of a machine's managed identity. */
export async function startEntra(): Promise<FakeEntra> {
  const asked: URLSearchParams[] = [];
  const refusals: EntraRefusal[] = [];
  const key = { key: fixture('localhost.key'), cert: fixture('localhost.crt') };
  const server = createTlsServer(key, (request, response) => void authority(request, response));
  const machine = createHttpServer((request, response) => void managed(request, response));
  await Promise.all([listen(server), listen(machine)]);
  const authorityHost = `https://localhost:${portOf(server)}`;

  async function authority(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0];
    const tenant = `/${known.tenantId}`;
    if (path === `${tenant}/v2.0/.well-known/openid-configuration`)
      return send(response, 200, discovery(authorityHost + tenant));
    if (request.method !== 'POST' || path !== `${tenant}/oauth2/v2.0/token`)
      return refuse(response, { status: 404, error: 'not_found', description: `no ${request.url} here` });
    const form = new URLSearchParams(await text(request));
    asked.push(form);
    const problem = refusals.shift() ?? problemOf(form);
    if (problem !== undefined) return refuse(response, problem);
    send(response, 200, { token_type: 'Bearer', expires_in: entra.lifetime, access_token: known.token });
  }

  async function managed(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://machine');
    asked.push(searchParams);
    const isRight =
      pathname === '/msi/token' &&
      request.headers['x-identity-header'] === managedHeader &&
      searchParams.get('resource')?.replace(/\/$/, '') === resource;
    const refusal = refusals.shift();
    if (refusal !== undefined || !isRight)
      return refuse(response, refusal ?? { status: 400, error: 'bad', description: 'bad request' });
    const expires_on = String(Math.floor(Date.now() / 1000) + entra.lifetime);
    send(response, 200, { access_token: known.token, expires_on, resource, token_type: 'Bearer' });
  }

  const entra: FakeEntra = {
    ...known,
    authorityHost,
    managed: { endpoint: `http://127.0.0.1:${portOf(machine)}/msi/token`, header: managedHeader },
    asked,
    lifetime: 3600,
    refuse: (refusal) => void refusals.push(refusal),
    close: async () => {
      for (const each of [server, machine]) {
        each.closeAllConnections();
        await new Promise((resolve) => each.close(resolve));
      }
    },
  };
  return entra;
}

function discovery(authority: string) {
  return {
    issuer: `${authority}/v2.0`,
    authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
    token_endpoint: `${authority}/oauth2/v2.0/token`,
    jwks_uri: `${authority}/discovery/v2.0/keys`,
  };
}

/** In the words of Entra ID. */
function problemOf(form: URLSearchParams): EntraRefusal | undefined {
  const is = (name: string, value: string) => form.get(name) === value;
  if (!is('grant_type', 'client_credentials'))
    return { status: 400, error: 'unsupported_grant_type', description: 'AADSTS70003: Unsupported grant.' };
  if (!is('client_id', known.clientId))
    return { status: 400, error: 'unauthorized_client', description: 'AADSTS700016: Application not found.' };
  if (!form.get('scope')?.split(' ').includes(`${resource}/.default`))
    return { status: 400, error: 'invalid_scope', description: 'AADSTS70011: The scope is not valid.' };
  const isClient = is('client_secret', known.secret) && !form.has('client_assertion');
  const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  const isWorkload = is('client_assertion', known.assertion) && is('client_assertion_type', type);
  if (isClient || isWorkload) return undefined;
  const description = `AADSTS7000215: Invalid client secret provided: ${form.get('client_secret')}.`;
  return { status: 401, error: 'invalid_client', description };
}

function refuse(response: ServerResponse, refusal: EntraRefusal): void {
  const { status, error, description, retryAfter } = refusal;
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
  send(response, status, { error, error_description: description, error_codes: [7000215] });
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

type Server = ReturnType<typeof createTlsServer> | ReturnType<typeof createHttpServer>;

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
