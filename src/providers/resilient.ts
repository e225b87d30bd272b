import { setTimeout as wait } from 'node:timers/promises';
import {
  type ModelEvent,
  type ModelRequest,
  type Provider,
  ProviderError,
  type RetryPolicy,
} from '../agent/provider.ts';
import type { Log } from '../observe/port.ts';
import { openBill, type SpokenEvent } from './bill.ts';
import type { ChargeFor } from './cost.ts';
import { failure } from './failures.ts';
import { type Batch, gather } from './gather.ts';
import type { Vendor } from './vendor.ts';
import { type Watch, watch } from './watch.ts';

export interface ResilientOptions {
  /** How often a failed call is tried again. Default 2. */
  readonly retries?: number;
  /** How long a stream may be silent. Default: what the vendor says, else 60,000 ms. */
  readonly idleMs?: number;
  /** The same before its first event. Default: what the vendor says, else as above. */
  readonly firstEventMs?: number;
  /** The first wait between tries; it doubles. Default 500 ms. */
  readonly firstWaitMs?: number;
  /** No wait is longer. A vendor that asks for more is not asked again. Default 30,000 ms. */
  readonly maxWaitMs?: number;
  /** Rejects when aborted. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** 0 to 1. */
  readonly random?: () => number;
  /** Says what each request costs. Absent: nobody does. */
  readonly charge?: ChargeFor;
  readonly log?: Log;
}

const defaults = {
  retries: 2,
  firstWaitMs: 500,
  maxWaitMs: 30_000,
  sleep: (ms: number, signal: AbortSignal): Promise<unknown> => wait(ms, undefined, { signal }),
  random: Math.random,
};

const chargeNothing: ChargeFor = () => ({});

const defaultIdleMs = 60_000;

type Settings = typeof defaults & {
  readonly idleMs: number;
  readonly firstEventMs: number;
  readonly charge?: ChargeFor;
  readonly log?: Log;
};

/** Failures that may go away by themselves. */
const retryable: ReadonlySet<string> = new Set([
  'rate_limited',
  'overloaded',
  'network',
  'timeout',
  'protocol',
]);

/** How long and how often the bot listens after `stop`, so that the connection can be used again. */
const lingerMs = 250;
const lingerBatches = 16;

/**
 * Makes a provider of a vendor: the one place where calls are tried again, silent streams are ended
 * and errors get their kind. Throws nothing but `ProviderError`; a caller's abort is its kind
 * `aborted`. When a call is tried again after something was said, `restart` comes first.
 */
export function resilient(vendor: Vendor, options: ResilientOptions = {}): Provider {
  const idleMs = options.idleMs ?? vendor.idleMs ?? defaultIdleMs;
  const firstEventMs = options.firstEventMs ?? vendor.firstEventMs ?? idleMs;
  const settings: Settings = { ...defaults, ...options, idleMs, firstEventMs };
  return (request, signal) => tries(vendor, settings, request, signal);
}

async function* tries(
  vendor: Vendor,
  settings: Settings,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  const bill = openBill(settings.charge ?? chargeNothing);
  for (let retry = 0, said = false; ; retry++) {
    try {
      for await (const event of oneTry(vendor, settings, request, signal)) {
        const told = bill.take(event);
        if (told === undefined) continue;
        said = true;
        yield told;
      }
      return;
    } catch (error) {
      yield* bill.breakOff(said);
      const failed = toFailure(vendor, error, signal);
      const waitMs = waitBeforeRetry(failed, retry, { ...settings, policy: request.retry });
      if (waitMs === undefined) throw failed;
      settings.log?.warn('provider_retry', {
        turn_id: request.turnId,
        vendor: vendor.label,
        kind: failed.kind,
        retry,
        wait_ms: waitMs,
      });
      if (said) yield { type: 'restart', reason: restartReason(failed) };
      said = false;
      await pause(vendor, settings, waitMs, signal);
    }
  }
}

async function* oneTry(
  vendor: Vendor,
  settings: Settings,
  request: ModelRequest,
  caller: AbortSignal,
): AsyncGenerator<SpokenEvent> {
  caller.throwIfAborted();
  const watched = watch(caller, watchErrors(vendor));
  const batches = gather(vendor.stream(request, watched.signal));
  let limitMs = settings.firstEventMs;
  let ended = false;
  try {
    for (;;) {
      const next = await watched.within(limitMs, batches.next());
      if (next.done === true) throw endedEarly(vendor);
      limitMs = settings.idleMs;
      for (const event of next.value) {
        if (event.type === 'alive') continue;
        yield event;
        if (event.type !== 'stop') continue;
        ended = await linger(batches, watched);
        return;
      }
    }
  } finally {
    watched.close(ended);
    if (!ended) giveUp(batches);
  }
}

/** Listens on until the stream ends. True: it did, and its connection is free. */
async function linger(batches: AsyncIterator<Batch>, watched: Watch): Promise<boolean> {
  try {
    for (let heard = 0; heard < lingerBatches; heard++) {
      const next = await watched.within(lingerMs, batches.next());
      if (next.done === true) return true;
    }
  } catch {
    // The answer is complete; what happens to its connection no longer matters.
  }
  return false;
}

/** Lets the vendor's stream clean up, without waiting for one that does not listen to its signal. */
function giveUp(batches: AsyncIterator<Batch>): void {
  batches.return?.().catch(() => undefined);
}

function watchErrors(vendor: Vendor) {
  return {
    timedOut: (limitMs: number) =>
      failure(vendor.label, 'timeout', `Nothing was received for ${limitMs} ms.`),
    aborted: (cause: unknown) => failure(vendor.label, 'aborted', '', { cause }),
  };
}

function endedEarly(vendor: Vendor): ProviderError {
  return failure(vendor.label, 'protocol', 'The stream ended without its terminal event.');
}

function toFailure(vendor: Vendor, error: unknown, signal: AbortSignal): ProviderError {
  if (signal.aborted) return failure(vendor.label, 'aborted', '', { cause: signal.reason });
  if (error instanceof ProviderError) return error;
  try {
    return vendor.classify(error);
  } catch (cause) {
    return failure(vendor.label, 'protocol', 'An error could not be classified.', { cause });
  }
}

/** Undefined: do not try again. */
function waitBeforeRetry(
  failed: ProviderError,
  retry: number,
  settings: Settings & { readonly policy: RetryPolicy | undefined },
): number | undefined {
  const { policy, random } = settings;
  const kinds = policy?.on === undefined ? retryable : new Set<string>(policy.on);
  if (retry >= (policy?.retries ?? settings.retries) || failed.kind === 'aborted') return undefined;
  if (!kinds.has(failed.kind)) return undefined;
  const maxWaitMs = policy?.maxWaitMs ?? settings.maxWaitMs;
  const jitteredMs = policy === undefined ? ownWait(retry, settings) : policyWait(policy, retry, random);
  if (failed.retryAfterMs === undefined) return jitteredMs;
  return failed.retryAfterMs > maxWaitMs ? undefined : Math.max(failed.retryAfterMs, jitteredMs);
}

function ownWait(retry: number, { maxWaitMs, firstWaitMs, random }: Settings): number {
  return Math.round(Math.min(maxWaitMs, firstWaitMs * 2 ** retry) * (0.5 + random() / 2));
}

/** Timers know no more than 24 days, and take what is longer for nothing. */
const longestWaitMs = 86_400_000;

function policyWait(policy: RetryPolicy, retry: number, random: () => number): number {
  const { firstWaitMs, maxWaitMs, factor, jitter } = policy;
  const backoffMs = Math.min(maxWaitMs, longestWaitMs, firstWaitMs * Math.max(1, factor) ** retry);
  return Math.round(jitter ? backoffMs * (0.75 + random() / 2) : backoffMs);
}

function restartReason(failed: ProviderError): string {
  return `The model's answer broke off (${failed.kind}); it begins again.`;
}

async function pause(vendor: Vendor, settings: Settings, waitMs: number, signal: AbortSignal): Promise<void> {
  try {
    await settings.sleep(waitMs, signal);
  } catch (cause) {
    throw failure(vendor.label, 'aborted', '', { cause });
  }
}
