import type { ModelNext } from '../agent/middleware.ts';
import { ProviderError } from '../agent/provider.ts';
import type { TurnSide } from '../middleware/port.ts';
import type { ActiveTurn } from './activation.ts';
import type { BotParts, LoadedModel } from './parts.ts';

const unknownWindow = 64_000;

/** What the layers around a turn may do with it. */
export function sideOf(parts: BotParts, active: ActiveTurn): TurnSide {
  const { turn, lease, config, work, state } = active;
  const channel = parts.adapters.get(work.platform)?.channelOf?.(lease.threadId);
  return {
    facts: {
      turnId: turn.id,
      threadId: lease.threadId,
      asker: turn.asker.principal,
      ...(channel === undefined ? {} : { channel }),
      model: config.model?.name ?? '',
      activation: active.activation,
      question: turn.question,
      visibility: turn.asker.principal,
      isShared: active.named,
    },
    ...(config.model?.hasOwnLayersOnly === true ? { hasOwnLayersOnly: true } : {}),
    signal: lease.signal,
    steps: () => active.journal.steps,
    stateOf: state.get,
    setState: state.set,
    notice: state.notice,
    status: (text) => active.preview?.show({ type: 'status', text }),
    plan: (steps) => active.preview?.show({ type: 'plan', steps }),
    named: async (name) =>
      noting(active, name, withOwnSettings(await parts.modelNamed(name, config.version))),
    async window() {
      const row = config.model;
      return row === undefined ? unknownWindow : (await parts.model(row, config.version)).contextWindow;
    },
    async own() {
      const row = config.model;
      if (row === undefined) throw new ProviderError('misconfigured', 'No model is configured.');
      const loaded = { ...(await parts.model(row, config.version)), temperature: row.temperature };
      return noting(active, row.name, withOwnSettings(loaded));
    },
    charge: (lost) => void active.lost.push(lost),
  };
}

/** A model that a configured one stands in for answers by its own settings, not by the other's. */
function withOwnSettings(loaded: LoadedModel & { readonly temperature?: number | undefined }): ModelNext {
  const { provider, temperature, maxOutputTokens } = loaded;
  return ({ temperature: _other, maxOutputTokens: wanted, model: _name, ...request }, signal) => {
    const most = Math.min(maxOutputTokens ?? Number.POSITIVE_INFINITY, wanted ?? Number.POSITIVE_INFINITY);
    return provider(
      {
        ...request,
        ...(temperature === undefined ? {} : { temperature }),
        ...(Number.isFinite(most) ? { maxOutputTokens: most } : {}),
      },
      signal,
    );
  };
}

/** Notes which calls of a model fail for good; what a person or a shutdown ended has not failed. */
export function noting(
  { failures }: Pick<ActiveTurn, 'failures'>,
  name: string,
  model: ModelNext,
): ModelNext {
  return async function* (request, signal) {
    try {
      yield* model(request, signal);
    } catch (error) {
      if (error instanceof ProviderError && error.kind !== 'aborted')
        failures.push({ model: name, kind: error.kind });
      throw error;
    }
  };
}

/** The turn's own model, or the one that a layer named in the request. */
export function routed(side: Pick<TurnSide, 'named'>, own: ModelNext): ModelNext {
  return (request, signal) =>
    request.model === undefined ? own(request, signal) : other(side, request, signal);
}

async function* other(side: Pick<TurnSide, 'named'>, ...[request, signal]: Parameters<ModelNext>) {
  const model = await side.named(request.model ?? '');
  yield* model(request, signal);
}
