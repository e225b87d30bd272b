import type { AdapterMemory } from '../../src/chat/adapter-memory.ts';
import { at, isRecord, type Json, records, textOf } from '../../src/chat/json.ts';
import type { Clock } from '../../src/observe/port.ts';
import type { CallOptions, TeamsApi } from './api.ts';
import { TeamsCallError } from './call-error.ts';
import { type Conversation, roomOf } from './thread-id.ts';

/** A message: Teams' ids are unique within their conversation alone. */
export interface Spot {
  readonly place: Conversation;
  readonly id: string;
}

/**
 * What is known of streams: a stream's text must go on growing, and its end begins with that text, also when
 * another process ends it. https://learn.microsoft.com/microsoftteams/platform/bots/streaming-ux
 */
export interface Streams {
  /** Stores a text before it goes out. Throws `UnavailableError`. */
  note(spot: Spot, text: string): Promise<void>;
  /** The longest text that may stand in a stream. Never throws. */
  textOf(spot: Spot): Promise<string>;
  /** A request went out just now. */
  touched(spot: Spot): void;
  /** How long to wait before the next request, in milliseconds. */
  waitMs(spot: Spot): number;
  ended(spot: Spot): void;
  /** This process knows that it has ended. */
  isEnded(spot: Spot): boolean;
}

/** Teams takes one request a second of a stream, and advises to gather for half a second more. */
export const streamPaceMs = 1500;
const keepMs = 10 * 60_000;
const mostKept = 500;

interface Known {
  /** Undefined: this process sent nothing of it. */
  text: string | undefined;
  at: number;
  isEnded: boolean;
}

export function createStreams({
  memory,
  clock,
}: {
  readonly memory: AdapterMemory;
  readonly clock: Clock;
}): Streams {
  const known = new Map<string, Known>();

  function of(spot: Spot): Known {
    const key = spotKey(spot);
    const found = known.get(key);
    if (found !== undefined) return found;
    const made: Known = { text: undefined, at: Number.NEGATIVE_INFINITY, isEnded: false };
    known.set(key, made);
    const [oldest] = known.keys();
    if (known.size > mostKept && oldest !== undefined) known.delete(oldest);
    return made;
  }

  return {
    async note(spot, text) {
      await memory.put(storedKey(spot), { text }, keepMs);
      of(spot).text = text;
    },
    async textOf(spot) {
      const here = known.get(spotKey(spot))?.text;
      if (here !== undefined) return here;
      return textOf(at(await memory.get(storedKey(spot)).catch(() => undefined), 'text'));
    },
    touched(spot) {
      of(spot).at = clock.now();
    },
    waitMs: (spot) =>
      Math.max(0, (known.get(spotKey(spot))?.at ?? Number.NEGATIVE_INFINITY) + streamPaceMs - clock.now()),
    ended(spot) {
      of(spot).isEnded = true;
    },
    isEnded: (spot) => known.get(spotKey(spot))?.isEnded === true,
  };
}

/** A message's name among all that the bot knows; a channel counts the messages of its threads together. */
export function spotKey({ place, id }: Spot): string {
  return `${place.tenant}:${roomOf(place.id)}:${id}`;
}

function storedKey(spot: Spot): string {
  return `stream:${spotKey(spot)}`;
}

/** One request of a stream; the first one has no id yet. */
export function streamChunk(
  kind: 'informative' | 'streaming',
  { id, sequence, text }: { readonly id?: string; readonly sequence: number; readonly text: string },
): Json {
  const info = { type: 'streaminfo', streamType: kind, streamSequence: sequence };
  return {
    type: 'typing',
    text,
    entities: [id === undefined ? info : { ...info, streamId: id }],
  };
}

/** A message as the end of a stream. */
export function asEnd(id: string, message: Json): Json {
  const info = { type: 'streaminfo', streamId: id, streamType: 'final' };
  return { ...message, type: 'message', entities: [...records(message.entities), info] };
}

/**
 * Ends a stream whose text is known, so that its message can be changed. What Teams refuses is over already:
 * ended by its time, by the person, or by another process. Throws where nobody knows.
 */
export async function endStream(
  { api, streams }: { readonly api: TeamsApi; readonly streams: Streams },
  spot: Spot,
  options: CallOptions = {},
): Promise<void> {
  if (streams.isEnded(spot)) return;
  const text = await streams.textOf(spot);
  const message = { type: 'message', textFormat: 'markdown', text: text.trim() === '' ? '…' : text };
  try {
    await api.send(spot.place, asEnd(spot.id, message), options);
  } catch (error) {
    if (!isOver(error)) throw error;
  }
  streams.ended(spot);
}

/** Teams takes nothing more of this stream. */
export function isOver(error: unknown): boolean {
  return error instanceof TeamsCallError && error.isRefused && [400, 403, 404, 405].includes(error.status);
}

/** The person pressed Stop below the stream. */
export function isCancelled(error: unknown): boolean {
  return isOver(error) && error instanceof TeamsCallError && /cancell?ed by (the )?user/i.test(error.detail);
}

/** What a stored reference says of the message that carries a preview. */
export function refOf(kind: 'stream' | 'message', id: string) {
  return { kind, id } as const;
}

export function isStream(ref: unknown): boolean {
  return isRecord(ref) && ref.kind === 'stream';
}
