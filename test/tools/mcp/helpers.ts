import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../../../src/agent/json.ts';
import type { Tool } from '../../../src/agent/tool.ts';
import type { Log, LogFields } from '../../../src/observe/port.ts';
import { guardedFetch } from '../../../src/tools/guarded-fetch.ts';
import { createPool, type Pool, type PoolOptions } from '../../../src/tools/mcp/pool.ts';
import type { ServerConfig } from '../../../src/tools/port.ts';

export interface Entry {
  readonly level: string;
  readonly event: string;
  readonly fields: LogFields;
}

/** A log that keeps what it is told. */
export function memoryLog(entries: Entry[] = [], base: LogFields = {}): Log & { readonly entries: Entry[] } {
  const at =
    (level: string) =>
    (event: string, fields: LogFields = {}) => {
      entries.push({ level, event, fields: { ...base, ...fields } });
    };
  return {
    entries,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (fields) => memoryLog(entries, { ...base, ...fields }),
  };
}

const everything = fileURLToPath(
  import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js'),
);
const blank = {
  url: '',
  mcpEndpoint: '',
  headers: {},
  command: '',
  args: [],
  env: {},
  isTrusted: true,
  type: 'internal',
  healthCheck: '',
  overrides: {},
  pins: { accepted: [], refused: [], acceptedBy: 'system:lab' },
} as const;

export function stdioServer(
  name: string,
  command: string,
  args: readonly string[],
  more: Partial<ServerConfig> = {},
): ServerConfig {
  return { ...blank, id: name, name, protocol: 'stdio', command, args, ...more };
}

export function httpServer(name: string, url: string, more: Partial<ServerConfig> = {}): ServerConfig {
  return { ...blank, id: name, name, protocol: 'http', url, mcpEndpoint: '/mcp', ...more };
}

export function everythingOverStdio(name = 'everything', more: Partial<ServerConfig> = {}): ServerConfig {
  return stdioServer(name, process.execPath, [everything, 'stdio'], more);
}

/** The path of a small program in this folder. */
export function program(name: string): string {
  return fileURLToPath(new URL(`programs/${name}`, import.meta.url));
}

export function tempDir(): string {
  return mkdtempSync(join(tmpdir(), 'ai-ops-tools-'));
}

export interface TestPool extends Pool {
  readonly childrenDir: string;
  readonly log: ReturnType<typeof memoryLog>;
}

export function testPool(options: Partial<PoolOptions> = {}): TestPool {
  const childrenDir = join(tempDir(), 'children');
  const log = memoryLog();
  const environment = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    LANG: 'C.UTF-8',
    BOT_SECRET: 'do-not-leak',
  };
  const pool = createPool({
    log,
    childrenDir,
    environment,
    version: '0.0.0-test',
    fetchFor: guardedFetch({ environment: {} }),
    retryFirstMs: 100,
    ...options,
  });
  return { ...pool, childrenDir, log };
}

export function toolOf(pool: Pool, name: string): Tool {
  const tool = pool.tools().find((candidate) => candidate.name === name);
  if (tool === undefined)
    throw new Error(
      `no tool ${name} among ${pool
        .tools()
        .map((candidate) => candidate.name)
        .join(', ')}`,
    );
  return tool;
}

export function call(pool: Pool, name: string, args: JsonObject = {}, signal = AbortSignal.timeout(15_000)) {
  return toolOf(pool, name).run(args, signal);
}

/** Waits until the condition holds; fails after `ms`. */
export async function until(condition: () => boolean, ms = 30_000): Promise<void> {
  const end = Date.now() + ms;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Listens on the loopback; returns the port. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A port on which nothing listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The real server-everything over streamable HTTP at `/mcp`, or over the older transport at `/sse`. */
export async function everythingOverHttp(
  port: number,
  transport: 'streamableHttp' | 'sse' = 'streamableHttp',
): Promise<{ stop(): Promise<void> }> {
  const child = spawn(process.execPath, [everything, transport], {
    env: { PATH: process.env.PATH, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.resume();
  await said(child, /(?:listening|running) on port/i);
  return { stop: () => stop(child) };
}

/** Resolves with the text when the child has written it to either stream. */
export function said(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const read = (chunk: Buffer) => {
      text += chunk.toString();
      const match = pattern.exec(text);
      if (match !== null) resolve(match[1] ?? match[0]);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', () => reject(new Error(`it ended; it said: ${text}`)));
  });
}

export function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
