import { toRun } from '../agent/indirect.ts';
import type { ToolCall } from '../agent/messages.ts';
import { openCalls, type Step } from '../agent/steps.ts';
import type { Conversation, TranscriptMessage, TurnView } from '../chat/bot.ts';
import type { ThreadId } from '../chat/inbound.ts';
import type { ConcernCard } from '../chat/reply.ts';
import { pleaFor, toCard } from './cards.ts';
import { editedCall } from './editing.ts';
import type { StoredTurn } from './port.ts';
import { usageView } from './spent.ts';

/** A stored turn as people see it. */
export function turnView(turn: StoredTurn): TurnView {
  return {
    id: turn.id,
    threadId: turn.threadId,
    status: turn.state,
    approvals: turn.approvals.map(toCard),
    createdAt: turn.createdAt.toISOString(),
    ...(turn.reply === undefined ? {} : { reply: turn.reply }),
    ...(turn.spent === undefined ? {} : { usage: usageView(turn.spent) }),
    ...(turn.endedAt === undefined ? {} : { endedAt: turn.endedAt.toISOString() }),
  };
}

/** The whole conversation as people see it at a time, made from stored turns. */
export function conversationView(
  threadId: ThreadId,
  turns: readonly StoredTurn[],
  now: number,
): Conversation {
  const messages = turns.flatMap((turn) => turnMessages(turn, now));
  return { threadId, messages, turns: turns.map(turnView) };
}

function turnMessages(turn: StoredTurn, now: number): readonly TranscriptMessage[] {
  const at = turn.createdAt.toISOString();
  const question = {
    role: 'user',
    text: turn.question,
    name: turn.asker.name,
    turnId: turn.id,
    at,
    ...namesOf(turn.files),
  } as const;
  const results = new Map(
    turn.steps.flatMap(({ step }) => (step.type === 'result' ? [[step.message.callId, step] as const] : [])),
  );
  const steps = turn.steps.flatMap(({ step, storedAt }) =>
    stepMessages(turn, step, results, storedAt.toISOString()),
  );
  // What the bot says by itself answers nobody.
  const isAsked = turn.question !== '' || turn.files !== undefined;
  return [...(isAsked ? [question] : []), ...steps, ...replyMessage(turn, now)];
}

function namesOf(files: StoredTurn['files']) {
  return files === undefined ? {} : { files: files.map(({ name, mediaType }) => ({ name, mediaType })) };
}

type Result = Extract<Step, { type: 'result' }>;

function stepMessages(
  turn: StoredTurn,
  step: Step,
  results: ReadonlyMap<string, Result>,
  at: string,
): readonly TranscriptMessage[] {
  if (step.type === 'said') {
    return [
      {
        role: 'user',
        text: step.message.text,
        name: step.message.name ?? turn.asker.name,
        turnId: turn.id,
        at,
        ...namesOf(step.message.files),
      },
    ];
  }
  if (step.type !== 'model' || step.message.calls.length === 0) return [];
  const spoken =
    step.message.text.trim() === ''
      ? []
      : [{ role: 'assistant', kind: 'answer', text: step.message.text, turnId: turn.id, at } as const];
  const calls = step.message.calls.map(toRun).map((call) => {
    const result = results.get(call.id);
    return {
      role: 'tool',
      turnId: turn.id,
      at,
      callId: call.id,
      tool: call.name,
      arguments: JSON.stringify(call.arguments),
      ...editedBy(turn, call.id, result),
      status: callStatus(turn, call.id, result),
      text: result?.message.text ?? '',
      ...shortened(result),
      ...(result === undefined ? {} : { durationMs: result.durationMs }),
    } as const;
  });
  return [...spoken, ...calls, ...askedMessage(turn, step.message.calls, at)];
}

/** What a person wrote in place of a call's arguments, where it ran with it or still may. */
function editedBy({ approvals }: StoredTurn, callId: string, result: Result | undefined) {
  const isUsed = result === undefined || result.ran || result.isCopy === true;
  const edited = isUsed ? editedCall(approvals, callId) : undefined;
  return edited === undefined
    ? {}
    : { edited: { arguments: JSON.stringify(edited.arguments), by: edited.by } };
}

/** Where the whole result is, when the transcript does not show it all. */
function shortened(result: Result | undefined) {
  const { kept, text = '' } = result?.message ?? {};
  return kept === undefined || kept.characters <= text.length ? {} : { kept };
}

function callStatus(turn: StoredTurn, callId: string, result: Result | undefined) {
  if (result !== undefined) return result.message.isError ? 'error' : 'ok';
  const isAsked = turn.approvals.some((asked) => asked.callId === callId && asked.state === 'pending');
  return isAsked || turn.state === 'waiting' ? 'waiting' : 'running';
}

/** The questions that these calls raised, as they stand now. */
function askedMessage(
  turn: StoredTurn,
  calls: readonly ToolCall[],
  at: string,
): readonly TranscriptMessage[] {
  const ids = new Set(calls.map((call) => call.id));
  const asked = turn.approvals.filter((approval) => ids.has(approval.callId));
  if (asked.length === 0) return [];
  const pending = asked.filter((approval) => approval.state === 'pending');
  const text = pleaFor(pending.length > 0 ? pending : asked.slice(-1));
  return [{ role: 'assistant', kind: 'approval', text, turnId: turn.id, at, approvals: asked.map(toCard) }];
}

function replyMessage(turn: StoredTurn, now: number): readonly TranscriptMessage[] {
  const { reply } = turn;
  if (reply === undefined || reply.text === '' || reply.kind === 'approval') return [];
  const at = (turn.endedAt ?? turn.createdAt).toISOString();
  return [
    {
      role: 'assistant',
      kind: reply.kind,
      text: reply.text,
      turnId: turn.id,
      at,
      ...(reply.sources === undefined ? {} : { sources: reply.sources }),
      ...(reply.footer === undefined ? {} : { footer: reply.footer }),
      ...(reply.code === undefined ? {} : { code: reply.code }),
      ...(reply.concern === undefined ? {} : { concern: standing(reply.concern, now) }),
      ...(reply.mentions === undefined ? {} : { mentions: reply.mentions }),
      ...(reply.details === undefined ? {} : { details: reply.details }),
    },
  ];
}

/** A snooze that is over is open. */
function standing(card: ConcernCard, now: number): ConcernCard {
  const isOver = card.state === 'snoozed' && Date.parse(card.until ?? '') <= now;
  return isOver ? { id: card.id, state: 'open' } : card;
}

/** The tools whose calls had begun and have no result: nobody knows whether they ran. */
export function mayHaveRun(steps: readonly Step[]): readonly string[] {
  return openCalls(steps).flatMap((open) => (open.begun.length > 0 ? [open.call.name] : []));
}
