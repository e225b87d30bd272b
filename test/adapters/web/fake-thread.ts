import type { TranscriptMessage, TurnStatus, TurnView } from '../../../src/chat/bot.ts';
import type { Author, ThreadId } from '../../../src/chat/inbound.ts';
import type { Preview } from '../../../src/chat/live.ts';
import type { ApprovalCard, Reply } from '../../../src/chat/reply.ts';
import type { ScriptStep } from './script.ts';

/** A turn of the fake bot, as it is stored. */
export interface FakeTurn {
  readonly id: string;
  readonly asker: Author;
  /** What is left to do. */
  readonly steps: ScriptStep[];
  readonly stop: AbortController;
  readonly approvals: ApprovalCard[];
  readonly createdAt: string;
  status: TurnStatus;
  reply?: Reply;
  endedAt?: string;
  preview?: Preview | undefined;
}

export interface FakeThread {
  readonly id: ThreadId;
  readonly owner: Author;
  readonly messages: TranscriptMessage[];
  readonly turns: FakeTurn[];
  /** The turn that answers each message, by the message's number less one. */
  readonly answeredBy: string[];
}

export function viewOf(thread: FakeThread, turn: FakeTurn): TurnView {
  return {
    id: turn.id,
    threadId: thread.id,
    status: turn.status,
    approvals: [...turn.approvals],
    createdAt: turn.createdAt,
    ...(turn.reply && { reply: turn.reply }),
    ...(turn.endedAt !== undefined && { endedAt: turn.endedAt }),
  };
}

/** Ends a turn with a reply, which becomes the thread's last message. */
export function endTurn(
  thread: FakeThread,
  turn: FakeTurn,
  status: TurnStatus,
  reply: Omit<Reply, 'turnId'>,
): void {
  turn.reply = { ...reply, turnId: turn.id };
  turn.status = status;
  turn.endedAt = new Date().toISOString();
  const { kind, text, footer, code } = reply;
  const last = thread.messages.at(-1);
  if (kind === 'answer' && last?.role === 'assistant' && last.turnId === turn.id) thread.messages.pop();
  thread.messages.push({
    role: 'assistant',
    kind,
    text,
    turnId: turn.id,
    at: turn.endedAt,
    ...(footer !== undefined && { footer }),
    ...(code !== undefined && { code }),
  });
}
