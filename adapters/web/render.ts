import type {
  Conversation,
  ThreadSummary,
  TranscriptMessage,
  TurnStatus,
  TurnUsage,
  TurnView,
} from '../../src/chat/bot.ts';
import type { ApprovalCard, ConcernCard } from '../../src/chat/reply.ts';
import type { ApprovalJson, ConcernJson, FinalJson, UsageJson } from './events.ts';
import { decodeThreadId, publicId } from './thread-id.ts';

/** A turn as clients see it. */
export interface TurnJson {
  readonly turn_id: string;
  readonly status: TurnStatus;
  readonly approvals: readonly ApprovalJson[];
  readonly usage?: UsageJson;
  readonly created_at: string;
  readonly ended_at?: string;
}

/** A turn that ended or pauses: nothing more happens until a person acts. */
export function isSettled(status: TurnStatus): boolean {
  return status !== 'queued' && status !== 'running';
}

/** The HTTP status that answers a chat request whose turn is settled. */
export function httpStatus(turn: TurnView): 200 | 202 | 502 | 504 {
  if (turn.status === 'waiting') return 202;
  if (turn.status === 'failed') return turn.reply?.code === 'timeout' ? 504 : 502;
  return 200;
}

/** How a settled turn came out. */
export function finalJson(turn: TurnView): FinalJson {
  const { reply } = turn;
  return {
    response: reply?.text ?? '',
    thread_id: shortId(turn.threadId),
    turn_id: turn.id,
    status: turn.status,
    ...(reply?.sources !== undefined && { sources: reply.sources }),
    ...(reply?.footer !== undefined && { footer: reply.footer }),
    ...(turn.usage !== undefined && { usage: usageJson(turn.usage) }),
    ...(turn.status === 'waiting' && questionsJson(turn)),
    ...(turn.status === 'failed' && { code: reply?.code ?? 'error' }),
  };
}

function questionsJson(turn: TurnView): Pick<FinalJson, 'approval_ids' | 'approvals'> {
  const pending = turn.approvals.filter((card) => card.state === 'pending');
  return { approval_ids: pending.map((card) => card.id), approvals: pending.map(approvalJson) };
}

/** The body of a chat answer. A failed turn's body is an error body too: its reference id is the turn's. */
export function answerJson(turn: TurnView): object {
  const final = finalJson(turn);
  if (turn.status !== 'failed') return final;
  return { ...final, detail: final.response, reference_id: turn.id };
}

export function approvalJson(card: ApprovalCard): ApprovalJson {
  return {
    id: card.id,
    kind: card.kind ?? 'approval',
    ...(card.server !== undefined && { server: card.server }),
    tool: card.tool,
    effect: card.effect,
    arguments: card.arguments,
    ...(card.note !== undefined && { note: card.note }),
    asked_by: card.askedBy,
    state: card.state,
    expires_at: card.expiresAt,
    ...(card.decidedBy !== undefined && { decided_by: card.decidedBy }),
    ...(card.reason !== undefined && { reason: card.reason }),
    ...(card.allows !== undefined && { allows: card.allows }),
    ...(card.edited !== undefined && { edited_arguments: card.edited }),
    ...(card.response !== undefined && { response: card.response }),
  };
}

export function concernJson({ id, state, by, until }: ConcernCard): ConcernJson {
  return { id, state, ...(by !== undefined && { by }), ...(until !== undefined && { until }) };
}

export function conversationJson(conversation: Conversation): object {
  const turn = conversation.turns.at(-1);
  return {
    thread_id: shortId(conversation.threadId),
    messages: withOpenQuestions(conversation).map(messageJson),
    turn: turn ? turnJson(turn) : null,
  };
}

/** Threads that are not of this adapter are left out. */
export function threadsJson(threads: readonly ThreadSummary[]): object {
  return {
    threads: threads.flatMap(({ threadId, title, status, updatedAt }) => {
      const thread = decodeThreadId(threadId);
      return thread ? [{ thread_id: publicId(thread), title, status, updated_at: updatedAt }] : [];
    }),
  };
}

/** A turn of the conversation. */
export function turnIn(conversation: Conversation, turnId: string): TurnView | undefined {
  return conversation.turns.find(({ id }) => id === turnId);
}

/** The client's own name of a thread; never the bot's. */
export function shortId(threadId: string): string {
  const thread = decodeThreadId(threadId);
  return thread ? publicId(thread) : threadId;
}

function turnJson(turn: TurnView): TurnJson {
  return {
    turn_id: turn.id,
    status: turn.status,
    approvals: turn.approvals.map(approvalJson),
    ...(turn.usage !== undefined && { usage: usageJson(turn.usage) }),
    created_at: turn.createdAt,
    ...(turn.endedAt !== undefined && { ended_at: turn.endedAt }),
  };
}

function usageJson(usage: TurnUsage): UsageJson {
  return {
    input_tokens: usage.input,
    output_tokens: usage.output,
    cache_read_tokens: usage.cacheRead,
    cache_write_tokens: usage.cacheWrite,
    reasoning_tokens: usage.reasoning,
    cost_usd: usage.costUsd,
    cost_is_whole: usage.costIsWhole,
  };
}

/** Questions of the newest turn that no message carries yet are appended, so that clients find all in the messages. */
function withOpenQuestions({ messages, turns }: Conversation): readonly TranscriptMessage[] {
  const turn = turns.at(-1);
  if (!turn || turn.approvals.length === 0) return messages;
  const shown = new Set(
    messages.flatMap((message) =>
      message.role === 'assistant' ? (message.approvals ?? []).map((card) => card.id) : [],
    ),
  );
  const missing = turn.approvals.filter((card) => !shown.has(card.id));
  if (missing.length === 0) return messages;
  const carrier = messages.findLastIndex(
    (message) => message.role === 'assistant' && message.kind === 'approval' && message.turnId === turn.id,
  );
  const message = messages[carrier];
  if (message?.role === 'assistant') {
    return messages.with(carrier, { ...message, approvals: [...(message.approvals ?? []), ...missing] });
  }
  const text = turn.status === 'waiting' ? (turn.reply?.text ?? '') : '';
  return [
    ...messages,
    { role: 'assistant', kind: 'approval', text, turnId: turn.id, at: turn.createdAt, approvals: missing },
  ];
}

/** Whose name nobody knows is told on their own platform alone. */
function namedIn(mentions: readonly { readonly name: string }[]): object {
  const mentioned = mentions.map(({ name }) => name).filter((name) => name !== '');
  return mentioned.length === 0 ? {} : { mentions: mentioned };
}

function messageJson(message: TranscriptMessage): object {
  const common = { role: message.role, turn_id: message.turnId, at: message.at, text: message.text };
  switch (message.role) {
    case 'user':
      return {
        ...common,
        name: message.name,
        ...(message.files && {
          files: message.files.map(({ name, mediaType }) => ({ name, media_type: mediaType })),
        }),
      };
    case 'assistant':
      return {
        ...common,
        kind: message.kind,
        ...(message.sources !== undefined && { sources: message.sources }),
        ...(message.footer !== undefined && { footer: message.footer }),
        ...(message.code !== undefined && { code: message.code }),
        ...(message.approvals && { approvals: message.approvals.map(approvalJson) }),
        ...(message.concern && { concern: concernJson(message.concern) }),
        ...namedIn(message.mentions ?? []),
        ...(message.details && { details: message.details }),
      };
    case 'tool':
      return {
        ...common,
        call_id: message.callId,
        tool: message.tool,
        arguments: message.arguments,
        ...(message.edited && {
          edited_arguments: message.edited.arguments,
          edited_by: message.edited.by,
        }),
        status: message.status,
        ...(message.kept && { kept: message.kept }),
        ...(message.durationMs !== undefined && { duration_ms: message.durationMs }),
      };
    default:
      return message satisfies never;
  }
}
