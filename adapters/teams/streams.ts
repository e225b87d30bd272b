import type { AdapterMemory } from '../../src/chat/adapter-memory.ts';
import { at, isRecord, type Json, records, textOf } from '../../src/chat/json.ts';
import type { Clock } from '../../src/observe/port.ts';
import type { CallOptions, TeamsApi } from './api.ts';
import { TeamsCallError } from './call-error.ts';
import type { Conversation } from './thread-id.ts';

/**
 * What is known of streams: a stream's text must go on growing, and its end begins with that text, also when
 * another process ends it. https://learn.microsoft.com/microsoftteams/platform/bots/streaming-ux
 */
export interface Streams {
  /** Stores a text before it goes out. Throws `UnavailableError`. */
  note(id: string, text: string): Promise<void>;
  /** The longest text that may stand in a stream. Never throws. */
  textOf(id: string): Promise<string>;
  /** A request went out just now. */
  touched(id: string): void;
  /** How long to wait before the next request, in milliseconds. */
  waitMs(id: string): number;
  ended(id: string): void;
  /** This process knows that it has ended. */
  isEnded(id: string): boolean;
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
  const keyOf = (id: string) => `stream:${id}`;

  function of(id: string): Known {
    const found = known.get(id);
    if (found !== undefined) return found;
    const made: Known = { text: undefined, at: Number.NEGATIVE_INFINITY, isEnded: false };
    known.set(id, made);
    const [oldest] = known.keys();
    if (known.size > mostKept && oldest !== undefined) known.delete(oldest);
    return made;
  }

  return {
    async note(id, text) {
      await memory.put(keyOf(id), { text }, keepMs);
      of(id).text = text;
    },
    async textOf(id) {
      const here = known.get(id)?.text;
      if (here !== undefined) return here;
      return textOf(at(await memory.get(keyOf(id)).catch(() => undefined), 'text'));
    },
    touched(id) {
      of(id).at = clock.now();
    },
    waitMs: (id) => Math.max(0, (known.get(id)?.at ?? Number.NEGATIVE_INFINITY) + streamPaceMs - clock.now()),
    ended(id) {
      of(id).isEnded = true;
    },
    isEnded: (id) => known.get(id)?.isEnded === true,
  };
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
  { place, id }: { readonly place: Conversation; readonly id: string },
  options: CallOptions = {},
): Promise<void> {
  if (streams.isEnded(id)) return;
  const text = await streams.textOf(id);
  const message = { type: 'message', textFormat: 'markdown', text: text.trim() === '' ? '…' : text };
  try {
    await api.send(place, asEnd(id, message), options);
  } catch (error) {
    if (!isOver(error)) throw error;
  }
  streams.ended(id);
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
