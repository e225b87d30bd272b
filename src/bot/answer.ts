import { type Onions, TurnEndError, type TurnResult } from '../agent/middleware.ts';
import { ProviderError } from '../agent/provider.ts';
import { type Lease, StopRequestedError, type Work } from '../inbox/port.ts';
import type { TurnSide } from '../middleware/port.ts';
import { type ActiveTurn, activate, work as runTurn } from './activation.ts';
import { giveUp } from './give-up.ts';
import { endedBy, failureOf, type Outcome, stoppedBy, timedOut } from './outcome.ts';
import type { BotParts } from './parts.ts';
import { ttlOf } from './past.ts';
import { settle } from './settle.ts';
import { sideOf } from './turn-side.ts';
import { mayHaveRun } from './views.ts';

/**
 * Handles one event: load the session, gather tools, run the agent loop inside its middleware, save
 * each step, and end with a stored reply. Throws only when nobody could be told: the lease is lost,
 * the process shuts down, or the database fails; the event is then tried again.
 */
export function createAnswer(
  parts: BotParts,
): (work: Work, lease: Lease) => Promise<{ readonly released: boolean }> {
  return async (work, lease) => {
    const { turn } = work;
    if (turn === undefined) return { released: false };
    if (work.attempts > parts.maxAttempts) return await giveUp(parts, work, turn, lease);
    const active = await activate(parts, work, turn, lease);
    try {
      return await answer(parts, active);
    } finally {
      await active.preview?.close();
    }
  };
}

async function answer(parts: BotParts, active: ActiveTurn): Promise<{ readonly released: boolean }> {
  const { turn } = active;
  if (turn.stopRequestedBy !== undefined) {
    return await settle(parts, active, stoppedBy(turn.stopRequestedBy, mayHaveRun(active.journal.steps)));
  }
  startFreshIfExpired(parts, active);
  const built = await build(parts, active);
  if ('failure' in built) return await settle(parts, active, built.failure);
  return await answerInside(parts, active, built);
}

interface Around {
  readonly onions: Onions;
  readonly side: TurnSide;
}

type Built = Around | { readonly failure: Outcome };

/** Nothing runs without a layer that must be there. */
async function build(parts: BotParts, active: ActiveTurn): Promise<Built> {
  try {
    const side = sideOf(parts, active);
    const { layers, trace, timed } = await parts.layers(active.config.middleware, side);
    active.trace = trace;
    active.timed = timed;
    return { onions: parts.compose(layers), side };
  } catch (error) {
    if (error instanceof TurnEndError) return { failure: endedBy(error.words) };
    if (!(error instanceof ProviderError)) throw error;
    return { failure: failed(parts, active, error) };
  }
}

/** Runs and settles the turn inside its middleware. What a layer does after the turn is settled changes nothing. */
async function answerInside(
  parts: BotParts,
  active: ActiveTurn,
  around: Around,
): Promise<{ readonly released: boolean }> {
  const { turn, lease } = active;
  const end: { settled?: { readonly released: boolean } } = {};
  const core = async (): Promise<TurnResult> => {
    const outcome = await outcomeWithin(parts, active, around);
    await active.preview?.drain?.();
    end.settled = await settle(parts, active, outcome);
    return { status: outcome.state === 'waiting' ? 'paused' : outcome.state };
  };
  const input = {
    turnId: turn.id,
    threadId: lease.threadId,
    asker: turn.asker.principal,
    activation: active.activation,
    model: active.config.model?.name ?? '',
  };
  const outcome = await around.onions
    .turn(core)(input)
    .then(
      ({ said }) => (said === undefined ? undefined : endedBy(said)),
      (error: unknown) => {
        if (end.settled === undefined) return endedFrom(parts, active, error);
        return void parts.log.error('middleware_failed', {
          turn_id: turn.id,
          thread_id: lease.threadId,
          error,
        });
      },
    );
  if (end.settled !== undefined) return end.settled;
  if (outcome === undefined) throw new Error('A middleware ended the turn without an answer.');
  return await settle(parts, active, outcome);
}

/** How the turn ends for a layer that did not let it begin, or for somebody who stopped it there. Throws all else. */
function endedFrom(parts: BotParts, active: ActiveTurn, error: unknown): Outcome {
  const { signal } = active.lease;
  const reason: unknown = signal.aborted ? signal.reason : error;
  if (reason instanceof TurnEndError) return endedBy(reason.words);
  if (reason instanceof StopRequestedError) return stoppedBy(reason.by, mayHaveRun(active.journal.steps));
  if (reason instanceof ProviderError) return failed(parts, active, reason);
  throw reason;
}

/** A conversation idle for longer than its time begins anew; a turn that goes on keeps its own. */
function startFreshIfExpired(parts: BotParts, active: ActiveTurn): void {
  const { headAt } = active.work;
  if (active.turn.checkpointId !== undefined || active.head === undefined || headAt === undefined) return;
  if (parts.clock.now() - headAt.getTime() <= ttlOf(active.config)) return;
  active.head = undefined;
  active.freshNote = `_This conversation was idle for more than ${idleText(active.config.settings.chat_session_ttl_minutes)}, so I started fresh._`;
}

function idleText(minutes: number): string {
  if (minutes % 1440 === 0) return minutes === 1440 ? 'a day' : `${minutes / 1440} days`;
  if (minutes % 60 === 0) return minutes === 60 ? 'an hour' : `${minutes / 60} hours`;
  return minutes === 1 ? 'a minute' : `${minutes} minutes`;
}

class TurnTimeoutError extends Error {
  override readonly name = 'TurnTimeoutError';
}

/** Runs the turn within the time it has left, and turns what went wrong into something to say. */
async function outcomeWithin(parts: BotParts, active: ActiveTurn, around: Around): Promise<Outcome> {
  const seconds = active.config.settings.agent_request_timeout_seconds;
  const timeout = new AbortController();
  const timer = setTimeout(
    () => timeout.abort(new TurnTimeoutError(`longer than ${seconds} s`)),
    Math.max(0, seconds * 1000 - active.turn.workMs),
  );
  const signal = AbortSignal.any([active.lease.signal, timeout.signal]);
  try {
    return await runTurn(parts, active, { ...around, signal });
  } catch (error) {
    return recover(parts, active, signal.aborted ? signal.reason : error, seconds);
  } finally {
    clearTimeout(timer);
  }
}

function recover(parts: BotParts, active: ActiveTurn, error: unknown, seconds: number): Outcome {
  if (error instanceof TurnTimeoutError) return timedOut(seconds, mayHaveRun(active.journal.steps));
  if (error instanceof StopRequestedError) return stoppedBy(error.by, mayHaveRun(active.journal.steps));
  if (error instanceof TurnEndError) return endedBy(error.words);
  if (error instanceof ProviderError) return failed(parts, active, error);
  throw error;
}

function failed(parts: BotParts, active: ActiveTurn, error: ProviderError): Outcome {
  const model = active.config.model?.name ?? '';
  const fields = { turn_id: active.turn.id, thread_id: active.lease.threadId, model, kind: error.kind };
  parts.log.warn('turn_failed', { ...fields, error });
  parts.metrics.modelFailed(model, error.kind);
  return failureOf(error, parts.showDetails);
}
