import type { Identity, TokenVariant } from './identity.ts';
import { type Json, parsed, record } from './json.ts';

/** What the bot answered. */
export interface Delivered {
  /** HTTP status; 0 for none in time. */
  readonly status: number;
  readonly body: unknown;
  /** Until it was acknowledged, or given up. */
  readonly ms: number;
  readonly attempt: number;
}

/** An activity as it went to the bot, with all that came of it. */
export interface DeliveryRecord {
  readonly activity: Json;
  readonly tries: readonly Delivered[];
}

/** How long Teams waits; tests change it. */
export interface Patience {
  /** For the acknowledgement of a message or an event: Teams about 15,000 ms. */
  ackMs: number;
  /** Before each further attempt; as many as there are delays. */
  resendDelaysMs: readonly number[];
  /** For the answer to an invoke: Teams about 5,000 ms. */
  invokeMs: number;
}

export interface DeliveryOptions {
  readonly token?: TokenVariant;
  /** At most so many further attempts. */
  readonly resends?: number;
}

export interface Delivery {
  /** Everything that was delivered, in the order of its ending. */
  readonly log: readonly DeliveryRecord[];
  /** A message or an event: sent again when it was not acknowledged in time, or with 503 and its like. */
  event(activity: Json, options?: DeliveryOptions): Promise<readonly Delivered[]>;
  /** An invoke: once, and its answer is what the person sees. */
  invoke(activity: Json, options?: DeliveryOptions): Promise<Delivered>;
}

/** No answer in time, or a gateway's. A refusal and a failure of the bot itself are final. */
const isAnotherTry = new Set([0, 502, 503, 504]);

const foreignTenant = '77777777-7777-4777-8777-777777777777';

/** Signed requests to the bot's one URL. */
export function createDelivery(target: () => string, identity: Identity, patience: Patience): Delivery {
  const log: DeliveryRecord[] = [];

  async function post(
    activity: Json,
    token: TokenVariant,
    waitMs: number,
    attempt: number,
  ): Promise<Delivered> {
    const authorization = await identity.authorization(token);
    const started = performance.now();
    const outcome = (status: number, body: unknown) => ({
      status,
      body,
      ms: performance.now() - started,
      attempt,
    });
    try {
      const response = await fetch(target(), {
        method: 'POST',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          ...(authorization === undefined ? {} : { authorization }),
        },
        body: JSON.stringify(token === 'foreign tenant' ? asForeigner(activity) : activity),
        signal: AbortSignal.timeout(waitMs),
      });
      return outcome(response.status, parsed(await response.text()));
    } catch {
      return outcome(0, undefined);
    }
  }

  return {
    log,
    async event(activity, { token = 'good', resends = patience.resendDelaysMs.length } = {}) {
      const tries = [await post(activity, token, patience.ackMs, 0)];
      for (let n = 0; n < resends && isAnotherTry.has(tries.at(-1)?.status ?? 0); n += 1) {
        await new Promise((resolve) => setTimeout(resolve, patience.resendDelaysMs[n] ?? 0));
        tries.push(await post(activity, token, patience.ackMs, n + 1));
      }
      log.push({ activity, tries });
      return tries;
    },
    async invoke(activity, { token = 'good' } = {}) {
      const delivered = await post(activity, token, patience.invokeMs, 0);
      log.push({ activity, tries: [delivered] });
      return delivered;
    },
  };
}

/** The activity as it would come from another tenant. */
function asForeigner(activity: Json): Json {
  const { conversation, channelData } = activity;
  return {
    ...activity,
    conversation: { ...record(conversation), tenantId: foreignTenant },
    channelData: { ...record(channelData), tenant: { id: foreignTenant } },
  };
}
