import type { FileRef, ShownFile } from './files.ts';
import type { JsonObject } from './json.ts';
import type { Image, Link } from './tool.ts';

/** A model's wish to call a tool. */
export interface ToolCall {
  /** Unique within the turn; made up where the vendor gives none. */
  readonly id: string;
  readonly name: string;
  readonly arguments: JsonObject;
  /** Set when the model's arguments were not a JSON object: what is wrong, for the model to mend. */
  readonly invalid?: string;
}

/**
 * Vendor state that must be replayed exactly (thinking blocks, encrypted reasoning items).
 * Only a provider with the same `key` may read `data`; any other drops it.
 */
export interface Opaque {
  /** Provider, model and account, e.g. `openai:gpt-6.1-sol:3f2a`. */
  readonly key: string;
  readonly data: unknown;
}

export interface UserMessage {
  readonly role: 'user';
  readonly text: string;
  /** Who said it, where several people share the thread. */
  readonly name?: string;
  /** What came with it. */
  readonly files?: readonly FileRef[];
  /** Those of the files that the model sees beside the text, in one request; never stored with it. */
  readonly shown?: readonly ShownFile[];
}

export interface AssistantMessage {
  readonly role: 'assistant';
  readonly text: string;
  readonly calls: readonly ToolCall[];
  readonly opaque?: Opaque;
}

export interface ToolMessage {
  readonly role: 'tool';
  readonly callId: string;
  /** As the model called it, which its vendor matches by. */
  readonly name: string;
  readonly text: string;
  readonly isError: boolean;
  /** The tool that was run, where `name` only passed the call on. */
  readonly tool?: string;
  /** The tool whose words `text` holds, where that is another than the one that was run. */
  readonly wordsOf?: string;
  /** The tool was not run: `text` is what a person who was asked wrote. */
  readonly isPersons?: true;
  /** So many characters at the beginning of `text` tell what a person made of the call. */
  readonly personsLength?: number;
  /** The whole text is stored under this id of the thread; where it is longer, `text` is its head and tail. */
  readonly kept?: { readonly id: string; readonly characters: number };
  /** Web pages that the tool pointed to, for people: the text names them too. */
  readonly links?: readonly Link[];
  /** What the model sees beside the text, in a request of the turn that it belongs to; never stored with it. */
  readonly images?: readonly Image[];
}

/** One message of a conversation, neutral of vendors. A tool message answers a call of the assistant message before it. */
export type Message = UserMessage | AssistantMessage | ToolMessage;
