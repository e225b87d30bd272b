import { type Middleware, type ModelNext, TurnEndError } from '../agent/middleware.ts';
import { asGuest, type Guest, ofHost } from '../agent/operator-module.ts';
import { type ModelEvent, ProviderError } from '../agent/provider.ts';
import { modelEvent, modelEvents, toolAnswer, turnResult } from './custom-words.ts';
import type { Layer, MiddlewareParts } from './definition.ts';
import { held, watched } from './held.ts';

type Callable = (...args: unknown[]) => unknown;

/** A layer of a foreign module. */
export interface Foreign {
  /** Of its type. */
  readonly name: string;
  readonly guest: Guest;
  /** What its parts are called on. */
  readonly made: unknown;
  readonly layer: Partial<Readonly<Record<'turn' | 'model' | 'tool', Callable | undefined>>>;
}

type Fail = (error: unknown, signal: AbortSignal) => unknown;

/**
 * A foreign layer as the bot runs it: what it gives is checked; what it throws ends the turn with a sentence
 * that names it, and no more; what does not end is left behind once the turn is stopped. Errors that have a
 * meaning of their own pass as they are.
 */
export function guarded(foreign: Foreign, parts: MiddlewareParts): Layer {
  const { turn, model, tool } = foreign.layer;
  const fail: Fail = (error, signal) => {
    if (error instanceof TurnEndError || error instanceof ProviderError) return error;
    if (signal.aborted || parts.turnSignal.aborted) return error;
    if (error instanceof Error && /^(LeaseLost|HandOver|StopRequested)/.test(error.name)) return error;
    parts.log.error('custom_middleware_failed', {
      type: foreign.name,
      turn_id: parts.turn.turnId,
      error,
    });
    return failed(foreign.name);
  };
  return {
    ...(turn && { turn: turnPart(foreign, turn, { fail, signal: parts.turnSignal }) }),
    ...(model && { model: modelPart(foreign, model, fail) }),
    ...(tool && { tool: toolPart(foreign, tool, fail) }),
  };
}

function failed(name: string): TurnEndError {
  const text = `The custom middleware ${name} failed, so I stopped. The log of the bot tells why.`;
  return new TurnEndError({ status: 'failed', code: 'middleware', text });
}

function turnPart(
  { guest, made }: Foreign,
  turn: Callable,
  { fail, signal }: { readonly fail: Fail; readonly signal: AbortSignal },
): NonNullable<Middleware['turn']> {
  return async (input, next) => {
    const inner = watched(next);
    try {
      const work = asGuest(guest, async () => await turn.call(made, input, inner.next));
      return turnResult.parse(await held(work, { signal, ...inner }));
    } catch (error) {
      throw fail(error, signal);
    }
  };
}

function toolPart({ guest, made }: Foreign, tool: Callable, fail: Fail): NonNullable<Middleware['tool']> {
  return async (input, next, signal) => {
    const inner = watched(next);
    try {
      const work = asGuest(guest, async () => await tool.call(made, input, inner.next, signal));
      return toolAnswer.parse(await held(work, { signal, ...inner }));
    } catch (error) {
      throw fail(error, signal);
    }
  };
}

function modelPart({ guest, made }: Foreign, model: Callable, fail: Fail): NonNullable<Middleware['model']> {
  return async function* (request, next, signal) {
    const inside: ModelNext = (...args) => ofHost(() => next(...args));
    let events: AsyncIterator<unknown> | undefined;
    try {
      events = asGuest(guest, () =>
        modelEvents.parse(model.call(made, request, inside, signal))[Symbol.asyncIterator](),
      );
      yield* heard(guest, events, signal);
    } catch (error) {
      throw fail(error, signal);
    }
  };
}

/** What a foreign stream says, each event checked. One that does not end when it must is left behind. */
async function* heard(
  guest: Guest,
  events: AsyncIterator<unknown>,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  let isIdle = true;
  try {
    for (;;) {
      isIdle = false;
      const next = await held(
        asGuest(guest, async () => await events.next()),
        { signal },
      );
      if (next.done === true) return;
      isIdle = true;
      yield modelEvent.parse(next.value);
    }
  } finally {
    if (isIdle)
      await held(
        asGuest(guest, async () => await events.return?.()),
        { signal },
      );
  }
}
