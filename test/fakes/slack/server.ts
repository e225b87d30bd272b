import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFaults } from '../faults.ts';
import { type Delivery, httpDelivery, type SocketHub, slackAckMs, socketHub } from './delivery.ts';
import type { Faults } from './faults.ts';
import { baseUrls, createWorkspace, type Json, type Workspace } from './state.ts';
import { createWebApi, type RecordedCall } from './web-api.ts';
import { acceptSocket } from './websocket.ts';

export interface FakeSlackOptions {
  readonly transport?: 'http' | 'socket';
  /** Slack's own: 0, 60,000 and 300,000 ms. */
  readonly retryDelaysMs?: readonly number[];
  /** How long it waits for an acknowledgement; Slack's own: 3,000 ms. */
  readonly ackMs?: number;
  /** Files are answered with a sign-in page, as without `files:read`. */
  readonly scopes?: readonly string[];
}

export interface FakeSlack {
  /** `http://127.0.0.1:<port>`; the Web API is at `/api/`. */
  readonly url: string;
  readonly workspace: Workspace;
  readonly faults: Faults;
  readonly calls: readonly RecordedCall[];
  readonly delivery: Delivery;
  readonly sockets: SocketHub;
  readonly scopes: Set<string>;
  /** The environment of a bot that is installed here. */
  readonly env: Readonly<Record<string, string>>;
  /** What was sent to response URLs: `<id>` → bodies. */
  readonly responses: Map<string, Json[]>;
  /** Where the app listens, once it does. */
  deliverTo(url: string): void;
  /** Moves the clock on. */
  skip(ms: number): void;
  close(): Promise<void>;
}

export const botToken = 'xoxb-test-token';
export const appToken = 'xapp-test-token';
export const signingSecret = 'test-signing-secret';

const allScopes = [
  'app_mentions:read',
  'assistant:write',
  'channels:history',
  'channels:read',
  'chat:write',
  'commands',
  'files:read',
  'files:write',
  'groups:history',
  'groups:read',
  'im:history',
  'im:read',
  'im:write',
  'mpim:history',
  'reactions:read',
  'reactions:write',
  'users:read',
  'users:read.email',
];

/**
 * A small Slack on a loopback port: one workspace, one app in it. It makes a message of every post that it
 * accepts, never one of two, and refuses what Slack refuses in Slack's words.
 */
export async function startFakeSlack(options: FakeSlackOptions = {}): Promise<FakeSlack> {
  const { transport = 'http', retryDelaysMs = [0, 60_000, 300_000], ackMs = slackAckMs } = options;
  let skipped = 0;
  let target = '';
  const now = () => Date.now() + skipped;
  const workspace = createWorkspace(now);
  const faults: Faults = createFaults();
  const calls: RecordedCall[] = [];
  const responses = new Map<string, Json[]>();
  const scopes = new Set(options.scopes ?? allScopes);
  const sockets = socketHub({ retryDelaysMs, ackMs });
  const api = createWebApi({
    workspace,
    botToken,
    appToken,
    scopes,
    faults,
    calls,
    baseUrl: () => base,
    openSocket: () => `${base.replace('http', 'ws')}/link/`,
  });

  const server = createServer(async (request, response) => {
    const body = await readBody(request);
    const [, kind = '', name = ''] = new URL(request.url ?? '/', 'http://slack').pathname.split('/');
    if (kind === 'api') return await api(request, response, name, body);
    if (kind === 'upload') {
      const upload = workspace.uploads.get(name);
      if (upload !== undefined) upload.bytes = body;
      return void response.writeHead(upload === undefined ? 404 : 200).end('OK');
    }
    if (kind === 'files') return sendFile(name, request, response);
    if (kind === 'response') {
      responses.set(name, [...(responses.get(name) ?? []), JSON.parse(body.toString())]);
      return void response.writeHead(200).end('ok');
    }
    response.writeHead(404).end();
  });

  function sendFile(
    id: string,
    request: IncomingMessage,
    response: import('node:http').ServerResponse,
  ): void {
    const file = workspace.files.get(id);
    const mayRead = scopes.has('files:read') && request.headers.authorization === `Bearer ${botToken}`;
    if (file === undefined) return void response.writeHead(404).end();
    if (!mayRead)
      return void response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!DOCTYPE html><title>Sign in</title>');
    response
      .writeHead(200, { 'content-type': file.mimetype, 'content-length': file.bytes.length })
      .end(file.bytes);
  }

  server.on('upgrade', (request, socket) => sockets.accept(acceptSocket(request, socket)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const base = `http://127.0.0.1:${port}`;
  baseUrls.set(workspace, base);
  const http = httpDelivery({
    target: () => target,
    signingSecret,
    retryDelaysMs,
    now: () => Date.now(),
    ackMs,
  });
  return {
    url: base,
    workspace,
    faults,
    calls,
    scopes,
    responses,
    sockets,
    delivery: transport === 'http' ? http : sockets,
    env: {
      SLACK_BOT_TOKEN: botToken,
      SLACK_API_URL: `${base}/api/`,
      ...(transport === 'http' ? { SLACK_SIGNING_SECRET: signingSecret } : { SLACK_APP_TOKEN: appToken }),
    },
    deliverTo(url) {
      target = `${url.replace(/\/$/, '')}/slack/events`;
    },
    skip(ms) {
      skipped += ms;
    },
    close: () =>
      new Promise((resolve) => {
        sockets.cut();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}
