import type { ChatAdapter } from '../../../src/chat/adapter.ts';
import type { ApprovalView, Bot } from '../../../src/chat/bot.ts';
import { ForbiddenError } from '../../../src/chat/errors.ts';
import type { Author, Inbound, Received, ThreadId } from '../../../src/chat/inbound.ts';
import type { ApprovalCard } from '../../../src/chat/reply.ts';
import { createChanges } from './changes.ts';
import { endTurn, type FakeThread, type FakeTurn, viewOf } from './fake-thread.ts';
import { play } from './play.ts';
import type { Script } from './script.ts';

export interface FakeBot extends Bot {
  /** Shows previews through this adapter; without it, the bot is like one whose turns run on another replica. */
  previewOn(adapter: ChatAdapter): void;
  /** Lets held turns go on. */
  release(): void;
  /** Thrown by the next `receive`. */
  failNext(error: Error): void;
  /** What reached the inbox. */
  readonly received: readonly Inbound[];
  /** How often stored state was read. */
  reads(): { readonly turnOf: number; readonly conversation: number };
  /** How many wait for a change. */
  waiting(): number;
}

const OPEN: readonly FakeTurn['status'][] = ['queued', 'running', 'waiting'];

/** A bot that keeps everything in memory and whose model follows a script. */
export function createFakeBot(script: Script): FakeBot {
  const threads = new Map<ThreadId, FakeThread>();
  const byKey = new Map<string, Received>();
  const inbox: Inbound[] = [];
  const changes = createChanges();
  const reads = { turnOf: 0, conversation: 0 };
  let adapter: ChatAdapter | undefined;
  let gate = Promise.withResolvers<void>();
  let failure: Error | undefined;
  let made = 0;

  const newId = (kind: string) => `${kind}-${++made}`;

  function release(): void {
    gate.resolve();
    gate = Promise.withResolvers();
  }

  async function receive(inbound: Inbound): Promise<Received> {
    const error = failure;
    failure = undefined;
    if (error) throw error;
    const known = inbound.dedupeKeys.map((key) => byKey.get(key)).find((received) => received !== undefined);
    if (known) return { ...known, duplicate: true };
    inbox.push(inbound);
    const thread = threads.get(inbound.threadId) ?? begin(inbound);
    const running = thread.turns.find(({ status }) => status === 'running');
    const turn = running ?? queue(thread, inbound);
    const received = store(thread, turn, inbound);
    if (running) release();
    else setImmediate(() => void run(thread, turn, 'start'));
    return received;
  }

  function begin({ threadId, author }: Inbound): FakeThread {
    const thread: FakeThread = { id: threadId, owner: author, messages: [], turns: [], answeredBy: [] };
    threads.set(threadId, thread);
    return thread;
  }

  function queue(thread: FakeThread, inbound: Inbound): FakeTurn {
    const turn: FakeTurn = {
      id: newId('turn'),
      asker: inbound.author,
      steps: [...script(inbound.text)],
      stop: new AbortController(),
      approvals: [],
      createdAt: now(),
      status: 'queued',
    };
    thread.turns.push(turn);
    return turn;
  }

  function store(thread: FakeThread, turn: FakeTurn, inbound: Inbound): Received {
    const { text, author, fingerprint, dedupeKeys } = inbound;
    thread.messages.push({ role: 'user', text, name: author.name, turnId: turn.id, at: now() });
    const seq = thread.answeredBy.push(turn.id);
    const received: Received = {
      duplicate: false,
      threadId: thread.id,
      seq,
      turnId: turn.id,
      ...(fingerprint !== undefined && { fingerprint }),
    };
    for (const key of dedupeKeys) byKey.set(key, received);
    changes.touch(thread.id);
    return received;
  }

  async function run(thread: FakeThread, turn: FakeTurn, activation: 'start' | 'resume'): Promise<void> {
    if (!OPEN.includes(turn.status)) return;
    turn.status = 'running';
    turn.preview = adapter?.preview?.({ threadId: thread.id, turnId: turn.id, remember: async () => {} });
    turn.preview?.show({ type: 'started', activation });
    const touch = () => changes.touch(thread.id);
    touch();
    try {
      for (let step = turn.steps.shift(); step; step = isRunning(turn) ? turn.steps.shift() : undefined) {
        await play({ thread, turn, newId, touch, released: gate.promise }, step);
      }
      if (isRunning(turn)) finish(thread, turn);
    } catch (error) {
      if (!turn.stop.signal.aborted) throw error;
      endTurn(thread, turn, 'stopped', { kind: 'stopped', text: `Stopped by ${turn.asker.name}.` });
    }
    touch();
    await turn.preview?.close();
  }

  function finish(thread: FakeThread, turn: FakeTurn): void {
    const last = thread.messages.at(-1);
    const text = last?.role === 'assistant' ? last.text : 'Done.';
    endTurn(thread, turn, 'done', {
      kind: 'answer',
      text,
      footer: 'fake-1 · 1,204 tokens · $0.0031 · 2.4 s',
    });
  }

  function findApproval(id: string) {
    for (const thread of threads.values()) {
      for (const turn of thread.turns) {
        const card = turn.approvals.find((approval) => approval.id === id);
        if (card) return { thread, turn, card };
      }
    }
    return undefined;
  }

  function settle(thread: FakeThread, turn: FakeTurn, card: ApprovalCard): void {
    turn.approvals[turn.approvals.findIndex(({ id }) => id === card.id)] = card;
    const at = thread.messages.findIndex(
      (m) => m.role === 'assistant' && m.approvals?.some(({ id }) => id === card.id),
    );
    const message = thread.messages[at];
    if (message?.role === 'assistant') thread.messages[at] = { ...message, approvals: [card] };
    if (card.state === 'denied') turn.steps.splice(0, Infinity, { say: 'Understood: I did not run it.' });
    changes.touch(thread.id);
    setImmediate(() => void run(thread, turn, 'resume'));
  }

  return {
    received: inbox,
    receive,
    release,
    reads: () => ({ ...reads }),
    waiting: changes.waiting,
    changed: changes.changed,
    previewOn(target) {
      adapter = target;
    },
    failNext(error) {
      failure = error;
    },
    async decide({ approvalId, decision, by, reason }) {
      const found = findApproval(approvalId);
      if (!found) return undefined;
      const { thread, turn, card } = found;
      if (by.name === 'Cautious' && decision === 'approve') throw new ForbiddenError('Not your own.');
      if (by.principal === 'web:stranger') throw new ForbiddenError('You may not decide about this tool.');
      const common = { threadId: thread.id, turnId: turn.id };
      if (card.state !== 'pending') return { ...common, decided: false, approval: card };
      const state = decision === 'approve' ? 'approved' : 'denied';
      const approval: ApprovalCard = {
        ...card,
        state,
        decidedBy: by.name,
        ...(reason !== undefined && { reason }),
      };
      settle(thread, turn, approval);
      return { ...common, decided: true, approval };
    },
    async attend() {
      return undefined;
    },
    async approval(id, by) {
      const found = findApproval(id);
      return found && viewedBy(by, found);
    },
    async pendingApprovals(by, limit) {
      const cards = [...threads.values()].flatMap((thread) =>
        thread.turns.flatMap((turn) => turn.approvals.map((card) => ({ thread, turn, card }))),
      );
      const pending = cards.filter(({ card }) => card.state === 'pending').reverse();
      return pending.slice(0, limit).map((found) => viewedBy(by, found));
    },
    async stop(threadId, by: Author) {
      const thread = threads.get(threadId);
      const open = thread?.turns.filter(({ status }) => OPEN.includes(status)) ?? [];
      for (const turn of open) {
        turn.stop.abort();
        if (!thread || isRunning(turn)) continue;
        endTurn(thread, turn, 'stopped', { kind: 'stopped', text: `Stopped by ${by.name}.` });
        changes.touch(threadId);
      }
      return open.length > 0;
    },
    async clear(threadId) {
      const wasKnown = threads.delete(threadId);
      changes.touch(threadId);
      return wasKnown;
    },
    async retract() {
      return false;
    },
    async amend() {
      return 'unknown';
    },
    async conversation(threadId) {
      reads.conversation++;
      const thread = threads.get(threadId);
      return (
        thread && {
          threadId,
          messages: [...thread.messages],
          turns: thread.turns.map((turn) => viewOf(thread, turn)),
        }
      );
    },
    async keptResult() {
      return undefined;
    },
    async threads(principal, limit) {
      const own = [...threads.values()].filter(({ owner }) => owner.principal === principal).reverse();
      return own.slice(0, limit).map((thread) => ({
        threadId: thread.id,
        title: thread.messages[0]?.text.slice(0, 60) ?? '',
        status: thread.turns.at(-1)?.status ?? 'done',
        updatedAt: thread.messages.at(-1)?.at ?? now(),
      }));
    },
    async turnOf({ threadId, seq }) {
      reads.turnOf++;
      const thread = threads.get(threadId);
      const turn = thread?.turns.find(({ id }) => id === thread.answeredBy[seq - 1]);
      return thread && turn && viewOf(thread, turn);
    },
  };
}

/** Cautious people's own approvals are for others to decide. */
function viewedBy(
  by: Author,
  found: { thread: FakeThread; turn: FakeTurn; card: ApprovalCard },
): ApprovalView {
  const { thread, turn, card } = found;
  const isOwn = turn.asker.principal === by.principal && by.name === 'Cautious';
  const mayDecide = card.state === 'pending' && !isOwn;
  return { threadId: thread.id, turnId: turn.id, approval: card, mayDecide };
}

function isRunning(turn: FakeTurn): boolean {
  return turn.status === 'running';
}

function now(): string {
  return new Date().toISOString();
}
