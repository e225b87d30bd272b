import type { Message } from './messages.ts';
import { once } from './once.ts';
import type { ToolSpec } from './provider.ts';

/** What one turn added to the conversation: from the question to the answer, calls with their results. */
export interface Exchange {
  readonly messages: readonly Message[];
  /** Estimated tokens of `messages`. */
  readonly tokens: number;
}

const charactersPerToken = 4;
/** Old exchanges are dropped in blocks of this share of the room, so that the prompt's prefix moves seldom. */
const blockShare = 0.25;
const shortenedResultCharacters = 800;
/** The part of a clipped text that is its head. */
export const headShare = 0.7;

/** A rough count, the same for every model: four characters are a token. */
export function estimateTokens(messages: readonly Message[]): number {
  return Math.ceil(messages.reduce((sum, message) => sum + characters(message), 0) / charactersPerToken);
}

/** The same for a plain text. */
export function estimateTextTokens(text: string): number {
  return Math.ceil(text.length / charactersPerToken);
}

/** What the definitions of tools cost in every request. */
export function estimateToolTokens(tools: readonly ToolSpec[]): number {
  const told = tools.filter(({ isDeferred }) => isDeferred !== true);
  const count = told.reduce((sum, tool) => sum + toolCharacters(tool), 0);
  return Math.ceil(count / charactersPerToken);
}

function toolCharacters({ name, description, inputSchema }: ToolSpec): number {
  return around + name.length + description.length + schemaCharacters(inputSchema);
}

/** Of `{"name":"","description":"","inputSchema":},`. */
const around = 45;
/** Schemas stay the same objects from turn to turn, and writing two hundred of them takes milliseconds. */
const schemaCharacters = once((schema: object) => JSON.stringify(schema).length);

/** An exchange with its cost. */
export function exchange(messages: readonly Message[]): Exchange {
  return { messages, tokens: estimateTokens(messages) };
}

/**
 * The newest exchanges that fit into `room` tokens, whole ones only, so that a tool call and its
 * result are never separated. The cut moves in blocks: while the conversation grows by less than a
 * block, the first exchange kept is the same, and vendors' prompt caches hit.
 */
export function fitHistory(history: readonly Exchange[], room: number): readonly Exchange[] {
  const total = history.reduce((sum, item) => sum + item.tokens, 0);
  if (total <= room) return history;
  const block = Math.max(1, Math.floor(Math.max(room, 0) * blockShare));
  const drop = Math.ceil((total - Math.max(room, 0)) / block) * block;
  let dropped = 0;
  const first = history.findIndex((item) => {
    if (dropped >= drop) return true;
    dropped += item.tokens;
    return false;
  });
  return first < 0 ? [] : history.slice(first);
}

/** Shortens this turn's own tool results, oldest first, until its messages fit into `room` tokens. */
export function fitTurn(messages: readonly Message[], room: number): readonly Message[] {
  let over = estimateTokens(messages) - room;
  if (over <= 0) return messages;
  return messages.map((message) => {
    if (over <= 0 || message.role !== 'tool') return message;
    const text = clip(message.text, shortenedResultCharacters);
    if (text.length >= message.text.length) return message;
    over -= (message.text.length - text.length) / charactersPerToken;
    return { ...message, text };
  });
}

/** Head and tail of a long text, with a word on what is missing between them. */
export function clip(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  const head = Math.floor(maxCharacters * headShare);
  const tail = maxCharacters - head;
  const missing = text.length - maxCharacters;
  return `${safeHead(text, head)}\n[… ${missing} characters left out …]\n${safeTail(text, tail)}`;
}

function characters(message: Message): number {
  if (message.role !== 'assistant') return message.text.length + 16;
  return message.text.length + 16 + (message.calls.length === 0 ? 0 : JSON.stringify(message.calls).length);
}

const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;

function safeHead(text: string, length: number): string {
  return text.slice(0, isHighSurrogate(text.charCodeAt(length - 1)) ? length - 1 : length);
}

function safeTail(text: string, length: number): string {
  const start = text.length - length;
  return text.slice(isHighSurrogate(text.charCodeAt(start - 1)) ? start + 1 : start);
}
