import { createHmac, randomUUID } from 'node:crypto';
import { isRecord, type Json } from './state.ts';
import type { ServerSocket } from './websocket.ts';

/** What the app answered. */
export interface Delivered {
  /** HTTP status; 200 for an acknowledgement over a socket; 0 for none in time. */
  readonly status: number;
  readonly body: unknown;
  readonly ms: number;
  readonly attempt: number;
}

export interface Delivery {
  /** An event of the Events API, sent again until it is acknowledged: at once, after a minute, after five. */
  event(body: Json, retries?: number): Promise<readonly Delivered[]>;
  /** A click, a view, options, a shortcut: once, within 3 s. */
  interaction(payload: Json): Promise<Delivered>;
  command(fields: Readonly<Record<string, string>>): Promise<Delivered>;
}

/** Slack's own patience. */
export const slackAckMs = 3000;

export interface HttpDeliveryOptions {
  readonly target: () => string;
  readonly signingSecret: string;
  /** Between attempts; Slack's own are 0, 60,000 and 300,000 ms. */
  readonly retryDelaysMs: readonly number[];
  readonly now: () => number;
  readonly ackMs: number;
}

/** The headers with which Slack signs a body. */
export function signatureOf(secret: string, body: string, seconds: number): Readonly<Record<string, string>> {
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${seconds}:${body}`).digest('hex')}`;
  return { 'x-slack-signature': signature, 'x-slack-request-timestamp': String(seconds) };
}

/** Signed requests to the app's one URL. */
export function httpDelivery(options: HttpDeliveryOptions): Delivery {
  const { signingSecret, retryDelaysMs, now } = options;

  async function post(body: string, type: string, attempt: number, more = {}): Promise<Delivered> {
    const started = performance.now();
    const headers = {
      'content-type': type,
      ...signatureOf(signingSecret, body, Math.floor(now() / 1000)),
      ...more,
    };
    try {
      const response = await fetch(options.target(), {
        method: 'POST',
        headers,
        body,
        signal: AbortSignal.timeout(options.ackMs),
      });
      const text = await response.text();
      return { status: response.status, body: parse(text), ms: performance.now() - started, attempt };
    } catch {
      return { status: 0, body: undefined, ms: performance.now() - started, attempt };
    }
  }

  return {
    async event(body, retries = retryDelaysMs.length) {
      const text = JSON.stringify(body);
      const tries = [await post(text, 'application/json', 0)];
      for (let n = 0; n < retries && tries.at(-1)?.status !== 200; n += 1) {
        await new Promise((resolve) => setTimeout(resolve, retryDelaysMs[n]));
        const reason = tries.at(-1)?.status === 0 ? 'http_timeout' : 'http_error';
        tries.push(
          await post(text, 'application/json', n + 1, {
            'x-slack-retry-num': String(n + 1),
            'x-slack-retry-reason': reason,
          }),
        );
      }
      return tries;
    },
    interaction: (payload) =>
      post(
        new URLSearchParams({ payload: JSON.stringify(payload) }).toString(),
        'application/x-www-form-urlencoded',
        0,
      ),
    command: (fields) => post(new URLSearchParams(fields).toString(), 'application/x-www-form-urlencoded', 0),
  };
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}

/** Socket Mode: each envelope goes to one of the open connections. */
export interface SocketHub extends Delivery {
  /** A new connection; refused beyond ten. */
  accept(socket: ServerSocket): void;
  connections(): number;
  /** Asks all connections to come again, as Slack does every few hours. */
  refresh(): void;
  /** Cuts them all. */
  cut(): void;
}

const CONNECTIONS = 10;

export function socketHub(options: {
  readonly retryDelaysMs: readonly number[];
  readonly ackMs: number;
}): SocketHub {
  const open = new Set<ServerSocket>();
  const waiting = new Map<string, (payload: unknown) => void>();
  let turn = 0;

  function accept(socket: ServerSocket): void {
    if (open.size >= CONNECTIONS) {
      socket.send(JSON.stringify({ type: 'disconnect', reason: 'too_many_websockets' }));
      return socket.close();
    }
    open.add(socket);
    socket.onEnd(() => open.delete(socket));
    socket.onText((text) => {
      const message: unknown = JSON.parse(text);
      if (isRecord(message) && typeof message.envelope_id === 'string')
        waiting.get(message.envelope_id)?.(message.payload);
    });
    socket.send(
      JSON.stringify({
        type: 'hello',
        num_connections: open.size,
        connection_info: { app_id: 'AAPP' },
        debug_info: {},
      }),
    );
  }

  async function send(type: string, payload: Json, attempt: number, more: Json = {}): Promise<Delivered> {
    const started = performance.now();
    const sockets = [...open];
    const socket = sockets[turn++ % Math.max(1, sockets.length)];
    const envelope = randomUUID();
    const answered = new Promise<unknown>((resolve) => waiting.set(envelope, resolve));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), options.ackMs);
    });
    socket?.send(JSON.stringify({ type, envelope_id: envelope, payload, ...more }));
    const body = socket === undefined ? 'late' : await Promise.race([answered, late]);
    clearTimeout(timer);
    waiting.delete(envelope);
    return {
      status: body === 'late' ? 0 : 200,
      body: body === 'late' ? undefined : body,
      ms: performance.now() - started,
      attempt,
    };
  }

  return {
    accept,
    connections: () => open.size,
    refresh() {
      for (const socket of [...open]) {
        open.delete(socket);
        socket.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested', debug_info: {} }));
      }
    },
    cut() {
      for (const socket of [...open]) socket.destroy();
      open.clear();
    },
    async event(body, retries = options.retryDelaysMs.length) {
      const first = { retry_attempt: 0, retry_reason: '', accepts_response_payload: false };
      const tries = [await send('events_api', body, 0, first)];
      for (let n = 0; n < retries && tries.at(-1)?.status !== 200; n += 1) {
        await new Promise((resolve) => setTimeout(resolve, options.retryDelaysMs[n]));
        tries.push(
          await send('events_api', body, n + 1, { ...first, retry_attempt: n + 1, retry_reason: 'timeout' }),
        );
      }
      return tries;
    },
    interaction: (payload) => send('interactive', payload, 0, { accepts_response_payload: true }),
    command: (fields) => send('slash_commands', fields, 0, { accepts_response_payload: true }),
  };
}
