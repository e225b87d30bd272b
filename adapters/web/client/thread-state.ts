import type { ApprovalJson, ChatEvent, Conversation, Message } from './api.ts';
import type { Attached } from './attached.ts';
import { afterEvent, type LiveTurn } from './live.ts';

/** A message on its way to the server. */
export interface Outgoing {
  readonly key: string;
  readonly text: string;
  readonly files: readonly Attached[];
  /** How many messages were known when it was sent. */
  readonly after: number;
  /** Why it could not be sent. */
  readonly error?: string;
}

/** What the page knows of the selected thread. */
export interface ThreadState {
  readonly isLoaded: boolean;
  readonly messages: readonly Message[];
  readonly turn: Conversation['turn'];
  readonly live: LiveTurn | undefined;
  readonly outgoing: readonly Outgoing[];
  readonly connection: 'connecting' | 'open' | 'lost';
}

export type ThreadAction =
  | { readonly type: 'opened' }
  | { readonly type: 'lost' }
  | { readonly type: 'read'; readonly conversation: Conversation | null }
  | { readonly type: 'event'; readonly event: ChatEvent }
  | { readonly type: 'decided'; readonly approval: ApprovalJson }
  | {
      readonly type: 'sending';
      readonly key: string;
      readonly text: string;
      readonly files: readonly Attached[];
    }
  | { readonly type: 'sent'; readonly key: string }
  | { readonly type: 'unsent'; readonly key: string; readonly error: string };

export const EMPTY_THREAD: ThreadState = {
  isLoaded: false,
  messages: [],
  turn: null,
  live: undefined,
  outgoing: [],
  connection: 'connecting',
};

export function threadReducer(state: ThreadState, action: ThreadAction): ThreadState {
  switch (action.type) {
    case 'opened':
      return { ...state, connection: 'open', live: undefined };
    case 'lost':
      return { ...state, connection: 'lost' };
    case 'read':
      return afterRead(state, action.conversation);
    case 'event':
      return afterApproval(
        { ...state, live: afterEvent(state.live, action.event) },
        approvalOf(action.event),
      );
    case 'decided':
      return afterApproval(state, action.approval);
    case 'sending': {
      const others = state.outgoing.filter(({ key }) => key !== action.key);
      const { key, text, files } = action;
      return { ...state, outgoing: [...others, { key, text, files, after: state.messages.length }] };
    }
    case 'sent':
      return { ...state, outgoing: state.outgoing.filter(({ key }) => key !== action.key) };
    case 'unsent': {
      const { key, error } = action;
      return { ...state, outgoing: state.outgoing.map((one) => (one.key === key ? { ...one, error } : one)) };
    }
    default:
      return action satisfies never;
  }
}

/** The turn on whose answer the bot works now. */
export function activeTurn({ live, turn }: ThreadState): string | undefined {
  if (live && isActive(live.status)) return live.turnId;
  return turn && turn.turn_id !== live?.turnId && isActive(turn.status) ? turn.turn_id : undefined;
}

/** Stored state takes the place of what the stream told of a turn that is over. */
function afterRead(state: ThreadState, conversation: Conversation | null): ThreadState {
  const { messages, turn } = conversation ?? { messages: [], turn: null };
  const { live } = state;
  const isOver = !isActive(live?.status) || (live?.turnId === turn?.turn_id && !isActive(turn?.status));
  const outgoing = state.outgoing.filter((message) => !isStored(message, messages));
  return { ...state, isLoaded: true, messages, turn, outgoing, live: isOver ? undefined : live };
}

function isStored({ text, after, error }: Outgoing, messages: readonly Message[]): boolean {
  return (
    error === undefined &&
    messages.slice(after).some((message) => message.role === 'user' && message.text === text)
  );
}

function afterApproval(state: ThreadState, approval: ApprovalJson | undefined): ThreadState {
  if (!approval) return state;
  const messages = state.messages.map((message) =>
    message.role === 'assistant' && message.approvals
      ? {
          ...message,
          approvals: message.approvals.map((card) => (card.id === approval.id ? approval : card)),
        }
      : message,
  );
  return { ...state, messages };
}

function approvalOf(event: ChatEvent): ApprovalJson | undefined {
  return event.event === 'approval' ? event.data.approval : undefined;
}

function isActive(status: string | undefined): boolean {
  return status === 'queued' || status === 'running';
}
