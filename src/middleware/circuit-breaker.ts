import { z } from 'zod';
import { ProviderError } from '../agent/provider.ts';
import { defineMiddleware, type Layer, type MiddlewareParts } from './definition.ts';
import { count, failureKinds, options } from './options.ts';
import { changeShared, readShared } from './shared.ts';

const config = options({
  failure_threshold: count.default(5).describe('So many failures one after another open the circuit.'),
  success_threshold: count.default(2).describe('So many good answers close it again.'),
  timeout: z.number().positive().max(86_400).default(60).describe('Seconds that the model is left alone.'),
  half_open_max_requests: count
    .default(3)
    .describe('Calls that may try at the same time whether it works again.'),
  failure_kinds: failureKinds
    .default(['overloaded', 'network', 'timeout', 'protocol', 'rate_limited', 'quota_exhausted'])
    .describe('Which failures count; others say nothing about the model’s health.'),
});

type Config = z.infer<typeof config>;

const name = 'CircuitBreakerMiddleware';

/** Leaves a model alone for a while that keeps failing; all replicas see the same circuit. */
export const circuitBreaker = defineMiddleware({
  name,
  description: 'Leaves a model alone for a while that keeps failing.',
  priority: 58,
  config,
  build,
});

const stored = z.object({
  /** One after another, while it is closed. */
  failures: z.number(),
  /** Absent: it is closed. */
  openedAt: z.number().optional(),
  /** Since it was opened. */
  successes: z.number(),
  /** When calls began, since it was opened, that try whether it works again. */
  trials: z.array(z.number()),
});

/** How the circuit of a model stands. */
type Circuit = z.infer<typeof stored>;

/** So many trials are remembered, whether they run or their process died. */
const mostTrials = 1000;

const closed: Circuit = { failures: 0, successes: 0, trials: [] };

/** A call that went in, or how long none may. */
type Entry =
  | { readonly isIn: true; readonly trial?: number }
  | { readonly isIn: false; readonly waitMs: number };

function build(config: Config, { turn, shared, clock, log, metrics }: MiddlewareParts): Layer {
  const timeoutMs = config.timeout * 1000;
  const kinds = new Set<string>(config.failure_kinds);
  const change = <T>(model: string, work: (circuit: Circuit) => readonly [Circuit, T]) =>
    changeShared(shared, { key: `circuit:${model}`, ttlMs: 10 * timeoutMs + 3_600_000 }, (before) => {
      const circuit = readShared(before, stored) ?? closed;
      const [after, result] = work(circuit);
      return { after: after === circuit ? undefined : JSON.stringify(after), result };
    });

  async function leave(model: string, entry: Entry, end: 'good' | 'bad' | 'none'): Promise<void> {
    const hasOpened = await change(model, (circuit) => {
      // What began before it opened says nothing of how the model is now.
      if (circuit.openedAt !== undefined && trialAt(circuit, entry) < 0) return [circuit, false];
      const after = settled(withoutTrial(circuit, entry), { end, config, now: clock.now() });
      return [after, after.openedAt !== undefined && after.openedAt !== circuit.openedAt];
    });
    if (!hasOpened) return;
    metrics.middlewareActed(name, 'opened');
    log.warn('circuit_opened', { model, timeout_s: config.timeout });
  }

  return {
    async *model(request, next, signal) {
      const model = request.model ?? turn.model;
      const entry = await change(model, (circuit) => entered(circuit, { config, now: clock.now() }));
      if (!entry.isIn) {
        metrics.middlewareActed(name, 'refused');
        const seconds = Math.max(1, Math.ceil(entry.waitMs / 1000));
        throw new ProviderError(
          'overloaded',
          `${model} has failed ${config.failure_threshold} times in a row and is left alone for another ${seconds} s.`,
          { retryAfterMs: entry.waitMs },
        );
      }
      let end: 'good' | 'bad' | 'none' = 'none';
      try {
        for await (const event of next(request, signal)) {
          if (event.type === 'stop') end = 'good';
          yield event;
        }
      } catch (error) {
        if (error instanceof ProviderError && kinds.has(error.kind)) end = 'bad';
        throw error;
      } finally {
        await leave(model, entry, end);
      }
    },
  };
}

interface Now {
  readonly config: Config;
  readonly now: number;
}

function entered(circuit: Circuit, { config, now }: Now): readonly [Circuit, Entry] {
  const timeoutMs = config.timeout * 1000;
  if (circuit.openedAt === undefined) return [circuit, { isIn: true }];
  const waitMs = circuit.openedAt + timeoutMs - now;
  if (waitMs > 0) return [circuit, { isIn: false, waitMs }];
  // A trial whose process died does not count for ever.
  const running = circuit.trials.filter((at) => now - at < timeoutMs);
  if (running.length >= config.half_open_max_requests)
    return [circuit, { isIn: false, waitMs: Math.max(1, Math.min(...running) + timeoutMs - now) }];
  return [
    { ...circuit, trials: [...circuit.trials, now].slice(-mostTrials) },
    { isIn: true, trial: now },
  ];
}

/** Where a call stands among the trials since it was opened; -1: it is none of them. */
function trialAt(circuit: Circuit, entry: Entry): number {
  return entry.isIn && entry.trial !== undefined ? circuit.trials.indexOf(entry.trial) : -1;
}

function withoutTrial(circuit: Circuit, entry: Entry): Circuit {
  const at = trialAt(circuit, entry);
  return at < 0 ? circuit : { ...circuit, trials: circuit.trials.toSpliced(at, 1) };
}

function settled(
  circuit: Circuit,
  { end, config, now }: Now & { readonly end: 'good' | 'bad' | 'none' },
): Circuit {
  if (end === 'none') return circuit;
  const isOpen = circuit.openedAt !== undefined;
  if (end === 'bad') {
    const failures = circuit.failures + 1;
    const opens = isOpen || failures >= config.failure_threshold;
    return opens ? { failures, openedAt: now, successes: 0, trials: [] } : { ...circuit, failures };
  }
  if (!isOpen) return circuit.failures === 0 ? circuit : closed;
  const successes = circuit.successes + 1;
  return successes >= config.success_threshold ? closed : { ...circuit, successes };
}
