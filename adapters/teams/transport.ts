import { Agent, type IncomingMessage, request as insecure } from 'node:http';
import { type RequestOptions, request as secure } from 'node:https';
import { text } from 'node:stream/consumers';
import type { ConnectorClientOptions } from 'botframework-connector';
import { isLoopback } from '../../src/config/loopback.ts';

/** What came of a request that was not answered well. */
export class WireError extends Error {
  override readonly name = 'WireError';
  /** 0: there was no answer. */
  readonly status: number;
  readonly body: string;
  readonly retryAfterMs: number | undefined;
  /** It certainly never left. */
  readonly isUnsent: boolean;

  constructor(
    message: string,
    what: {
      readonly status: number;
      readonly body?: string;
      readonly retryAfterMs?: number;
      readonly isUnsent?: boolean;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: what.cause });
    this.status = what.status;
    this.body = what.body ?? '';
    this.retryAfterMs = what.retryAfterMs;
    this.isUnsent = what.isUnsent ?? false;
  }
}

type HttpClient = NonNullable<ConnectorClientOptions['httpClient']>;
type Sent = Parameters<HttpClient['sendRequest']>[0];
type Answered = Awaited<ReturnType<HttpClient['sendRequest']>>;

/**
 * One HTTP request for each call, and no redirects. botbuilder cannot be told not to try again after a
 * failure, by which a message would be there twice; but it does so only after errors that it knows, and
 * these leave as a `WireError`.
 */
export function oneRequest(timeoutMs: number): HttpClient {
  return {
    async sendRequest(sent) {
      const response = await ask(sent, timeoutMs);
      const body = await text(response).catch((cause: unknown) => {
        throw new WireError('The answer was cut off.', { status: 0, cause });
      });
      const status = response.statusCode ?? 0;
      if (status < 200 || status > 299) {
        const wait = waitOf(response.headers['retry-after']);
        throw new WireError(`HTTP ${status}`, {
          status,
          body,
          ...(wait === undefined ? {} : { retryAfterMs: wait }),
        });
      }
      return answered(sent, status, { response, body });
    },
  };
}

function ask(sent: Sent, timeoutMs: number): Promise<IncomingMessage> {
  const url = new URL(sent.url);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  let isOpen = false;
  const signal = AbortSignal.timeout(timeoutMs);
  const made = (url.protocol === 'https:' ? secure : insecure)(
    url,
    { method: sent.method, headers: sent.headers.toJson(), signal, ...agentOf(sent, url) },
    resolve,
  );
  made.on('socket', (socket) => {
    isOpen = !socket.connecting;
    if (isOpen) return;
    socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      isOpen = true;
    });
  });
  made.on('error', (cause) => {
    reject(new WireError(cause.message, { status: 0, isUnsent: !isOpen, cause }));
  });
  const leave = () => void made.destroy(new Error('It was given up.'));
  if (sent.abortSignal?.aborted === true) leave();
  sent.abortSignal?.addEventListener('abort', leave);
  made.on('close', () => sent.abortSignal?.removeEventListener('abort', leave));
  made.end(typeof sent.body === 'string' ? sent.body : undefined);
  return promise;
}

/** The proxy of the environment, as botbuilder's pipeline found it; nothing on this machine is behind one. */
function agentOf({ agent }: Sent, url: URL): Pick<RequestOptions, 'agent'> {
  if (!(agent instanceof Agent) || isLoopback(url.hostname.replace(/^\[(.*)\]$/, '$1'))) return {};
  return { agent };
}

function answered(
  request: Sent,
  status: number,
  { response, body }: { readonly response: IncomingMessage; readonly body: string },
): Answered {
  const headers = request.headers.clone();
  for (const name of headers.headerNames()) headers.remove(name);
  for (const [name, value] of Object.entries(response.headers)) headers.set(name, String(value));
  return { request, status, headers, bodyAsText: body };
}

/** Seconds, or a date. */
function waitOf(header: string | undefined): number | undefined {
  if (header === undefined || header === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1000;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
