import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { freePort } from '../test/fakes/ports.ts';
import { answer, work } from './work.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
/** As `npm start` does: room for young objects in megabytes, which an idle bot would keep for nothing. */
const asStarted = ['--max-semi-space-size=8'];
const token = 'bench-token-0123456789';
const readyTimeoutMs = 30_000;
const requestTimeoutMs = 60_000;
const stopTimeoutMs = 12_000;

/** A bot as `npm start` runs it, spoken to over its chat API. */
export interface BotProcess {
  /** Where it listens. */
  readonly url: string;
  /** From the start of the process until `/health/ready` said 200. */
  readonly readyMs: number;
  /** Asks in a thread of that name and waits for the answer. Milliseconds. */
  turn(thread: string): Promise<number>;
  /** The same as a stream; resolves when it has ended with how long the acknowledgement took. Milliseconds. */
  streamedTurn(thread: string): Promise<number>;
  /** User and system time of the process so far, children not counted. Milliseconds. */
  cpuMs(): Promise<number>;
  /** Resident set. Bytes. */
  residentBytes(): Promise<number>;
  /** Resolves when every MCP server is connected. */
  toolsReady(): Promise<void>;
  stop(): Promise<void>;
}

export interface BotOptions {
  readonly databaseUrl: string;
  readonly modelUrl: string;
  /** MCP servers, by the first part of their tools' names; `url` without the endpoint. */
  readonly servers: readonly { readonly name: string; readonly url: string }[];
  /** For data, log and bootstrap file. */
  readonly folder: string;
  readonly nodeArgs?: readonly string[];
  /** More resources, by their REST path. */
  readonly rows?: Readonly<Record<string, readonly object[]>>;
  /** More variables, such as those of a platform. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the bot and waits until it is ready. Rejects with the end of its log when it is not. */
export async function startBot(options: BotOptions): Promise<BotProcess> {
  const port = await freePort();
  await mkdir(options.folder, { recursive: true });
  const bootstrapFile = join(options.folder, 'bootstrap.json');
  await writeFile(
    bootstrapFile,
    JSON.stringify({ 'mcp-servers': options.servers.map(serverRow), ...options.rows }),
  );
  const logFile = join(options.folder, 'bot.log');
  const log = openSync(logFile, 'a');
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...asStarted, ...(options.nodeArgs ?? []), main], {
    detached: true,
    stdio: ['ignore', log, log],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PORT: String(port),
      DATA_DIR: join(options.folder, 'data'),
      DATABASE_URL: options.databaseUrl,
      AI_OPS_ADMIN_TOKEN: token,
      AI_OPS_BOOTSTRAP: bootstrapFile,
      OPENAI_API_KEY: 'bench',
      OPENAI_BASE_URL: options.modelUrl,
      LOG_LEVEL: 'info',
      ...options.env,
    },
  });
  const killNow = () => void child.kill('SIGKILL');
  process.once('exit', killNow);
  child.once('exit', () => process.off('exit', killNow));
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const url = `http://127.0.0.1:${port}`;
  const client = createClient(url, agent);
  try {
    const readyMs = await whenReady(client, child, startedAt);
    return { url, readyMs, ...client, stop: () => stop(child, agent) };
  } catch (error) {
    await stop(child, agent);
    const lastWords = (await readFile(logFile, 'utf8')).split('\n').slice(-12).join('\n');
    throw new Error(`The bot did not start. It said:\n${lastWords}`, { cause: error });
  }
}

function serverRow({ name, url }: BotOptions['servers'][number]) {
  return { name, protocol: 'http', url, mcp_endpoint: '/mcp', is_trusted: true };
}

async function whenReady(client: Client, child: ChildProcess, startedAt: number): Promise<number> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`it ended with code ${child.exitCode}`);
    const report = await client.health().catch(() => undefined);
    const passedMs = performance.now() - startedAt;
    if (report?.status === 'ready') return passedMs;
    if (passedMs > readyTimeoutMs) throw new Error(`it was not ready within ${readyTimeoutMs} ms`);
    await sleep(5);
  }
}

async function stop(child: ChildProcess, agent: Agent): Promise<void> {
  agent.destroy();
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
  child.kill('SIGTERM');
  await ended.finally(() => clearTimeout(timer));
}

type Client = ReturnType<typeof createClient>;

const healthSchema = z.object({
  status: z.string(),
  servers: z.record(z.string(), z.object({ status: z.string() })).optional(),
});
const answerSchema = z.object({ status: z.string(), response: z.string() });

function createClient(base: string, agent: Agent) {
  const send = (path: string, options: SendOptions = {}) => exchange(new URL(path, base), agent, options);

  async function turn(thread: string): Promise<number> {
    const startedAt = performance.now();
    const response = await send(chatPath, { message: { message: work.question, thread_id: thread } });
    const body = await text(response);
    const ms = performance.now() - startedAt;
    const { data } = answerSchema.safeParse(JSON.parse(body));
    if (data?.status === 'done' && data.response === answer) return ms;
    throw new Error(`the bot answered with status ${response.statusCode}: ${body}`);
  }

  async function streamedTurn(thread: string): Promise<number> {
    const startedAt = performance.now();
    const message = { message: work.question, thread_id: thread };
    const response = await send(chatPath, { message, accept: 'text/event-stream' });
    const ms = performance.now() - startedAt;
    const events = await text(response);
    if (!events.includes('event: final\n')) throw new Error(`the bot streamed ${events}`);
    return ms;
  }

  async function metric(name: string): Promise<number> {
    const body = await text(await send('/metrics'));
    const line = body.split('\n').find((each) => each.startsWith(`${name} `));
    if (line === undefined) throw new Error(`the bot has no metric ${name}`);
    return Number(line.slice(name.length + 1));
  }

  const health = async () => healthSchema.parse(JSON.parse(await text(await send('/health/ready'))));

  async function toolsReady(): Promise<void> {
    for (let attempt = 0; attempt < 200; attempt++) {
      const servers = Object.values((await health()).servers ?? {});
      if (servers.length >= 2 && servers.every(({ status }) => status === 'ok')) return;
      await sleep(50);
    }
    throw new Error('the MCP servers of the bot are not connected');
  }

  return {
    turn,
    streamedTurn,
    health,
    toolsReady,
    cpuMs: async () => (await metric('process_cpu_seconds_total')) * 1000,
    residentBytes: () => metric('process_resident_memory_bytes'),
  };
}

const chatPath = '/plugins/ai-ops/api/chat/';

interface SendOptions {
  /** A JSON body; then it is a POST. */
  readonly message?: object;
  readonly accept?: string;
}

async function exchange(url: URL, agent: Agent, { message, accept }: SendOptions): Promise<IncomingMessage> {
  const headers = {
    authorization: `Token ${token}`,
    ...(accept === undefined ? {} : { accept }),
    ...(message === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const method = message === undefined ? 'GET' : 'POST';
  const answered = Promise.withResolvers<IncomingMessage>();
  const sent = request(url, { method, agent, headers, timeout: requestTimeoutMs }, answered.resolve);
  sent.once('error', answered.reject);
  sent.once('timeout', () => sent.destroy(new Error(`no answer within ${requestTimeoutMs} ms`)));
  sent.end(message === undefined ? undefined : JSON.stringify(message));
  return await answered.promise;
}

async function text(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
