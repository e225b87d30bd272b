import { randomUUID } from 'node:crypto';
import type { Place } from '../chat/adapter.ts';
import type { Author } from '../chat/inbound.ts';
import type { Detail } from '../chat/reply.ts';
import type { NewConcern, Notice, NoticePlace } from './port.ts';

/** A place on a platform where the bot says something by itself. */
export interface Spot {
  readonly platform: string;
  readonly place: Place;
  /** Posts go through the outbox; else the platform reads what is stored. */
  readonly isPosted: boolean;
}

export interface Words {
  /** A UUID. */
  readonly id: string;
  readonly title: string;
  /** Markdown. */
  readonly text: string;
  readonly author: Author;
  /** A model had a part in the words. */
  readonly isModels?: boolean;
  readonly footer?: string;
  readonly evidence?: string;
  readonly first?: Notice['first'];
  /** What of it needs attention. */
  readonly concern?: NewConcern;
  /** Who is notified. */
  readonly mentions?: readonly Author[];
  /** What of it rests on what, for people. */
  readonly details?: readonly Detail[];
}

/** What is said at a spot; in a channel it opens a thread. */
export function noticeFor({ platform, place, isPosted }: Spot, words: Words): Notice {
  const {
    id,
    title,
    text,
    author,
    isModels = false,
    footer,
    evidence,
    first,
    concern,
    mentions = [],
    details = [],
  } = words;
  return {
    id,
    platform,
    place: placeOf(place),
    title,
    author,
    ...(place.type === 'threads' ? { startedBy: place.startedBy } : {}),
    reply: {
      ...{ kind: 'answer', text, turnId: id },
      ...(isModels ? {} : { isWithoutModel: true }),
      ...(footer === undefined ? {} : { footer }),
      ...(mentions.length === 0 ? {} : { mentions }),
      ...(details.length === 0 ? {} : { details }),
    },
    isPosted,
    ...(evidence === undefined ? {} : { evidence }),
    ...(first === undefined ? {} : { first }),
    ...(concern === undefined ? {} : { concern }),
  };
}

function placeOf(place: Place): NoticePlace {
  switch (place.type) {
    case 'thread':
      return { type: 'thread', threadId: place.threadId };
    case 'threads':
      return { type: 'thread', threadId: place.newThread(randomUUID()) };
    case 'channel':
      return place;
    default:
      return place satisfies never;
  }
}
