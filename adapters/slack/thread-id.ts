import type { Place } from '../../src/chat/adapter.ts';
import type { Principal, ThreadId } from '../../src/chat/inbound.ts';

/** A thread of a workspace: the channel, and the timestamp of the thread's first message. */
export interface SlackThread {
  readonly team: string;
  readonly channel: string;
  readonly ts: string;
}

/** `slack:<team>:<channel>:<ts>`, each part percent-encoded. */
export function encodeThreadId({ team, channel, ts }: SlackThread): ThreadId {
  return ['slack', ...[team, channel, ts].map(encodePart)].join(':');
}

/** Undefined for everything that `encodeThreadId` does not make. */
export function decodeThreadId(threadId: ThreadId): SlackThread | undefined {
  const [platform, ...parts] = threadId.split(':');
  if (platform !== 'slack' || parts.length !== 3) return undefined;
  const [team, channel, ts] = parts.map(decodePart);
  if (!team || !channel || !ts) return undefined;
  return encodeThreadId({ team, channel, ts }) === threadId ? { team, channel, ts } : undefined;
}

/** `slack:<team>:<channel>`, where threads are opened: a place without a timestamp. Undefined for all else. */
export function decodeChannel(address: string): SlackThread | undefined {
  const [platform, ...parts] = address.split(':');
  const [team, channel, ...rest] = parts.map(decodePart);
  if (platform !== 'slack' || !team || !channel || rest.length > 0) return undefined;
  return ['slack', ...[team, channel].map(encodePart)].join(':') === address
    ? { team, channel, ts: '' }
    : undefined;
}

/** Where schedules and notices may go; `slack:<team>:<user>` is a person's direct messages, and theirs alone. */
export function placeOf(target: string): Place | undefined {
  if (decodeThreadId(target) !== undefined) return { type: 'thread', threadId: target };
  const place = decodeChannel(target);
  if (place === undefined) return undefined;
  const isOwn = isUser(place.channel);
  return {
    type: 'channel',
    address: target,
    ...(isOwn ? { only: principalOf(place.team, place.channel) } : {}),
  };
}

/** A member, and no channel: https://docs.slack.dev/reference/methods/conversations.open */
export function isUser(id: string): boolean {
  return /^[UW][A-Z0-9]+$/.test(id);
}

/** What the ids of all threads of its channel begin with. */
export function channelOf(threadId: ThreadId): string | undefined {
  const place = decodeThreadId(threadId);
  return place === undefined
    ? undefined
    : `${['slack', ...[place.team, place.channel].map(encodePart)].join(':')}:`;
}

/** `slack:<team>:<user>`. */
export function principalOf(team: string, user: string): Principal {
  return `slack:${team}:${user}`;
}

/** The person behind a principal of this platform. */
export function userOf(principal: Principal): { readonly team: string; readonly user: string } | undefined {
  const [platform, team, user, ...rest] = principal.split(':');
  return platform === 'slack' && team && user && rest.length === 0 ? { team, user } : undefined;
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
