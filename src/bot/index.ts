import { randomUUID } from 'node:crypto';
import type { ApprovalView, Bot } from '../chat/bot.ts';
import { BusyError, UnavailableError } from '../chat/errors.ts';
import type { Author, Inbound, Principal, Received, ThreadId } from '../chat/inbound.ts';
import { reachable } from '../chat/reachable.ts';
import type { Claimed, ConcernStore, InboxStore } from '../inbox/port.ts';
import type { Clock, Log, Metrics } from '../observe/port.ts';
import type { Sessions } from '../sessions/port.ts';
import { questionFor } from './asker-question.ts';
import { attend } from './attending.ts';
import { toCard } from './cards.ts';
import type { Policy } from './clearance.ts';
import { checkDecider, type Decider, isAsker, mayApprove, type Verdict, verdictOf } from './deciding.ts';
import { changedNames } from './editing.ts';
import { editForm } from './editing-form.ts';
import { expire } from './expiry.ts';
import type { Approval, SignIns, TurnStore } from './port.ts';
import { allowsOf } from './questions.ts';
import type { Recent } from './recent.ts';
import { conversationView, turnView } from './views.ts';

/** Room in this process for the thread that a message may bring along. */
interface Reserved {
  readonly owner: string;
  readonly leaseMs: number;
  take(claimed: Claimed | undefined): void;
}

export interface BotOptions {
  readonly inbox: InboxStore;
  readonly turns: TurnStore;
  readonly sessions: Sessions;
  readonly concerns: ConcernStore;
  /** The worker of this process: takes a thread at once when it has room. */
  readonly worker: {
    reserve(): Reserved | undefined;
    offer(threadId: ThreadId): void;
  };
  /** Resolves at the next change of a thread that any process stores. */
  readonly changes: { wait(threadId: string, timeoutMs: number, signal?: AbortSignal): Promise<void> };
  /** The turns that ended in this process a moment ago. */
  readonly recent: Recent;
  /** Something was put into the outbox. */
  readonly posted: () => void;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** Messages of one thread that may wait at once. */
  readonly maxPending?: number;
  /** A message that cannot be stored within this time is refused, so that the platform sends it again. */
  readonly receiveWithinMs?: number;
  /** Who asked may approve; LAB only. */
  readonly selfApproval: boolean;
  /** What an approval is bound to: the tool's name and its exact arguments. */
  readonly digest: Policy['digest'];
  /** All principals of the person behind one, itself among them. Default: itself alone. */
  readonly principalsOf?: (principal: Principal) => Promise<readonly Principal[]>;
  /** Where people sign in to servers. Absent: nowhere. */
  readonly signIns?: SignIns;
}

const historyTurns = 200;

/** What adapters ask of the bot. */
export function createBot(options: BotOptions): Bot {
  const {
    inbox,
    turns,
    sessions,
    worker,
    recent,
    log,
    metrics,
    clock,
    maxPending = 50,
    receiveWithinMs = 2000,
    principalsOf = async (principal: Principal) => [principal],
  } = options;

  async function receive(inbound: Inbound): Promise<Received> {
    const place = worker.reserve();
    const claim = place === undefined ? {} : { claim: place };
    const storing = inbox.receive(inbound, randomUUID(), { maxPending, ...claim });
    storing.then(
      ({ claimed }) => place?.take(claimed),
      () => place?.take(undefined),
    );
    const { claimed: _taken, ...received } = await within(receiveWithinMs, storing).catch(
      (error: unknown) => {
        if (error instanceof BusyError) throw error;
        log.error('receive_failed', { thread_id: inbound.threadId, error });
        throw new UnavailableError('The message could not be stored. Send it again in a moment.', {
          cause: error,
        });
      },
    );
    metrics.received(platformOf(inbound.threadId), received.duplicate);
    return received;
  }

  /** Expires an approval that is past its time before anybody can decide it. */
  async function current(id: string): Promise<Approval | undefined> {
    const approval = await turns.approval(id);
    if (approval?.state !== 'pending' || approval.expiresAt.getTime() > clock.now()) return approval;
    await expire(turns, id, clock);
    return await turns.approval(id);
  }

  async function deciderOf(by: Author, permissions?: ReadonlySet<string>): Promise<Decider> {
    const own = new Set([by.principal, ...(await principalsOf(by.principal))]);
    const { selfApproval } = options;
    return { own, selfApproval, ...(permissions === undefined ? {} : { permissions }) };
  }

  /** What a verdict comes to in the store: what is to run has a digest of its own. */
  function stored(approval: Approval, { edited, ...verdict }: Verdict) {
    if (edited === undefined) return verdict;
    const changed = changedNames(approval.arguments, edited);
    const digest = options.digest(approval.tool, edited);
    return { ...verdict, edited: { arguments: edited, digest, changed } };
  }

  function seenBy(decider: Decider, approval: Approval): ApprovalView {
    const { threadId, turnId, state } = approval;
    const mayDecide = state === 'pending' && mayApprove(approval, decider);
    return { threadId, turnId, approval: toCard(approval), mayDecide, isAsker: isAsker(approval, decider) };
  }

  /** The one that somebody opens: its asker sees what they are asked for. */
  async function openedBy(by: Author, approval: Approval): Promise<ApprovalView> {
    const decider = await deciderOf(by);
    const view = seenBy(decider, approval);
    if (!view.mayDecide) return view;
    if (approval.need === undefined)
      return allowsOf(approval).includes('edit') ? { ...view, editing: editForm(approval) } : view;
    const people = { asker: approval.askedBy.principal, opener: by.principal };
    return { ...view, question: await questionFor(approval.need, people, options.signIns) };
  }

  /** What was kept of the thread besides the database is stale; the database has it right. */
  async function forgetCopies(threadId: ThreadId): Promise<void> {
    recent.forget(threadId);
    await sessions
      .clear(threadId)
      .catch((error: unknown) => log.warn('redis_clear_failed', { thread_id: threadId, error }));
  }

  return {
    receive,
    decide: reachable(async (input) => {
      const { approvalId, by, reason } = input;
      const before = await current(approvalId);
      if (before === undefined) return undefined;
      if (before.state === 'pending')
        checkDecider(before, await deciderOf(by, input.permissions), input.decision);
      const verdict = before.state === 'pending' ? await verdictOf(before, input) : undefined;
      const decided =
        verdict !== undefined &&
        (await turns.decide({
          approvalId,
          by,
          now: new Date(clock.now()),
          ...stored(before, verdict),
          ...(reason === undefined ? {} : { reason }),
        }));
      if (decided) worker.offer(before.threadId);
      const after = (await turns.approval(approvalId)) ?? before;
      log.info('approval_decided', {
        approval_id: approvalId,
        turn_id: after.turnId,
        state: after.state,
        decided,
      });
      return { decided, threadId: after.threadId, turnId: after.turnId, approval: toCard(after) };
    }),
    approval: reachable(async (id, by) => {
      const approval = await current(id);
      return approval === undefined ? undefined : await openedBy(by, approval);
    }),
    pendingApprovals: reachable(async (by, limit) => {
      const decider = await deciderOf(by);
      const pending = await turns.pending(new Date(clock.now()), { own: decider.own, limit });
      return pending.map((approval) => seenBy(decider, approval));
    }),
    attend: reachable((input) => attend(options, input)),
    stop: reachable(async (threadId, by) => {
      const stopped = await turns.stop(threadId, by);
      if (stopped > 0) worker.offer(threadId);
      return stopped > 0;
    }),
    clear: reachable(async (threadId, by) => {
      const had = await turns.clear(threadId, by);
      await forgetCopies(threadId);
      return had;
    }),
    retract: reachable(async (message) => {
      const isKnown = await turns.retract(message);
      if (isKnown) await forgetCopies(message.threadId);
      if (isKnown) worker.offer(message.threadId);
      return isKnown;
    }),
    amend: reachable(async (message) => {
      const amended = await turns.amend(message);
      if (amended === 'replaced') await forgetCopies(message.threadId);
      return amended;
    }),
    conversation: reachable(async (threadId) => {
      const history = await turns.history(threadId, historyTurns);
      return history === undefined ? undefined : conversationView(threadId, history, clock.now());
    }),
    keptResult: reachable(async (threadId, id) => (await turns.kept(threadId, id))?.text),
    threads: reachable(turns.threads),
    turnOf: reachable(async (event) => {
      const ended = recent.get(event);
      if (ended !== undefined) return ended;
      const turn = await turns.turnOf(event);
      return turn === undefined ? undefined : turnView(turn);
    }),
    changed: (threadId, timeoutMs, signal) => options.changes.wait(threadId, timeoutMs, signal),
  };
}

function platformOf(threadId: string): string {
  return threadId.slice(0, threadId.indexOf(':'));
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not stored within ${ms} ms`)), ms);
  });
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
