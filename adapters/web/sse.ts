import { UnavailableError } from '../../src/chat/errors.ts';
import type { RouteResponse } from '../../src/chat/route.ts';
import type { ChatEvent } from './events.ts';

/** What a stream of server-sent events is made of. */
export interface StreamOptions {
  /** Batches of events until the signal aborts. */
  readonly events: (signal: AbortSignal) => AsyncIterable<readonly ChatEvent[]>;
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal;
  /** Aborted when the bot stops; the client is told. */
  readonly stopping: AbortSignal;
  /** Silence is broken by a comment after this long, so that proxies keep the connection. */
  readonly keepAliveMs: number;
  /** Asked at every keep-alive; false ends the stream. */
  readonly mayGoOn?: () => Promise<boolean>;
  /** The last event when `events` throws or the bot stops. */
  readonly onError: (error: unknown) => ChatEvent;
}

/** Answers with server-sent events, one write per batch. */
export function streamResponse(options: StreamOptions): RouteResponse {
  return {
    status: 200,
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    },
    body: frames(options),
  };
}

const STOPPING = 'The bot is stopping; the turn goes on. Connect again in a moment.';

/** One event in the format of https://html.spec.whatwg.org/multipage/server-sent-events.html. */
export function frame({ event, data }: ChatEvent): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

async function* frames(options: StreamOptions): AsyncGenerator<string, void, undefined> {
  const { keepAliveMs, mayGoOn, onError, stopping } = options;
  const leaving = new AbortController();
  const signal = AbortSignal.any([options.signal, stopping, leaving.signal]);
  const batches = options.events(signal)[Symbol.asyncIterator]();
  try {
    let next = batches.next();
    while (!signal.aborted) {
      const result = await within(next, keepAliveMs);
      if (result === 'silence') {
        if (mayGoOn && !(await mayGoOn())) return;
        yield ': keep-alive\n\n';
      } else if (result.done) {
        break;
      } else {
        yield result.value.map(frame).join('');
        next = batches.next();
      }
    }
    if (stopping.aborted) yield frame(onError(new UnavailableError(STOPPING)));
  } catch (error) {
    if (!signal.aborted) yield frame(onError(error));
  } finally {
    leaving.abort();
    await batches.return?.();
  }
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T | 'silence'> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<'silence'>((resolve) => {
    timer = setTimeout(resolve, ms, 'silence');
  });
  try {
    return await Promise.race([promise, silence]);
  } finally {
    clearTimeout(timer);
  }
}
