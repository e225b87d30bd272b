import { randomUUID } from 'node:crypto';
import type { Json } from './json.ts';
import { refuse } from './refusal.ts';

export interface TeamsUser {
  /** `29:…` */
  readonly id: string;
  readonly aadObjectId: string;
  readonly name: string;
  readonly email: string;
  readonly role: 'user' | 'guest';
  /** Whether the person has the app in the personal scope. */
  isInstalled: boolean;
}

export type ConversationKind = 'personal' | 'groupChat' | 'channel';

/** Why the bot may not write: it was removed, the person blocked it, or a policy forbids it. */
export type Closed = 'BotNotInConversationRoster' | 'MessageWritesBlocked' | 'ForbiddenOperation';

export interface Team {
  readonly id: string;
  readonly name: string;
  readonly aadGroupId: string;
}

/** A personal chat, a group chat, or a channel with all its threads. */
export interface Conversation {
  /** `a:…`, `19:…@thread.v2` or `19:…@thread.tacv2`: never with a thread. */
  readonly id: string;
  readonly kind: ConversationKind;
  readonly name: string;
  readonly team?: Team;
  /** Ids of the people in it. */
  readonly members: Set<string>;
  /** Set when the bot may not write. */
  closed?: Closed;
  /** With resource-specific consent the bot hears every message, not mentions alone. */
  hearsAll: boolean;
}

/** A stream that the bot opened in a personal chat. */
export interface Stream {
  readonly startedAt: number;
  lastAt: number;
  sequence: number;
  /** The line that tells what goes on. */
  informative: string;
  text: string;
  state: 'open' | 'done' | 'cancelled' | 'exceeded';
}

/** A message as Teams keeps it. */
export interface TeamsMessage {
  readonly id: string;
  /** The whole conversation id: of a channel with its thread. */
  readonly conversation: string;
  /** A person's id or the bot's. */
  readonly by: string;
  /** What was posted last. */
  activity: Json;
  /** What was posted before. */
  readonly previous: Json[];
  isDeleted: boolean;
  stream?: Stream;
  readonly reactions: { readonly type: string; readonly by: string }[];
  /** Seen by this person alone (a targeted message). */
  readonly onlyFor?: string;
  /** Cards that one person alone sees changed, by an answer to Action.Execute: `<person>:<place>` → card. */
  readonly ownCards: Map<string, Json>;
}

/** A file behind an address of its own. */
export interface TeamsFile {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
  /** A download address is open to all who know it and for a while only; an image needs the bot's token. */
  readonly access: { readonly kind: 'address'; readonly until: number } | { readonly kind: 'token' };
}

/** An upload that a person agreed to. */
export interface Upload {
  readonly id: string;
  readonly name: string;
  readonly person: string;
  bytes: Buffer;
  /** How many bytes there will be, once the first came. */
  size?: number;
  isComplete: boolean;
}

/** One organisation with the app in it. */
export interface TeamsTenant {
  readonly id: string;
  readonly bot: { readonly id: string; readonly name: string; readonly appId: string };
  readonly users: Map<string, TeamsUser>;
  readonly conversations: Map<string, Conversation>;
  readonly messages: TeamsMessage[];
  /** Typing signs, oldest first. */
  readonly typing: { readonly conversation: string; readonly at: number }[];
  readonly files: Map<string, TeamsFile>;
  readonly uploads: Map<string, Upload>;
  /** Milliseconds since 1970, on the clock that tests move. */
  now(): number;
  /**
   * Milliseconds since 1970 as text, never twice the same in one conversation. All conversations count from
   * the same moment, so that other ones have messages of the same ids.
   */
  nextMessageId(conversation: string): string;
  nextId(prefix: string): string;
}

export function createTenant(now: () => number, appId: string, tenantId: string): TeamsTenant {
  const begun = Math.floor(now());
  const last = new Map<string, number>();
  let ids = 0;
  return {
    id: tenantId,
    bot: { id: `28:${appId}`, name: 'AI Ops', appId },
    users: new Map(),
    conversations: new Map(),
    messages: [],
    typing: [],
    files: new Map(),
    uploads: new Map(),
    now,
    nextMessageId(conversation) {
      const { base } = placeOf(conversation);
      const next = (last.get(base) ?? begun) + 1;
      last.set(base, next);
      return String(next);
    },
    nextId(prefix) {
      ids += 1;
      return `${prefix}${ids}-${randomUUID().slice(0, 8)}`;
    },
  };
}

/** The parts of a conversation's id. */
export function placeOf(id: string): { readonly base: string; readonly root?: string } {
  const [base = '', root] = id.split(';messageid=');
  return { base, ...(root === undefined ? {} : { root }) };
}

export function conversationAt(tenant: TeamsTenant, id: string): Conversation | undefined {
  const { base, root } = placeOf(id);
  const found = tenant.conversations.get(base);
  if (root === undefined || found === undefined) return found;
  // A thread outlives its first message.
  const isRoot = (message: TeamsMessage) => message.id === root && message.conversation === id;
  const isThread = found.kind === 'channel' && tenant.messages.some(isRoot);
  return isThread ? found : undefined;
}

/** The conversation, as the bot may reach it. */
export function reach(tenant: TeamsTenant, id: string): Conversation {
  const found = conversationAt(tenant, id);
  if (found === undefined) return refuse(404, 'ConversationNotFound', 'Conversation not found.');
  if (found.closed !== undefined) refuse(403, found.closed, sentences[found.closed]);
  return found;
}

const sentences: Readonly<Record<Closed, string>> = {
  BotNotInConversationRoster: 'The bot is not part of the conversation roster.',
  MessageWritesBlocked: 'Message writes are blocked by the user.',
  ForbiddenOperation: 'The operation is forbidden by a policy of the tenant.',
};

export function messageAt(tenant: TeamsTenant, conversation: string, id: string): TeamsMessage | undefined {
  const { base } = placeOf(conversation);
  return tenant.messages.find(
    (message) => message.id === id && placeOf(message.conversation).base === base && !message.isDeleted,
  );
}

export function addMessage(
  tenant: TeamsTenant,
  message: Pick<TeamsMessage, 'conversation' | 'by' | 'activity'> &
    Partial<Pick<TeamsMessage, 'id' | 'stream' | 'onlyFor'>>,
): TeamsMessage {
  const added = {
    id: message.id ?? tenant.nextMessageId(message.conversation),
    previous: [],
    isDeleted: false,
    reactions: [],
    ownCards: new Map(),
    ...message,
  };
  tenant.messages.push(added);
  return added;
}
