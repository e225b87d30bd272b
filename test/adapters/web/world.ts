import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChatEvent } from '../../../adapters/web/events.ts';
import { createWebAdapter } from '../../../adapters/web/index.ts';
import type { OrganisationSignIn } from '../../../src/chat/identity.ts';
import type { LogFields } from '../../../src/observe/port.ts';
import { createFakeBot } from './fake-bot.ts';
import { createFakeGate } from './fake-gate.ts';
import { createFakeRest } from './fake-rest.ts';
import { listen } from './host.ts';
import type { Script } from './script.ts';

/** Parsed JSON of an answer, as a test looks at it. */
export type Json = Readonly<Record<string, unknown>>;

export interface WorldOptions {
  readonly script: Script;
  /** True: turns run on another replica, so nothing is heard live. */
  readonly isRemote?: boolean;
  readonly assetsDir?: string;
  readonly keepAliveMs?: number;
  readonly port?: number;
  /** People sign in there as well. */
  readonly organisation?: OrganisationSignIn;
}

/** A web adapter over HTTP, before a bot, a gate and resources that live in memory. */
export async function createWorld({
  script,
  isRemote = false,
  keepAliveMs = 15_000,
  ...options
}: WorldOptions) {
  const bot = createFakeBot(script);
  const gate = createFakeGate(options);
  const logged: { readonly event: string; readonly fields: LogFields }[] = [];
  const write = (event: string, fields: LogFields = {}) => void logged.push({ event, fields });
  const log = { debug: write, info: write, warn: write, error: write, with: () => log };
  const assetsDir = options.assetsDir ?? (await emptyConsole());
  const adapter = createWebAdapter({ bot, gate, log, assetsDir, secureCookies: false, keepAliveMs });
  if (!isRemote) bot.previewOn(adapter);
  const rest = createFakeRest(gate);
  const routes = [...adapter.routes, ...rest.routes];
  const host = await listen(routes, options.port);
  const api = `${host.url}/plugins/ai-ops/api`;

  async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const answer = await fetch(path.startsWith('/') ? host.url + path : `${api}/${path}`, {
      method,
      redirect: 'manual',
      headers: { authorization: 'Token alice', ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.startsWith('application/json');
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      json: (isJson ? JSON.parse(text) : {}) as Json,
    };
  }

  /** The events of a stream as they come; ends with the stream or when `signal` aborts. */
  async function* stream(method: string, path: string, body?: unknown, signal?: AbortSignal) {
    const answer = await fetch(`${api}/${path}`, {
      method,
      headers: { authorization: 'Token alice', accept: 'text/event-stream' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
    if (!answer.body) throw new Error('no stream');
    yield* parseEvents(answer.body);
  }

  return {
    bot,
    gate,
    rest,
    adapter,
    routes,
    host,
    logged,
    call,
    stream,
    async close() {
      await adapter.stop?.();
      await host.close();
    },
  };
}

async function* parseEvents(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<ChatEvent | { event: 'comment' }> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
      yield event === undefined
        ? { event: 'comment' }
        : ({ event, data: JSON.parse(data ?? '') } as ChatEvent);
    }
  }
}

/** Everything that a stream brings until it ends. */
export async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** A built console of one page and one file. */
async function emptyConsole(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'console-'));
  await mkdir(join(dir, 'assets'));
  await writeFile(join(dir, 'index.html'), '<!doctype html><title>Console</title>');
  await writeFile(join(dir, 'assets', 'index-abc123.js'), 'export {};');
  await writeFile(join(dir, 'secret.js'), 'not for the web');
  return dir;
}
