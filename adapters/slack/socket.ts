import { setTimeout as sleep } from 'node:timers/promises';
import { SocketModeReceiver } from '@slack/bolt';
import { isRecord, textOf } from '../../src/chat/json.ts';
import type { Log } from '../../src/observe/port.ts';
import type { Dispatch } from './dispatch.ts';
import { quietLogger } from './logger.ts';

export interface SocketOptions {
  readonly appToken: string;
  readonly apiUrl?: string;
  readonly dispatch: Dispatch;
  readonly log: Log;
}

/** A connection of Socket Mode that comes back by itself. */
export interface Socket {
  /** Resolves once connected, or after a while without. */
  start(): Promise<void>;
  stop(): Promise<void>;
  isConnected(): boolean;
}

const firstWaitMs = 5000;
const longestWaitMs = 30_000;
const goodbyeMs = 500;

/**
 * Slack's own client with our own hand on it: an envelope is acknowledged only after it was stored, and a
 * failed reconnection is tried again instead of ending the process.
 */
export function createSocket({ appToken, apiUrl, dispatch, log }: SocketOptions): Socket {
  const { client } = new SocketModeReceiver({
    appToken,
    autoReconnectEnabled: false,
    logger: quietLogger,
    installerOptions: {
      clientOptions: {
        ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
        retryConfig: { retries: 0 },
        timeout: 10_000,
      },
    },
  });
  const stopping = new AbortController();
  const first = Promise.withResolvers<void>();
  let running: Promise<void> | undefined;
  let isConnected = false;
  client.removeAllListeners('slack_event');
  client.on('slack_event', (envelope: unknown) => void hear(envelope));

  async function hear(envelope: unknown): Promise<void> {
    if (!isRecord(envelope) || !isRecord(envelope.body)) return;
    const { ack, body, retry_num, retry_reason } = envelope;
    const acknowledgement = await dispatch({
      body,
      ...(typeof retry_num === 'number' ? { retryNum: retry_num } : {}),
      ...(typeof retry_reason === 'string' ? { retryReason: textOf(retry_reason) } : {}),
    });
    if (acknowledgement.status !== 200 || typeof ack !== 'function') return;
    // A connection that went away meanwhile: Slack delivers it again.
    await Promise.resolve(ack(acknowledgement.body)).catch((error: unknown) =>
      log.info('slack_ack_lost', { error }),
    );
  }

  async function run(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; ) {
      const gone = new Promise<void>((resolve) => client.once('disconnected', () => resolve()));
      try {
        await client.start();
        failures = 0;
        isConnected = true;
        log.info('slack_socket_connected');
        first.resolve();
        await gone;
        isConnected = false;
      } catch (error) {
        if (failures === 0) log.warn('slack_socket_failed', { error });
        failures += 1;
      }
      await sleep(failures === 0 ? 50 : waitOf(failures), undefined, { signal: stopping.signal }).catch(
        () => {},
      );
    }
  }

  return {
    isConnected: () => isConnected,
    async start() {
      running = run();
      await Promise.race([first.promise, sleep(firstWaitMs, undefined, { ref: false })]);
    },
    async stop() {
      stopping.abort();
      await Promise.race([client.disconnect(), sleep(goodbyeMs, undefined, { ref: false })]);
      await Promise.race([running, sleep(goodbyeMs, undefined, { ref: false })]);
    },
  };
}

function waitOf(failures: number): number {
  return Math.min(longestWaitMs, 500 * 2 ** Math.min(failures, 8));
}
