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
