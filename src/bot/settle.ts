import type { Spent } from '../agent/cost.ts';
import type { Step } from '../agent/steps.ts';
import type { TurnStatus, TurnView } from '../chat/bot.ts';
import type { Reply } from '../chat/reply.ts';
import { type ActiveTurn, allSteps } from './activation.ts';
import { pleaFor, toCard } from './cards.ts';
import { newApprovals } from './clearance.ts';
import { recordsOf } from './journal.ts';
import { lookedAt } from './looked-at.ts';
import type { Outcome } from './outcome.ts';
import type { BotParts } from './parts.ts';
import { questionOf, ttlOf } from './past.ts';
import type { Approval } from './port.ts';
import { checkpointOf } from './remember.ts';
import { sourcesOf } from './sources.ts';
import { lostRecords, spentOf, spentWords, usageView } from './spent.ts';

/** Stores the end of an activation: last step, reply, checkpoint, approvals, event, lease, at once. */
export async function settle(
  parts: BotParts,
  active: ActiveTurn,
  outcome: Outcome,
): Promise<{ readonly released: boolean }> {
  const { turn, work, lease, journal } = active;
  const workMs = turn.workMs + Math.round(performance.now() - active.startedAt);
  const asked = await askedBy(parts, active, outcome);
  const approvals = [...active.approvals, ...asked];
  const steps = allSteps(active, outcome);
  const spent = spentOf(steps, active.lost);
  const reply = replyOf(active, outcome, { asked, steps, spent, workMs });
  const checkpoint = checkpointOf({
    question: questionOf(active),
    steps,
    outcome,
    approvals,
    prev: active.head,
    replaces: turn.checkpointId,
  });
  const ofLast = outcome.step === undefined ? {} : recordsOf(outcome.step, turn.asker.principal);
  const edits = active.previewRef();
  const poster = parts.adapters.get(work.platform)?.poster;
  const layers = active.state.take();
  const trace = active.trace();
  const { released, isKept, isRetracted } = await parts.turns.settle(lease, {
    turnId: turn.id,
    platform: work.platform,
    generation: turn.generation,
    state: outcome.state,
    seq: work.seq,
    seen: journal.seen(),
    at: journal.steps.length,
    steps: outcome.step === undefined ? [] : [outcome.step],
    ...ofLast,
    charges: [...lostRecords(active.lost, turn.asker.principal), ...(ofLast.charges ?? [])],
    failures: active.failures,
    ...(spent === undefined ? {} : { spent }),
    approvals: asked,
    post: poster !== undefined,
    ordinal: turn.replies,
    checkpoint,
    model: modelOf(steps),
    workMs,
    ...(layers === undefined ? {} : { layers }),
    ...(trace === undefined ? {} : { trace }),
    ...(reply === undefined ? {} : { reply }),
    ...(edits === undefined ? {} : { edits }),
  });
  if (isKept && reply !== undefined && outcome.state !== 'waiting') {
    parts.recent.put(
      { threadId: lease.threadId, seq: work.seq },
      viewOf(active, outcome.state, { reply, approvals, spent }),
    );
  }
  if (poster !== undefined && reply !== undefined) parts.posted();
  parts.changed(lease.threadId);
  if (outcome.state !== 'waiting') parts.metrics.turnEnded(work.platform, outcome.state, workMs);
  const kept = isRetracted ? { ...checkpoint, tokens: 0, messages: [] } : checkpoint;
  if (isKept) await parts.sessions.appended(lease.threadId, kept, ttlOf(active.config));
  return { released };
}

interface Ended {
  readonly reply: Reply;
  readonly approvals: readonly Approval[];
  readonly spent: Spent | undefined;
}

/** The ended turn as it was just stored. What still waited for people was cancelled with it. */
function viewOf(
  { turn, lease }: ActiveTurn,
  status: TurnStatus,
  { reply, approvals, spent }: Ended,
): TurnView {
  const closed = approvals.map((item) =>
    item.state === 'pending' ? { ...item, state: 'cancelled' as const } : item,
  );
  return {
    id: turn.id,
    threadId: lease.threadId,
    status,
    reply,
    approvals: closed.map(toCard),
    ...(spent === undefined ? {} : { usage: usageView(spent) }),
    createdAt: turn.createdAt.toISOString(),
    endedAt: new Date().toISOString(),
  };
}

async function askedBy(
  parts: BotParts,
  active: ActiveTurn,
  { questions = [] }: Outcome,
): Promise<readonly Approval[]> {
  if (questions.length === 0) return [];
  const context = {
    deciders: await parts.decidersOf(active.turn.asker.principal),
    turnId: active.turn.id,
    threadId: active.lease.threadId,
    asker: active.turn.asker,
    expiresAt: new Date(parts.clock.now() + parts.approvalHours * 3_600_000),
  };
  return newApprovals(parts.policy, questions, active.approvals, context);
}

interface ReplyFacts {
  readonly asked: readonly Approval[];
  readonly steps: readonly Step[];
  readonly spent: Spent | undefined;
  readonly workMs: number;
}

/** Nothing when the turn only goes on waiting for questions that were asked before. */
function replyOf(active: ActiveTurn, outcome: Outcome, facts: ReplyFacts): Reply | undefined {
  if (outcome.state === 'waiting' && facts.asked.length === 0) return undefined;
  const said = outcome.state === 'waiting' ? questionText(facts) : outcome.text;
  const notices = outcome.state === 'waiting' ? [] : active.state.notices();
  const looked = outcome.kind === 'answer' ? lookedAt(active.turn, facts.steps) : [];
  const whole = [said, ...looked, ...notices.map(noticeText)].join('\n\n');
  const text = outcome.kind === 'error' ? `${whole}\n\nReference: ${active.turn.id}` : whole;
  const note = active.freshNote;
  return {
    kind: outcome.kind,
    text: note === undefined ? text : `${note}\n\n${text}`,
    turnId: active.turn.id,
    ...(outcome.code === undefined ? {} : { code: outcome.code }),
    ...(outcome.state === 'waiting' ? { approvals: facts.asked.map(toCard) } : { footer: footerOf(facts) }),
    ...(outcome.kind === 'answer' ? sourcesOf(facts.steps) : {}),
    ...(outcome.kind === 'answer' && !wasModelAsked(facts.steps) ? { isWithoutModel: true } : {}),
  };
}

/** What has several lines is Markdown of its own. */
function noticeText(notice: string): string {
  return notice.includes('\n') ? notice : `_${notice}_`;
}

function questionText({ asked, steps }: ReplyFacts): string {
  const last = steps.findLast((step) => step.type === 'model');
  const spoken = last?.type === 'model' ? last.message.text.trim() : '';
  const plea = pleaFor(asked);
  return spoken === '' ? plea : `${spoken}\n\n${plea}`;
}

function footerOf({ steps, spent, workMs }: ReplyFacts): string {
  const calls = steps.filter((step) => step.type === 'result' && step.ran).length;
  return [
    modelOf(steps),
    ...(spent === undefined ? [] : spentWords(spent)),
    calls === 0 ? '' : `${calls} tool call${calls === 1 ? '' : 's'}`,
    `${(workMs / 1000).toFixed(1)} s`,
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

/** Commands and middleware speak in a model's place, without its name. */
function wasModelAsked(steps: readonly Step[]): boolean {
  return steps.some((step) => step.type === 'model' && step.model !== '');
}

function modelOf(steps: readonly Step[]): string {
  const last = steps.findLast((step) => step.type === 'model');
  return last?.type === 'model' ? last.model : '';
}
