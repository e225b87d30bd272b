import type { Place } from '../../src/chat/adapter.ts';
import type { ThreadId } from '../../src/chat/inbound.ts';

/** A conversation of an Entra tenant; of a channel's thread with its `;messageid=`. */
export interface Conversation {
  readonly tenant: string;
  readonly id: string;
}

/** `teams:<tenant>:<conversation>`, each part percent-encoded. */
export function encodeThreadId({ tenant, id }: Conversation): ThreadId {
  return ['teams', ...[tenant, id].map(encodePart)].join(':');
}

/** Undefined for everything that `encodeThreadId` does not make. */
export function decodeThreadId(threadId: ThreadId): Conversation | undefined {
  const [platform, ...parts] = threadId.split(':');
  if (platform !== 'teams' || parts.length !== 2) return undefined;
  const [tenant, id] = parts.map(decodePart);
  if (!tenant || !id) return undefined;
  return encodeThreadId({ tenant, id }) === threadId ? { tenant, id } : undefined;
}

/** The channel, or the chat, without the thread within it. */
export function roomOf(conversationId: string): string {
  return conversationId.split(';messageid=')[0] ?? conversationId;
}

/**
 * What the ids of all threads of its channel, or of its group chat, begin with; also what grants to the
 * channel say behind `channel:`. Undefined for the chat of one person with the bot, and for all else.
 */
export function channelOf(threadId: ThreadId): string | undefined {
  const place = decodeThreadId(threadId);
  if (place === undefined) return undefined;
  const id = roomOf(place.id);
  return isRoom.test(id) ? encodeThreadId({ tenant: place.tenant, id }) : undefined;
}

/** https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-basics */
const isRoom = /^19:.+@thread\./;

/**
 * Where schedules and notices may go: a channel, in which they begin a thread, a conversation as it is, or
 * `teams:<tenant>:<aadObjectId>`, a person's chat with the bot, which is theirs alone.
 */
export function placeOf(target: string): Place | undefined {
  const conversation = decodeThreadId(target);
  if (conversation === undefined) return undefined;
  if (isPerson(conversation.id)) return { type: 'channel', address: target, only: target };
  return isChannel(conversation.id)
    ? { type: 'channel', address: target }
    : { type: 'thread', threadId: target };
}

/**
 * Where a channel's thread is read; chats have no such address.
 * https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/deep-link-teams
 */
export function linkTo(threadId: ThreadId): string | undefined {
  const place = decodeThreadId(threadId);
  const root = place === undefined ? '' : rootOf(place.id);
  if (place === undefined || root === '') return undefined;
  const query = new URLSearchParams({ tenantId: place.tenant, parentMessageId: root });
  return `https://teams.microsoft.com/l/message/${encodeURIComponent(roomOf(place.id))}/${root}?${query}`;
}

/** A channel itself, and no thread of it. */
export function isChannel(conversationId: string): boolean {
  return /^19:.+@thread\.(?:tacv2|skype)$/.test(conversationId);
}

/** The id of a person, and no conversation. */
export function isPerson(id: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
}

/** The message that began a channel's thread; empty where this is none. */
export function rootOf(conversationId: string): string {
  return conversationId.split(';messageid=')[1] ?? '';
}

function encodePart(part: string): string {
  return encodeURIComponent(part.toWellFormed()).replaceAll('*', '%2A');
}

function decodePart(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
