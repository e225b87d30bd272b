import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFaults } from '../faults.ts';
import { type Budgets, createBudgets } from './budgets.ts';
import { createDelivery, type Delivery, type Patience } from './delivery.ts';
import type { Faults } from './faults.ts';
import { sendFile, sendImage, takeUpload } from './files.ts';
import { createHttpApi, isBot, type RecordedCall } from './http-api.ts';
import { createIdentity, type Identity } from './identity.ts';
import type { Json } from './json.ts';
import { createTenant, type TeamsTenant } from './state.ts';
import { startTokenEndpoint, type TokenEndpoint } from './token-endpoint.ts';

export interface FakeTeamsOptions extends Partial<Patience> {
  /** The clock moves by `skip` alone: for tests of budgets, streams and addresses that end. */
  readonly isStill?: boolean;
}

export interface FakeTeams {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** As activities carry it, of the region that the tenant is in now: `http://127.0.0.1:<port>/emea/<tenant>/`. */
  serviceUrl(): string;
  /** Where the bot loads the connector's issuer and, from there, its keys. */
  readonly openIdMetadataUrl: string;
  /** A bearer that the connector takes from the bot. */
  readonly token: string;
  /** All bearers that it takes, those of the token endpoint too. */
  readonly tokens: Set<string>;
  readonly tokenEndpoint: TokenEndpoint;
  readonly tenant: TeamsTenant;
  readonly identity: Identity;
  readonly faults: Faults;
  readonly budgets: Budgets;
  readonly calls: readonly RecordedCall[];
  readonly delivery: Delivery;
  readonly patience: Patience;
  /** The environment of a bot that is installed here. */
  readonly env: Readonly<Record<string, string>>;
  /** Where the bot listens, once it does. */
  deliverTo(url: string): void;
  /** Moves the clock on: budgets, streams and addresses of files follow it. */
  skip(ms: number): void;
  /** The tenant moves to another region: activities name a new serviceUrl and the old one answers 403. */
  move(region: string): void;
  close(): Promise<void>;
}

export const appId = '66666666-7777-4888-8999-aaaaaaaaaaaa';
export const appPassword = 'password-of-the-bot';
export const tenantId = '11111111-2222-4333-8444-555555555555';

/**
 * A small Teams on a loopback port: one organisation, one app in it. It makes a message of every post that
 * it accepts, never one of two, and refuses what Teams refuses in the connector's words. Where the real one
 * is not known to accept something, it refuses it.
 */
export async function startFakeTeams(options: FakeTeamsOptions = {}): Promise<FakeTeams> {
  const { isStill = false, ...given } = options;
  const started = Date.now();
  const patience: Patience = { ackMs: 15_000, resendDelaysMs: [0, 1000], invokeMs: 5000, ...given };
  let skipped = 0;
  let target = '';
  let region = 'emea';
  const now = () => (isStill ? started : Date.now()) + skipped;
  const tenant = createTenant(now, appId, tenantId);
  const faults: Faults = createFaults();
  const budgets = createBudgets(now);
  const calls: RecordedCall[] = [];
  const token = 'bearer-of-the-bot';
  const tokens = new Set([token]);
  const serviceUrl = () => `${base}/${region}/${tenantId}/`;
  const identity = await createIdentity({ appId, serviceUrl });
  const api = createHttpApi({ tenant, tokens, faults, budgets, calls });
  const delivery = createDelivery(() => target, identity, patience);

  const server = createServer(async (request, response) => {
    const body = await readBody(request);
    const url = new URL(request.url ?? '/', 'http://teams');
    const [kind = '', name = ''] = url.pathname.split('/').slice(1);
    if (kind === 'v1') return sendKeys(url.pathname, request, response);
    if (kind === 'files') return sendFile(tenant, name, request, response);
    if (kind === 'upload') return takeUpload(tenant, name, request, body, response);
    const service = `/${kind}/${tenantId}/`;
    if (!url.pathname.startsWith(`${service}v3/`)) return void response.writeHead(404).end();
    if (kind !== region) return json(response, 403, movedAway);
    const path = new URL(`/${url.pathname.slice(service.length)}${url.search}`, 'http://teams');
    const image = /^\/v3\/attachments\/([^/]+)\/views\/original$/.exec(path.pathname);
    if (image !== null)
      return sendImage(tenant, image[1] ?? '', isBot(request, { tokens, faults }), response);
    await api(request, response, path, body);
  });

  function sendKeys(path: string, request: IncomingMessage, response: ServerResponse): void {
    if (!identity.isReachable) return void request.socket.destroy();
    if (path === '/v1/.well-known/openidconfiguration') {
      identity.loaded.metadata += 1;
      return json(response, 200, identity.metadata(base));
    }
    if (path !== '/v1/.well-known/keys') return void response.writeHead(404).end();
    identity.loaded.keys += 1;
    json(response, 200, identity.keys());
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const base = `http://127.0.0.1:${port}`;
  const tokenEndpoint = await startTokenEndpoint({ tenantId, appId, password: appPassword }, tokens);
  return {
    url: base,
    serviceUrl,
    openIdMetadataUrl: `${base}/v1/.well-known/openidconfiguration`,
    token,
    tokens,
    tokenEndpoint,
    tenant,
    identity,
    faults,
    budgets,
    calls,
    delivery,
    patience,
    env: {
      MicrosoftAppId: appId,
      MicrosoftAppPassword: appPassword,
      MicrosoftAppType: 'SingleTenant',
      MicrosoftAppTenantId: tenantId,
      TEAMS_ALLOWED_TENANTS: tenantId,
    },
    deliverTo(url) {
      target = `${url.replace(/\/$/, '')}/api/messages`;
    },
    skip(ms) {
      skipped += ms;
    },
    move(to) {
      region = to;
    },
    async close() {
      await tokenEndpoint.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const movedAway = { error: { code: 'Forbidden', message: 'The tenant is not served here any more.' } };

function json(response: ServerResponse, status: number, body: Json): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}
