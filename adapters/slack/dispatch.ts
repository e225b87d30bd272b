import type { App } from '@slack/bolt';
import { BusyError, UnavailableError } from '../../src/chat/errors.ts';
import type { Json } from '../../src/chat/json.ts';
import type { Log } from '../../src/observe/port.ts';

/** A payload of Slack, verified. */
export interface Envelope {
  readonly body: Json;
  readonly retryNum?: number;
  readonly retryReason?: string;
}

/** What Slack gets for it. Only 200 acknowledges. */
export interface Acknowledgement {
  readonly status: 200 | 500 | 503;
  readonly body?: unknown;
}

export type Dispatch = (envelope: Envelope) => Promise<Acknowledgement>;

/** Slack gives up after 3 s. */
const ackWithinMs = 2800;

/**
 * Hands payloads to Bolt. Bolt acknowledges events before any listener runs, so its word counts for
 * nothing there: an event is acknowledged once its listeners have stored it. Everything else is
 * acknowledged by its listener, which may go on afterwards.
 */
export function createDispatch(app: () => App, log: Log): Dispatch {
  return async ({ body, retryNum, retryReason }) => {
    const isEvent = body.type === 'event_callback';
    const fields = { type: String(body.type ?? 'command') };
    let answer: (acknowledgement: Acknowledgement) => void = () => {};
    const acknowledged = new Promise<Acknowledgement>((resolve) => {
      answer = resolve;
    });
    const handled = app()
      .processEvent({
        body: { ...body },
        ...(retryNum === undefined ? {} : { retryNum }),
        ...(retryReason === undefined ? {} : { retryReason }),
        ack: async (response?: unknown) => {
          if (!isEvent) answer({ status: 200, body: response });
        },
      })
      .then(
        (): Acknowledgement => ({ status: 200 }),
        (error: unknown) => failure(log, error, fields),
      );
    const late = setTimeout(() => answer({ status: 503 }), ackWithinMs);
    return await Promise.race([handled, acknowledged]).finally(() => clearTimeout(late));
  };
}

function failure(log: Log, error: unknown, fields: Json): Acknowledgement {
  const cause = rootOf(error);
  const isLater = cause instanceof UnavailableError || cause instanceof BusyError;
  log[isLater ? 'warn' : 'error']('slack_event_failed', { ...fields, error: cause });
  return { status: isLater ? 503 : 500 };
}

/** Bolt wraps what listeners throw. */
function rootOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if ('originals' in error && Array.isArray(error.originals)) return rootOf(error.originals[0] ?? undefined);
  if ('original' in error && error.original instanceof Error) return rootOf(error.original);
  return error;
}
