import { lookup } from 'node:dns';
import { type IncomingMessage, Agent as PlainAgent, request as requestPlain } from 'node:http';
import { request as requestSecure, Agent as SecureAgent } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { cappedBody } from './capped-body.ts';
import type { Reach } from './port.ts';
import { addressProblem } from './reach.ts';

/** As Node's `fetch`, for what servers need of it. */
export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** The fetch for servers of a reach. */
export type FetchFor = (reach: Reach) => Fetch;

/** A request was not sent, because its target is not allowed; the message says what to change. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

export interface GuardOptions {
  /** Where HTTPS_PROXY, HTTP_PROXY and NO_PROXY are taken from, in capital or small letters. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How long a server may be silent; streams of events may be longer. Default 5 minutes. */
  readonly silentMs?: number;
  /** Longest body, and longest event of a stream. Default 10 MiB. */
  readonly maxBytes?: number;
}

const maxRedirects = 5;
const noBody = new Set([204, 205, 304]);
/** A connection that nobody needs is kept for so long. */
const keptMs = 5_000;

type Settings = Required<GuardOptions> & {
  readonly reach: Reach;
  readonly agents: Agents;
};

/** Their connections are judged when they are made, so those of one reach are not for the other. */
interface Agents {
  readonly plain: PlainAgent;
  readonly secure: SecureAgent;
}

/**
 * The one way to configured servers. An external server must be https, and none of the addresses that
 * its name stands for may be loopback or private; link-local and metadata addresses are refused for
 * all. Addresses are judged in the lookup of the connection itself, so a name cannot change between
 * check and use. Through a proxy the proxy resolves names: then only an address written in the URL is
 * judged here, and the rest is the proxy's to refuse. TLS is always verified, against the CAs of Node
 * and of NODE_EXTRA_CA_CERTS. Redirects of reads are followed within the origin; others are returned
 * as they are. Throws `RefusedError`, the signal's reason, or a `TypeError` with the network's error
 * as its cause, as fetch does.
 */
export function guardedFetch(options: GuardOptions): FetchFor {
  const internal = fetchWithin('internal', options);
  const external = fetchWithin('external', options);
  return (reach) => (reach === 'internal' ? internal : external);
}

function fetchWithin(reach: Reach, options: GuardOptions): Fetch {
  const settings = { silentMs: 300_000, maxBytes: 10 * 1024 * 1024, ...options, reach };
  let agents: Agents | undefined;
  return async (url, init = {}) => {
    agents ??= createAgents(options.environment);
    return await follow(new URL(url), init, { ...settings, agents });
  };
}

function createAgents(environment: GuardOptions['environment']): Agents {
  const shared = { keepAlive: true, timeout: keptMs, proxyEnv: proxiesOf(environment) };
  return { plain: new PlainAgent(shared), secure: new SecureAgent({ ...shared, rejectUnauthorized: true }) };
}

/** As programs read these variables: small letters first. A proxy is no way to this machine itself. */
function proxiesOf(environment: GuardOptions['environment']) {
  const read = (name: string) => environment[name.toLowerCase()] ?? environment[name];
  const direct = [read('NO_PROXY'), 'localhost', '127.0.0.1', '::1'].filter((host) => host !== undefined);
  return {
    HTTP_PROXY: proxyOf('HTTP_PROXY', read('HTTP_PROXY')),
    HTTPS_PROXY: proxyOf('HTTPS_PROXY', read('HTTPS_PROXY')),
    NO_PROXY: direct.join(','),
  };
}

/** Node goes past a proxy that it cannot read; a firewall that wants one would be gone round. */
function proxyOf(name: string, text = ''): string | undefined {
  if (text === '') return undefined;
  const url = text.includes('://') ? text : `http://${text}`;
  if (/^https?:/i.test(url) && URL.canParse(url)) return url;
  throw new RefusedError(`${name} is not a URL like http://proxy:3128; correct it`);
}

async function follow(url: URL, init: RequestInit, settings: Settings): Promise<Response> {
  let at = url;
  for (let followed = 0; ; followed += 1) {
    const response = await send(at, init, settings);
    const next = redirectOf(response, at, init);
    if (next === undefined || followed === maxRedirects) return response;
    await response.body?.cancel();
    at = next;
  }
}

function redirectOf(response: Response, from: URL, init: RequestInit): URL | undefined {
  const location = response.headers.get('location');
  const isRead = (init.method ?? 'GET').toUpperCase() === 'GET';
  if (init.redirect === 'manual' || !isRead || location === null) return undefined;
  if (response.status < 300 || response.status > 399) return undefined;
  const target = URL.parse(location, from.href);
  return target?.origin === from.origin ? target : undefined;
}

async function send(url: URL, init: RequestInit, settings: Settings): Promise<Response> {
  const problem = urlProblem(url, settings.reach);
  if (problem !== undefined) throw new RefusedError(problem);
  // A Request would stay hooked to the signal, which lives as long as a whole session.
  const { signal: given, ...rest } = init;
  const signal = given ?? undefined;
  const request = new Request(url, { ...rest, redirect: 'manual' });
  const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer());
  const incoming = await exchange(url, { request, body, signal }, settings);
  return responseOf(incoming, signal, settings);
}

function urlProblem(url: URL, reach: Reach): string | undefined {
  if (url.username !== '' || url.password !== '')
    return 'its URL holds a user name or a password; put them into a header instead';
  if (!/^https?:$/.test(url.protocol)) return 'its URL must begin with http:// or https://';
  if (reach === 'external' && url.protocol !== 'https:')
    return 'it is external, so its URL must begin with https://; set its type to internal if it is inside your network';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const problem = isIP(host) === 0 ? undefined : addressProblem(host, reach);
  return problem === undefined ? undefined : `its URL names ${host}, ${problem}`;
}

interface Outgoing {
  readonly request: Request;
  readonly body: Buffer | undefined;
  readonly signal: AbortSignal | undefined;
}

function exchange(
  url: URL,
  { request, body, signal }: Outgoing,
  settings: Settings,
): Promise<IncomingMessage> {
  const isSecure = url.protocol === 'https:';
  const { agents, silentMs, reach } = settings;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const sent = (isSecure ? requestSecure : requestPlain)(url, {
      method: request.method,
      headers: { accept: '*/*', ...Object.fromEntries(request.headers), 'accept-encoding': 'identity' },
      agent: isSecure ? agents.secure : agents.plain,
      lookup: judgingLookup(reach),
      timeout: silentMs,
      ...(signal === undefined ? {} : { signal }),
    });
    sent.once('timeout', () => sent.destroy(silence(silentMs)));
    sent.once('response', resolve);
    sent.on('error', (error) => reject(failureOf(error, signal)));
    sent.end(body);
  });
}

/** Resolves as the system does. One refused address among several refuses the name. */
function judgingLookup(reach: Reach): LookupFunction {
  return (name, options, done) => {
    lookup(name, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error, []);
      for (const { address } of found) {
        const problem = addressProblem(address, reach);
        if (problem !== undefined)
          return done(new RefusedError(`its name ${name} stands for ${address}, ${problem}`), []);
      }
      const first = found[0];
      if (options.all === true || first === undefined) return done(null, found);
      return done(null, first.address, first.family);
    });
  };
}

function silence(silentMs: number): Error {
  return Object.assign(new Error(`nothing was heard for ${silentMs / 1000} s`), { code: 'ETIMEDOUT' });
}

function failureOf(error: Error, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason;
  return error instanceof RefusedError ? error : new TypeError('fetch failed', { cause: error });
}

function responseOf(
  incoming: IncomingMessage,
  signal: AbortSignal | undefined,
  { maxBytes }: Settings,
): Response {
  const status = incoming.statusCode ?? 0;
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(incoming.headersDistinct))
    for (const value of values) headers.append(name, value);
  if (noBody.has(status)) {
    incoming.resume();
    return new Response(null, { status, headers });
  }
  const isEvents = /^text\/event-stream\b/i.test(headers.get('content-type') ?? '');
  if (isEvents) incoming.socket.setTimeout(0);
  return new Response(cappedBody(incoming, { maxBytes, perEvent: isEvents, signal }), { status, headers });
}
