import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';

interface Grant {
  readonly clientId: string;
  readonly scope: string;
}

/** An MCP server and its strict authorization server on one origin, as a test plays with them. */
export interface FakeOAuthServer {
  /** Without the endpoint, which is `/mcp`. */
  readonly url: string;
  /** Access tokens that were given out and still do. */
  readonly live: Set<string>;
  /** Every request to the token endpoint, as its grant type. */
  readonly asked: string[];
  /** The scope that calls need; the list needs none. */
  callScope: string;
  /** The next person who comes does not agree. */
  refuses: boolean;
  /** How long a renewal takes, in ms. */
  renewalMs: number;
  /** What the one tool claims of itself. */
  annotations: { readonly destructiveHint?: boolean };
  /** Whatever is asked for, tokens get the scope `use` alone. */
  isStingy: boolean;
  /** Token requests are answered 503. */
  isDown: boolean;
  close(): Promise<void>;
}

/**
 * Codes work once, by PKCE and for the redirect URI they were asked for; refresh tokens rotate, and one
 * that is spent twice ends all tokens of its grant, as RFC 9700 says. Clients register themselves, or are
 * `fixed` with the secret `fixed-secret`.
 */
export async function startOAuthServer(): Promise<FakeOAuthServer> {
  const clients = new Map<string, { secret: string; redirects: readonly string[] }>([
    ['fixed', { secret: 'fixed-secret', redirects: [] }],
  ]);
  const codes = new Map<string, Grant & { challenge: string; redirect: string }>();
  const refreshes = new Map<string, Grant & { spent: boolean }>();
  const scopes = new Map<string, string>();
  const live = new Set<string>();
  const asked: string[] = [];

  function give(grant: Grant, withRefresh: boolean): object {
    const access = `access-${randomUUID()}`;
    const refresh = `refresh-${randomUUID()}`;
    live.add(access);
    scopes.set(access, fake.isStingy ? 'use' : grant.scope);
    if (withRefresh) refreshes.set(refresh, { ...grant, spent: false });
    const more = withRefresh ? { refresh_token: refresh } : {};
    return { access_token: access, token_type: 'Bearer', expires_in: 3600, scope: grant.scope, ...more };
  }

  function authorize(url: URL, response: ServerResponse): void {
    const query = (name: string) => url.searchParams.get(name) ?? '';
    const redirect = query('redirect_uri');
    const client = clients.get(query('client_id'));
    if (client === undefined || (client.redirects.length > 0 && !client.redirects.includes(redirect)))
      return json(response, 400, { error: 'invalid_client' });
    const back = new URL(redirect);
    back.searchParams.set('state', query('state'));
    back.searchParams.set('iss', fake.url);
    const isSound = query('code_challenge_method') === 'S256' && query('code_challenge') !== '';
    if (fake.refuses || !isSound) {
      back.searchParams.set('error', fake.refuses ? 'access_denied' : 'invalid_request');
      fake.refuses = false;
    } else {
      const code = randomUUID();
      const grant = { clientId: query('client_id'), scope: query('scope') };
      codes.set(code, { ...grant, challenge: query('code_challenge'), redirect });
      back.searchParams.set('code', code);
    }
    response.writeHead(302, { location: back.href }).end();
  }

  async function token(body: URLSearchParams, request: IncomingMessage, response: ServerResponse) {
    const field = (name: string) => body.get(name) ?? '';
    asked.push(field('grant_type'));
    if (fake.renewalMs > 0) await new Promise((resolve) => setTimeout(resolve, fake.renewalMs));
    if (fake.isDown) return json(response, 503, {});
    const clientId = clientOf(request, body);
    if (clientId === undefined) return json(response, 401, { error: 'invalid_client' });
    if (field('grant_type') === 'client_credentials')
      return json(response, 200, give({ clientId, scope: field('scope') }, false));
    if (field('grant_type') === 'refresh_token') return refresh(field('refresh_token'), clientId, response);
    const found = codes.get(field('code'));
    codes.delete(field('code'));
    const challenge = createHash('sha256').update(field('code_verifier')).digest('base64url');
    const isSound =
      found?.clientId === clientId &&
      found.challenge === challenge &&
      found.redirect === field('redirect_uri');
    if (found === undefined || !isSound) return json(response, 400, { error: 'invalid_grant' });
    json(response, 200, give({ clientId, scope: found.scope }, true));
  }

  function refresh(value: string, clientId: string, response: ServerResponse): void {
    const found = refreshes.get(value);
    if (found === undefined || found.clientId !== clientId)
      return json(response, 400, { error: 'invalid_grant' });
    if (found.spent) {
      live.clear();
      refreshes.clear();
      return json(response, 400, { error: 'invalid_grant', error_description: 'spent twice' });
    }
    found.spent = true;
    json(response, 200, give(found, true));
  }

  function clientOf(request: IncomingMessage, body: URLSearchParams): string | undefined {
    const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString().split(':');
    const known = clients.get(id === '' ? (body.get('client_id') ?? '') : id);
    if (known === undefined) return undefined;
    const given = id === '' ? (body.get('client_secret') ?? '') : secret;
    return given === known.secret ? (id === '' ? (body.get('client_id') ?? '') : id) : undefined;
  }

  function register(body: string, response: ServerResponse): void {
    const metadata: unknown = JSON.parse(body);
    const redirects: unknown = Reflect.get(Object(metadata), 'redirect_uris');
    const id = `client-${randomUUID()}`;
    const secret = `client-secret-${randomUUID()}`;
    clients.set(id, { secret, redirects: Array.isArray(redirects) ? redirects.map(String) : [] });
    json(response, 201, { ...Object(metadata), client_id: id, client_secret: secret });
  }

  async function mcp(body: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const about = `resource_metadata="${fake.url}/.well-known/oauth-protected-resource/mcp"`;
    if (!live.has(token)) {
      response.setHeader('www-authenticate', `Bearer ${about}, scope="use"`);
      return json(response, 401, { error: `unknown token ${token}` });
    }
    const message: unknown = body === '' ? {} : JSON.parse(body);
    const has = (scopes.get(token) ?? '').split(' ');
    if (Reflect.get(Object(message), 'method') === 'tools/call' && !has.includes(fake.callScope)) {
      response.setHeader(
        'www-authenticate',
        `Bearer error="insufficient_scope", scope="${fake.callScope}", ${about}`,
      );
      return json(response, 403, { error: 'insufficient_scope' });
    }
    const server = new McpServer({ name: 'guarded', version: '1.0.0' });
    const whose = { description: 'Says whose token it was.', annotations: fake.annotations };
    server.registerTool('whose', whose, () => ({
      content: [{ type: 'text', text: `token ${token.slice(0, 12)}` }],
    }));
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    response.on('close', () => void server.close());
    // The SDK's own transport class does not fit its own interface under exactOptionalPropertyTypes.
    await server.connect(transport as Transport);
    await transport.handleRequest(request, response, message);
  }

  const http = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', fake.url);
    const body = await textOf(request);
    switch (url.pathname) {
      case '/mcp':
        return request.method === 'POST' ? await mcp(body, request, response) : json(response, 405, {});
      case '/.well-known/oauth-protected-resource/mcp':
        return json(response, 200, { resource: `${fake.url}/mcp`, authorization_servers: [fake.url] });
      case '/.well-known/oauth-authorization-server':
        return json(response, 200, metadataOf(fake.url));
      case '/authorize':
        return authorize(url, response);
      case '/token':
        return await token(new URLSearchParams(body), request, response);
      case '/register':
        return register(body, response);
      default:
        return json(response, 404, {});
    }
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const fake: FakeOAuthServer = {
    url: `http://127.0.0.1:${port}`,
    live,
    asked,
    callScope: 'use',
    refuses: false,
    renewalMs: 0,
    annotations: {},
    isStingy: false,
    isDown: false,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  return fake;
}

function metadataOf(url: string): object {
  return {
    issuer: url,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    registration_endpoint: `${url}/register`,
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic'],
    authorization_response_iss_parameter_supported: true,
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
