import type { Fetch } from '../guarded-fetch.ts';
import { networkFailure } from '../network-failure.ts';
import type { ServerCheck, ServerConfig } from '../port.ts';
import type { Connection } from './connection.ts';
import { createDial, type DialOptions } from './dial.ts';
import { mcpUrl, urlOf } from './http.ts';
import { masker } from './masker.ts';
import { type ListedTool, readTool } from './schema.ts';
import { sentence } from './sentence.ts';
import type { ServerList } from './server.ts';
import { deadline, orAbort } from './wait.ts';

const healthMs = 5_000;
const sessionMs = 10_000;
const pingMs = 5_000;

type Finding = Pick<ServerCheck, 'healthy' | 'message' | 'details' | 'url' | 'tools'>;

/**
 * Asks a server how it is, over a connection of its own that is closed again. An http server with a
 * health path is asked there: 200 is healthy, and 404, 405 or 406 mean that there is no such path. Without
 * one, and for stdio, MCP is asked: initialize, then ping. Takes 5 s for the path and 10 s for MCP at
 * most (for MCP over http `withinMs`), and up to 3 s for a child to end. Never throws.
 */
export async function checkServer(
  config: ServerConfig,
  options: DialOptions,
  withinMs = sessionMs,
): Promise<ServerCheck> {
  const asked = { ...options, sessionMs: config.protocol === 'http' ? withinMs : sessionMs };
  return await timed(config, () => find(config, asked));
}

/** Asks a server that is not stored: its health path where it has one, and MCP in any case, by the names of its tools. Never throws. */
export async function tryServer(config: ServerConfig, options: DialOptions): Promise<ServerCheck> {
  return await timed(config, async () => {
    const asked = { ...options, sessionMs, namesTools: true };
    if (config.protocol === 'stdio' || config.healthCheck === '') return await askMcp(config, asked);
    const health = await askHealth(config, options.fetchFor(config.type));
    const isIll = health.type === 'found' && !health.finding.healthy;
    return isIll ? health.finding : await askMcp(config, asked);
  });
}

async function timed(config: ServerConfig, work: () => Promise<Finding>): Promise<ServerCheck> {
  const startedAt = performance.now();
  const found = await work().catch((error: unknown) =>
    unhealthy(whyOf(error), { details: '', url: config.url }),
  );
  const message = maskerOf(config)(found.message);
  return { ...found, message, latencyMs: Math.round(performance.now() - startedAt) };
}

/** What a server lists, over a connection for the moment. Throws a sentence. */
export async function listTools(config: ServerConfig, options: DialOptions): Promise<ServerList> {
  const answer = await inSession(config, options, async (connection, signal) => ({
    tools: usable(await orAbort(connection.listTools(signal), signal)),
    instructions: connection.instructions(),
  }));
  if (answer.type === 'failed') throw new Error(maskerOf(config)(sentence(answer.why)));
  return answer.value;
}

/** Servers repeat what they were sent. */
function maskerOf({ headers, env }: ServerConfig): (text: string) => string {
  return masker([...Object.values(headers), ...Object.values(env)]);
}

type CheckOptions = DialOptions & {
  readonly sessionMs: number;
  /** Says which tools there are, too. */
  readonly namesTools?: boolean;
};

async function find(config: ServerConfig, options: CheckOptions): Promise<Finding> {
  if (config.protocol === 'stdio') return await askMcp(config, options);
  if (config.healthCheck === '') return await askMcp(config, options);
  const health = await askHealth(config, options.fetchFor(config.type));
  if (health.type === 'found') return health.finding;
  const found = await askMcp(config, options);
  return { ...found, details: `${health.details} So MCP was asked. ${found.details}`.trim() };
}

type Health =
  | { readonly type: 'found'; readonly finding: Finding }
  /** There is nothing at its path. */
  | { readonly type: 'absent'; readonly details: string };

async function askHealth(config: ServerConfig, fetch: Fetch): Promise<Health> {
  const url = urlOf(config.url, config.healthCheck);
  const limit = deadline(healthMs);
  try {
    const response = await fetch(url, { headers: { ...config.headers }, signal: limit.signal });
    await response.body?.cancel();
    return judge(response, url.href);
  } catch (error) {
    const why = limit.expired() ? `it did not answer within ${healthMs / 1000} s` : whyOf(error);
    return { type: 'found', finding: unhealthy(why, { details: `GET ${url.href} failed.`, url: url.href }) };
  } finally {
    limit.release();
  }
}

function judge(response: Response, url: string): Health {
  const { status } = response;
  const details = `GET ${url} answered HTTP ${status}.`;
  // 406: MCP itself is served there, and misses what its clients accept.
  if (status === 404 || status === 405 || status === 406) return { type: 'absent', details };
  if (status === 200)
    return {
      type: 'found',
      finding: { healthy: true, message: 'It answers (HTTP 200).', details, url },
    };
  return { type: 'found', finding: unhealthy(statusWhy(status), { details, url }) };
}

function statusWhy(status: number): string {
  if (status === 401 || status === 403)
    return `it refused our credentials (HTTP ${status}); check its headers`;
  if (status >= 300 && status < 400)
    return `its health check leads to another address (HTTP ${status}), which is not followed; correct its URL`;
  return `its health check answered HTTP ${status} instead of 200; check its log`;
}

async function askMcp(config: ServerConfig, options: CheckOptions): Promise<Finding> {
  const url = config.protocol === 'http' ? mcpUrl(config).href : '';
  const answer = await inSession(config, options, async (connection, signal, lost) => {
    await connection.ping(pingMs);
    if (lost.why !== undefined) throw new Error(lost.why);
    return usable(await orAbort(connection.listTools(signal), signal));
  });
  if (answer.type === 'failed')
    return unhealthy(answer.why, { details: 'MCP: initialize or ping failed.', url });
  const tools = answer.value.length;
  const names = options.namesTools === true ? namesOf(answer.value) : '';
  const message = `It speaks MCP and lists ${tools} ${tools === 1 ? 'tool' : 'tools'}${names}.`;
  return { healthy: true, message, details: 'MCP: initialize and ping were answered.', url, tools };
}

const mostNames = 20;

/** A name is a server's word: nothing within is drawn. */
function namesOf(tools: readonly ListedTool[]): string {
  const names = tools.slice(0, mostNames).map(({ name }) => `\`${name.slice(0, 64).replaceAll('`', 'ˋ')}\``);
  const more = tools.length > mostNames ? [`and ${tools.length - mostNames} more`] : [];
  return names.length === 0 ? '' : `: ${[...names, ...more].join(', ')}`;
}

type Answer<T> =
  | { readonly type: 'value'; readonly value: T }
  | { readonly type: 'failed'; readonly why: string };

/** Opens a session, and has really ended it when it resolves. */
async function inSession<T>(
  config: ServerConfig,
  options: DialOptions & { readonly sessionMs?: number },
  work: (connection: Connection, signal: AbortSignal, lost: { readonly why?: string }) => Promise<T>,
): Promise<Answer<T>> {
  const limit = deadline(options.sessionMs ?? sessionMs);
  const lost: { why?: string } = {};
  let connection: Connection | undefined;
  try {
    connection = createDial(options)(config, {
      onClose: (why) => {
        lost.why = why;
      },
      onToolsChanged: () => {},
    });
    await connection.connect(limit.signal);
    return { type: 'value', value: await work(connection, limit.signal, lost) };
  } catch (error) {
    return { type: 'failed', why: whyOf(error) };
  } finally {
    limit.release();
    await connection?.close().catch(() => {});
  }
}

function usable(entries: readonly unknown[]): readonly ListedTool[] {
  return entries.map(readTool).flatMap((entry) => (entry.type === 'tool' ? [entry.tool] : []));
}

function unhealthy(why: string, where: { readonly details: string; readonly url: string }): Finding {
  return { healthy: false, message: sentence(why), ...where };
}

function whyOf(error: unknown): string {
  if (error instanceof TypeError) return networkFailure(error);
  return error instanceof Error ? error.message : String(error);
}
