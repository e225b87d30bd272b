import type { Onions, TurnResult } from '../agent/middleware.ts';
import { ProviderError } from '../agent/provider.ts';
import { type Lease, StopRequestedError, type Work } from '../inbox/port.ts';
import { type ActiveTurn, activate, work as runTurn, ttlOf } from './activation.ts';
import { giveUp } from './give-up.ts';
import { failureOf, type Outcome, stoppedBy, timedOut } from './outcome.ts';
import type { BotParts } from './parts.ts';
import { settle } from './settle.ts';
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
  const built = build(parts, active);
  if ('failure' in built) return await settle(parts, active, built.failure);
  return await answerInside(parts, active, built.onions);
}

type Built = { readonly onions: Onions } | { readonly failure: Outcome };

/** Nothing runs without a layer that must be there. */
function build(parts: BotParts, active: ActiveTurn): Built {
  try {
    return { onions: parts.compose(parts.layers(active.config.middleware)) };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return { failure: failed(parts, active, error) };
  }
}

/** Runs and settles the turn inside its middleware. What a layer does after the turn is settled changes nothing. */
async function answerInside(
  parts: BotParts,
  active: ActiveTurn,
  onions: Onions,
): Promise<{ readonly released: boolean }> {
  const { turn, lease } = active;
  const end: { settled?: { readonly released: boolean } } = {};
  const core = async (): Promise<TurnResult> => {
    const outcome = await outcomeWithin(parts, active, onions);
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
  try {
    await onions.turn(core)(input);
  } catch (error) {
    if (end.settled === undefined) throw error;
    parts.log.error('middleware_failed', { turn_id: turn.id, thread_id: lease.threadId, error });
  }
  if (end.settled === undefined) throw new Error('A middleware ended the turn without an answer.');
  return end.settled;
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
async function outcomeWithin(parts: BotParts, active: ActiveTurn, onions: Onions): Promise<Outcome> {
  const seconds = active.config.settings.agent_request_timeout_seconds;
  const timeout = new AbortController();
  const timer = setTimeout(
    () => timeout.abort(new TurnTimeoutError(`longer than ${seconds} s`)),
    Math.max(0, seconds * 1000 - active.turn.workMs),
  );
  const signal = AbortSignal.any([active.lease.signal, timeout.signal]);
  try {
    return await runTurn(parts, active, { onions, signal });
  } catch (error) {
    return recover(parts, active, signal.aborted ? signal.reason : error, seconds);
  } finally {
    clearTimeout(timer);
  }
}

function recover(parts: BotParts, active: ActiveTurn, error: unknown, seconds: number): Outcome {
  if (error instanceof TurnTimeoutError) return timedOut(seconds, mayHaveRun(active.journal.steps));
  if (error instanceof StopRequestedError) return stoppedBy(error.by, mayHaveRun(active.journal.steps));
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
