import type { z } from 'zod';
import { type ModelEvent, ProviderError, type ProviderErrorKind } from '../agent/provider.ts';
import { defineMiddleware, type Layer, type MiddlewareParts } from './definition.ts';
import { failureKinds, names, options, refused } from './options.ts';

const config = options({
  models: names.default([]).describe('Names of configured models, in the order in which they are tried.'),
  do_not_fall_back_on: failureKinds
    .default(['context_overflow'])
    .describe('Kinds of failures that end the turn; what is too long is tried with less of it first.'),
  fallback_model: refused('Write models: a list of names, in the order in which they are tried.'),
  first_model: refused('Write models: a list of names, in the order in which they are tried.'),
  additional_models: refused('Write models: a list of names, in the order in which they are tried.'),
});

const name = 'ModelFallbackMiddleware';

/**
 * Tries other models when one fails, and says so under the answer. Once another one has answered, it is
 * asked first for the rest of the turn. What a model keeps for itself is never given to another's vendor.
 */
export const modelFallback = defineMiddleware({
  name,
  description: 'Tries other models when one fails.',
  priority: 55,
  config,
  models: ({ models }) => models,
  build,
});

function build({ models, do_not_fall_back_on }: z.infer<typeof config>, parts: MiddlewareParts): Layer {
  if (models.length === 0) return {};
  const { turn, state, log, metrics } = parts;
  const all = [turn.model, ...models.filter((other) => other !== turn.model)];
  const final = new Set<ProviderErrorKind>([...do_not_fall_back_on, 'aborted']);
  return {
    async *model(request, next, signal) {
      const answering = answeringOf(state.get(), all);
      const candidates = [...all.slice(all.indexOf(answering)), ...all.slice(0, all.indexOf(answering))];
      const failures: Failure[] = [];
      for (const [at, model] of candidates.entries()) {
        let hasSpoken = false;
        const own = model === turn.model ? request : { ...request, model };
        try {
          const last = failures.at(-1);
          if (last !== undefined) parts.status(`is asking ${model}, because ${last.model} failed…`);
          for await (const event of next(own, signal)) {
            hasSpoken ||= isSpoken(event);
            yield event;
          }
          if (failures.length > 0 || model !== turn.model) answered(model, failures);
          return;
        } catch (error) {
          const isLast = at === candidates.length - 1;
          if (!(error instanceof ProviderError) || final.has(error.kind) || isLast) throw error;
          log.warn('model_fallback', { turn_id: turn.turnId, model, kind: error.kind, error });
          metrics.middlewareActed(name, 'fell_back');
          failures.push({ model, kind: error.kind });
          if (hasSpoken)
            yield { type: 'restart', reason: `${model} failed (${error.kind}); another model begins again.` };
        }
      }
    },
  };

  function answered(model: string, failures: readonly Failure[]) {
    if (state.get() !== model) state.set(model);
    if (failures.length === 0) return;
    const why = failures.map((failure) => `${failure.model} ${reasons[failure.kind]}`);
    parts.notice(`Answered by ${model}, because ${inWords.format(why)}.`);
  }
}

/** A model that did not answer. */
interface Failure {
  readonly model: string;
  readonly kind: ProviderErrorKind;
}

const inWords = new Intl.ListFormat('en');

/** The model that has answered in this turn, while it is one that may. */
function answeringOf(stored: unknown, all: readonly string[]): string {
  return typeof stored === 'string' && all.includes(stored) ? stored : (all[0] ?? '');
}

function isSpoken({ type }: ModelEvent): boolean {
  return type !== 'usage' && type !== 'stop';
}

/** Why a model did not answer, for people. */
const reasons: Readonly<Record<ProviderErrorKind, string>> = {
  misconfigured: 'is not set up right',
  auth: 'refused its key',
  permission: 'may not be used with its key',
  not_found: 'is not known to its provider',
  rate_limited: 'is limiting requests',
  quota_exhausted: 'has used up its quota',
  overloaded: 'is overloaded',
  context_overflow: 'cannot read so much',
  bad_request: 'refused the request',
  content_filtered: 'filtered the answer',
  network: 'could not be reached',
  timeout: 'did not answer in time',
  aborted: 'was stopped',
  protocol: 'broke off its answer',
};
