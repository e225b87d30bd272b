import { z } from 'zod';
import { rounded } from '../agent/cost.ts';
import type { Cost, ModelEvent, Usage } from '../agent/provider.ts';
import { defineMiddleware, type Layer, type MiddlewareParts } from './definition.ts';
import { options } from './options.ts';

const price = z.number().min(0);

const config = options({
  cost_per_1k_input: price
    .optional()
    .describe('US dollars for a thousand tokens of input, where the tables of prices know none.'),
  cost_per_1k_output: price.optional().describe('The same for output.'),
  alert_threshold: z
    .number()
    .positive()
    .optional()
    .describe('US dollars: a turn that costs more is told of.'),
  show_in_thread: z.boolean().default(true).describe('The asker is told too; otherwise the log alone.'),
}).refine(
  ({ cost_per_1k_input: input, cost_per_1k_output: output }) =>
    (input === undefined) === (output === undefined),
  { error: 'Set cost_per_1k_input and cost_per_1k_output, or neither.', path: ['cost_per_1k_output'] },
);

type Config = z.infer<typeof config>;

/** Whether a layer puts a price on what has none. */
export function setsPrices(layer: { readonly type: string; readonly config: unknown }): boolean {
  return layer.type === name && config.safeParse(layer.config).data?.cost_per_1k_input !== undefined;
}

const name = 'CostTrackingMiddleware';

/**
 * Puts a price on model calls that have none, and tells of turns that are dear. What every turn costs is
 * counted, stored and shown without it.
 */
export const costTracking = defineMiddleware({
  name,
  description: 'Prices model calls that have no price, and says when a turn is dear.',
  priority: 95,
  config,
  build,
});

function build(config: Config, parts: MiddlewareParts): Layer {
  const { alert_threshold: threshold } = config;
  if (threshold === undefined && config.cost_per_1k_input === undefined) return {};
  let usd = spentBefore(parts);
  let isTold = threshold !== undefined && usd > threshold;

  function count(event: Extract<ModelEvent, { type: 'usage' }>): void {
    usd += event.cost?.usd ?? 0;
    if (threshold === undefined || usd <= threshold || isTold) return;
    isTold = true;
    parts.metrics.middlewareActed(name, 'alerted');
    parts.log.warn('turn_is_dear', { turn_id: parts.turn.turnId, usd: rounded(usd), threshold });
    if (config.show_in_thread) parts.notice(`This turn has cost more than ${dollars(threshold)}.`);
  }

  return {
    async *model(request, next, signal) {
      for await (const event of next(request, signal)) {
        if (event.type !== 'usage') yield event;
        else {
          const priced = withPrice(event, config);
          count(priced);
          yield priced;
        }
      }
    },
  };
}

/** What the turn's earlier activations have cost. */
function spentBefore({ steps }: MiddlewareParts): number {
  const charges = steps().flatMap((step) => (step.type === 'model' ? (step.charges ?? []) : []));
  return charges.reduce((sum, { cost }) => sum + (cost?.usd ?? 0), 0);
}

function withPrice(event: Extract<ModelEvent, { type: 'usage' }>, config: Config) {
  const cost = event.cost ?? priceOf(event.usage, config);
  if (cost === undefined || event.cost !== undefined) return event;
  return { ...event, cost, priceSource: name };
}

function priceOf(
  usage: Usage,
  { cost_per_1k_input: input, cost_per_1k_output: output }: Config,
): Cost | undefined {
  if (input === undefined || output === undefined) return undefined;
  return { usd: rounded((usage.input * input + usage.output * output) / 1000), isWhole: true };
}

function dollars(usd: number): string {
  return `$${usd < 1 ? usd.toFixed(4).replace(/0{1,2}$/, '') : usd.toFixed(2)}`;
}
