import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Metrics } from './port.ts';

/** What is read when somebody looks, rather than counted when it happens. */
export interface Gauges {
  /** Events that wait in the inbox, and the age of the oldest. Unknown (NaN) while the database is away. */
  queue(): Promise<{ readonly pending: number; readonly oldestMs: number }>;
  /** Threads that this process handles now. */
  busy(): number;
  /** How the MCP servers stand here. */
  servers(): readonly { readonly name: string; readonly waiting: number }[];
}

export interface PrometheusMetrics extends Metrics {
  /** The exposition text, and its content type. */
  text(gauges: Gauges): Promise<{ readonly contentType: string; readonly body: string }>;
}

const turnSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** Counters of one process in the Prometheus format. */
export function createMetrics(): PrometheusMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counter = <T extends string>(name: string, help: string, labelNames: readonly T[]) =>
    new Counter({ name: `ai_ops_${name}`, help, labelNames, registers });
  const seconds = <T extends string>(name: string, help: string, labelNames: readonly T[]) =>
    new Histogram({ name: `ai_ops_${name}`, help, labelNames, buckets: turnSeconds, registers });
  const gauge = (name: string, help: string) => new Gauge({ name: `ai_ops_${name}`, help, registers });

  const received = counter('received_total', 'Messages received.', ['platform', 'duplicate']);
  const turns = counter('turns_total', 'Turns ended, by state.', ['platform', 'state']);
  const turnTime = seconds('turn_seconds', 'Working time of turns.', ['platform']);
  const steps = counter('steps_total', 'Model and tool calls that ended.', ['type']);
  const modelTime = seconds('model_seconds', 'Duration of model calls.', ['model']);
  const tokens = counter(
    'tokens_total',
    'Tokens, by model and direction; input includes cache_read and cache_write, output includes reasoning.',
    ['model', 'direction'],
  );
  const cost = counter('cost_usd_total', 'Known cost of model calls in US dollars.', ['model']);
  const unpriced = counter('unpriced_model_calls_total', 'Model calls of unknown cost.', ['model']);
  const modelErrors = counter('model_errors_total', 'Model calls that failed for good, by class.', [
    'model',
    'kind',
  ]);
  const toolCalls = counter('tool_calls_total', 'Tool calls, by source.', ['source', 'ok']);
  const toolTime = seconds('tool_seconds', 'Duration of tool calls.', ['source']);
  const skipped = counter('middleware_skipped_total', 'Configured middleware that could not be built.', [
    'type',
  ]);
  const acted = counter('middleware_acted_total', 'What middleware did, by type.', ['type', 'what']);
  const repeated = counter('replies_possibly_repeated_total', 'Replies sent again without knowing.', [
    'platform',
  ]);
  const alerts = counter('alerts_total', 'Alerts that came in, and groups of them that were folded.', [
    'what',
  ]);
  const undeliverable = counter('replies_undeliverable_total', 'Replies given up.', ['platform']);
  const pending = gauge('inbox_pending', 'Events waiting in the inbox.');
  const age = gauge('inbox_oldest_seconds', 'Age of the oldest waiting event.');
  const busy = gauge('threads_busy', 'Threads that this process handles now.');

  const waiting = new Gauge({
    name: 'ai_ops_tools_waiting',
    help: 'Definitions of tools that wait for an administrator to accept them.',
    labelNames: ['server'],
    registers,
  });

  return {
    received: (platform, duplicate) => received.inc({ platform, duplicate: String(duplicate) }),
    turnEnded(platform, state, durationMs) {
      turns.inc({ platform, state });
      turnTime.observe({ platform }, durationMs / 1000);
    },
    modelStep(model, { input, output, cacheRead, cacheWrite, reasoning }, durationMs, paid) {
      steps.inc({ type: 'model' });
      modelTime.observe({ model }, durationMs / 1000);
      const counts = { input, output, cache_read: cacheRead, cache_write: cacheWrite, reasoning };
      for (const [direction, count] of Object.entries(counts)) tokens.inc({ model, direction }, count);
      if (paid === undefined) unpriced.inc({ model });
      else cost.inc({ model }, paid.usd);
    },
    modelFailed: (model, kind) => modelErrors.inc({ model, kind }),
    toolCall(source, ok, durationMs) {
      steps.inc({ type: 'tool' });
      toolCalls.inc({ source, ok: String(ok) });
      toolTime.observe({ source }, durationMs / 1000);
    },
    middlewareSkipped: (type) => skipped.inc({ type }),
    middlewareActed: (type, what) => acted.inc({ type, what }),
    possiblyRepeated: (platform) => repeated.inc({ platform }),
    undeliverable: (platform) => undeliverable.inc({ platform }),
    alerts: (what, count) => alerts.inc({ what }, count),
    async text(gauges) {
      const queue = await gauges.queue().catch(() => undefined);
      pending.set(queue?.pending ?? Number.NaN);
      age.set(queue === undefined ? Number.NaN : queue.oldestMs / 1000);
      busy.set(gauges.busy());
      waiting.reset();
      for (const { name, waiting: count } of gauges.servers()) waiting.set({ server: name }, count);
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}
