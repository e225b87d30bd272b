import { setTimeout as sleep } from 'node:timers/promises';
import { webApi } from '@slack/bolt';
import { at, type Json, textOf } from '../../src/chat/json.ts';
import type { Clock, Log } from '../../src/observe/port.ts';
import { SlackCallError, tokenCodes } from './call-error.ts';
import type { Installations } from './installations.ts';
import { createLanes, type Lane } from './lanes.ts';
import { quietLogger } from './logger.ts';

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** How long to wait for a closed lane before giving up. Default 0. */
  readonly patienceMs?: number;
}

/** Slack's Web API. Each call throws `SlackCallError`; none is made again by itself. */
export interface SlackApi {
  call(team: string, method: string, args: Json, options?: CallOptions): Promise<Json>;
  /** The same where failing does no harm: undefined then, and said once in the log. */
  attempt(team: string, method: string, args: Json, options?: CallOptions): Promise<Json | undefined>;
  /**
   * Brings bytes of a file to Slack or from it. The token goes to Slack's own hosts alone, redirects among
   * them included; throws `foreign_host` for all others.
   */
  fetch(team: string, url: string, init: RequestInit): Promise<Response>;
  /** What is wrong with the token, as Slack said last: it was refused, or lacks scopes. */
  troubles(): readonly string[];
}

export interface ApiOptions {
  readonly installations: Installations;
  /** Of the Web API; default Slack's own. */
  readonly apiUrl?: string;
  readonly clock: Clock;
  readonly log: Log;
}

const timeoutMs = 10_000;
/** A token that Slack refuses is tried again only so often. */
const askAgainMs = 60_000;

export function createApi({ installations, apiUrl, clock, log }: ApiOptions): SlackApi {
  const lanes = createLanes(clock);
  const clients = new Map<string, webApi.WebClient>();
  const refused = new Map<string, number>();
  const told = new Set<string>();
  const missing = new Map<string, string>();

  function clientOf(token: string): webApi.WebClient {
    const known = clients.get(token);
    if (known !== undefined) return known;
    const made = new webApi.WebClient(token, {
      ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      timeout: timeoutMs,
      logger: quietLogger,
      allowAbsoluteUrls: false,
    });
    clients.set(token, made);
    return made;
  }

  /** The token, unless Slack refused it a moment ago. */
  async function tokenOf(team: string, method: string): Promise<string> {
    const until = refused.get(team) ?? 0;
    if (until > clock.now())
      throw new SlackCallError(method, 'token_refused', {
        isRefused: true,
        retryAfterMs: until - clock.now(),
      });
    const installation = await installations.of(team);
    if (installation !== undefined) return installation.botToken;
    throw new SlackCallError(method, 'not_installed', { isRefused: true, retryAfterMs: askAgainMs });
  }

  async function open(lane: Lane, { signal, patienceMs = 0 }: CallOptions): Promise<void> {
    for (let closed = lanes.closedFor(lane); closed > 0; closed = lanes.closedFor(lane)) {
      if (closed > patienceMs)
        throw new SlackCallError(lane.method, 'ratelimited', { isRefused: true, retryAfterMs: closed });
      await sleep(closed, undefined, signal === undefined ? {} : { signal });
    }
  }

  function failed(lane: Lane, error: unknown): SlackCallError {
    const { method, team } = lane;
    if (error instanceof webApi.WebAPIRateLimitedError) {
      const retryAfterMs = error.retryAfter * 1000;
      lanes.close(lane, retryAfterMs);
      return new SlackCallError(method, 'ratelimited', { isRefused: true, retryAfterMs, cause: error });
    }
    if (error instanceof webApi.WebAPIPlatformError) {
      const code = error.data.error;
      if (code === 'missing_scope') missing.set(`${team} ${method}`, textOf(at(error.data, 'needed')));
      if (tokenCodes.has(code)) return refusedToken(team, method, code);
      const isSure = !['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout'].includes(
        code,
      );
      return new SlackCallError(method, code, { isRefused: isSure, cause: error });
    }
    const code = error instanceof webApi.WebAPIHTTPError ? 'http' : 'network';
    return new SlackCallError(method, code, { isRefused: false, cause: error });
  }

  /** The call itself was never made. */
  function unsent(lane: Lane, error: unknown): SlackCallError {
    const why = error instanceof SlackCallError ? error : failed(lane, error);
    const wait = why.retryAfterMs === undefined ? {} : { retryAfterMs: why.retryAfterMs };
    return new SlackCallError(lane.method, why.code, { isRefused: true, cause: error, ...wait });
  }

  function refusedToken(team: string, method: string, code: string): SlackCallError {
    if (!refused.has(team)) log.error('slack_token_refused', { team, code });
    refused.set(team, clock.now() + askAgainMs);
    return new SlackCallError(method, code, { isRefused: true, retryAfterMs: askAgainMs });
  }

  async function call(team: string, method: string, args: Json, options: CallOptions = {}): Promise<Json> {
    options.signal?.throwIfAborted();
    const lane = { team, method, channel: textOf(args.channel) };
    await open(lane, options);
    const token = await tokenOf(team, method).catch((error: unknown) => {
      throw unsent(lane, error);
    });
    const client = clientOf(token);
    try {
      const result = await abortable(client.apiCall(method, { ...args }), options.signal);
      missing.delete(`${team} ${method}`);
      if (refused.delete(team)) log.info('slack_token_accepted', { team });
      return { ...result };
    } catch (error) {
      if (options.signal?.aborted === true)
        throw new SlackCallError(method, 'aborted', { isRefused: false, cause: error });
      throw failed(lane, error);
    }
  }

  return {
    call,
    troubles() {
      const scopes = [...new Set(missing.values())].filter((scope) => scope !== '').join(', ');
      return [
        ...[...refused.keys()].map((team) => `Slack refuses the token of ${team}; install the app again.`),
        ...(missing.size === 0 ? [] : [`The token lacks scopes that were needed: ${scopes || 'unnamed'}.`]),
      ];
    },
    async attempt(team, method, args, options) {
      try {
        return await call(team, method, args, options);
      } catch (error) {
        const code = error instanceof SlackCallError ? error.code : 'unknown';
        if (!told.has(`${method} ${code}`)) log.warn('slack_call_failed', { method, code });
        told.add(`${method} ${code}`);
        return undefined;
      }
    },
    async fetch(team, url, init) {
      const headers = { authorization: `Bearer ${await tokenOf(team, 'files')}` };
      const signal = AbortSignal.timeout(timeoutMs);
      for (let [at, redirects] = [url, 0]; ; redirects += 1) {
        if (!isSlacks(at, apiUrl)) throw new SlackCallError('files', 'foreign_host', { isRefused: true });
        const response = await fetch(at, { signal, ...init, headers, redirect: 'manual' });
        const location = redirectOf(response, init);
        if (location === undefined || redirects === mostRedirects) return response;
        await response.body?.cancel();
        at = new URL(location, at).href;
      }
    },
  };
}

const mostRedirects = 3;

/** Where to look on; what brings bytes is not sent to another place. */
function redirectOf({ status, headers }: Response, { method = 'GET' }: RequestInit): string | undefined {
  const isRedirect = status >= 300 && status < 400 && method === 'GET';
  return isRedirect ? (headers.get('location') ?? undefined) : undefined;
}

/** Slack's hosts, over TLS; or that of another Web API base, for tests. */
function isSlacks(url: string, apiUrl: string | undefined): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, origin } = new URL(url);
  if (apiUrl !== undefined && origin === new URL(apiUrl).origin) return true;
  return protocol === 'https:' && /(^|\.)(slack|slack-gov|slack-files)\.com$/.test(hostname);
}

/** The call's outcome, or the signal's reason as soon as it aborts. */
async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise;
  signal.throwIfAborted();
  let leave = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
  });
  return await Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', leave));
}
