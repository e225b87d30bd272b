import { clip, headShare } from './budget.ts';
import type { Image } from './tool.ts';

/** A tool's whole result, stored beside its step and read again by its id. */
export interface KeptResult {
  /** Unique within the thread, and short, because models copy it. */
  readonly id: string;
  /** The tool whose words these are. */
  readonly tool: string;
  /** At most `mostKeptCharacters`. */
  readonly text: string;
  readonly images?: readonly Image[];
}

/** A tool's result as it came; `tool`: whose words it holds. */
export interface WholeResult {
  readonly tool: string;
  readonly text: string;
  readonly images?: readonly Image[];
}

/** A tool's result as the model gets it; `kept`: the whole of it, to be stored. */
export interface Fitted {
  readonly text: string;
  readonly kept?: KeptResult;
}

/** The name of the bot's own tool that reads kept results. */
export const readResult = 'read_result';

/** More of a result than this is not kept; about 10 MB. */
export const mostKeptCharacters = 10_000_000;

export interface KeepOptions {
  /** Longer results are kept, and the model gets head and tail. */
  readonly maxCharacters: number;
  readonly newId: () => string;
}

/** What the model gets of a result, and what is stored beside it when that is not all; images always are. */
export function keepLarge(
  { tool, text, images }: WholeResult,
  { maxCharacters, newId }: KeepOptions,
): Fitted {
  if (text.length <= maxCharacters && images === undefined) return { text };
  const kept = {
    id: newId(),
    tool,
    text: text.slice(0, mostKeptCharacters).toWellFormed(),
    ...(images === undefined ? {} : { images }),
  };
  if (text.length <= maxCharacters) return { text, kept };
  const shown = Math.max(0, maxCharacters - noteCharacters);
  const note = noteOf(kept, { characters: text.length, from: Math.floor(shown * headShare) });
  return { text: `${clip(text, shown)}\n${note}`, kept };
}

const noteCharacters = 240;

/** The last line and a short one, so that it outlives a further shortening to head and tail. */
function noteOf(
  { id, text }: KeptResult,
  { characters, from }: { readonly characters: number; readonly from: number },
): string {
  const cut = text.length < characters ? ` (the first ${text.length} kept)` : '';
  return `[Shortened: result ${id} has ${characters} characters${cut}. Read on with ${readResult} {"result": "${id}", "from": "${from}"} or {"result": "${id}", "find": "word"}.]`;
}
