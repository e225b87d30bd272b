import { createHash } from 'node:crypto';
import type {
  ContentBlockParam,
  ToolResultBlockParam,
  ToolUseBlockParam,
} from '@anthropic-ai/sdk/resources/messages/messages';
import { z } from 'zod';
import type { ShownFile } from '../agent/files.ts';
import { canonicalJson } from '../agent/json.ts';
import type { AssistantMessage, Message, ToolCall, ToolMessage } from '../agent/messages.ts';
import type { Image } from '../agent/tool.ts';
import type { AnthropicSettings } from './anthropic-settings.ts';
import { fitId, fitName } from './tool-shape.ts';

/** One side's say: consecutive messages of a side are one turn, with all results of its calls. */
export interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: ContentBlockParam[];
}

export interface Conversation {
  readonly turns: readonly Turn[];
  /** What the thoughts of the next answer are bound to. */
  readonly prefix: string;
}

const storedBlocks = z.object({
  prefix: z.string(),
  blocks: z.array(z.looseObject({ type: z.string() })),
});

/** What an answer is kept as: its blocks as they came, and what they were an answer to. */
export type StoredBlocks = z.infer<typeof storedBlocks>;

const longestCallId = 64;

/** Stands before an answer whose question is no longer in the conversation: a user speaks first. */
const earlier: Turn = {
  role: 'user',
  content: [{ type: 'text', text: '(The beginning of this conversation is left out.)' }],
};

/**
 * The conversation as Anthropic takes it. Newer models refuse a thought when anything before it has
 * changed (date in the system prompt, a tool, a shortened result): such an answer goes back as plain
 * text and calls. `begin` is what stands before the conversation.
 * https://platform.claude.com/docs/en/build-with-claude/preserved-thinking
 */
export function toConversation(
  messages: readonly Message[],
  settings: AnthropicSettings,
  begin: unknown,
): Conversation {
  const hash = createHash('sha256').update(canonicalJson(begin));
  const turns: Turn[] = [];
  const runs = toRuns(messages.filter(says));
  if (runs[0]?.[0]?.role === 'assistant') turns.push(earlier);
  for (const run of runs) {
    const prefix = hash.copy().digest('hex');
    const content = run.flatMap((message) => toBlocks(message, settings, prefix));
    turns.push({ role: sideOf(run[0]), content });
    hash.update(canonicalJson(content));
  }
  return { turns, prefix: hash.digest('hex') };
}

/** Empty text is refused, and thoughts alone say nothing. */
function says(message: Message): boolean {
  if (message.role === 'tool' || message.text.trim() !== '') return true;
  return message.role === 'assistant' && message.calls.length > 0;
}

function toRuns(messages: readonly Message[]): readonly (readonly Message[])[] {
  const runs: Message[][] = [];
  for (const message of messages) {
    const last = runs.at(-1);
    if (last !== undefined && sideOf(last[0]) === sideOf(message)) last.push(message);
    else runs.push([message]);
  }
  return runs;
}

function sideOf(message: Message | undefined): Turn['role'] {
  return message?.role === 'assistant' ? 'assistant' : 'user';
}

function toBlocks(
  message: Message,
  settings: AnthropicSettings,
  prefix: string,
): readonly ContentBlockParam[] {
  switch (message.role) {
    case 'user':
      return [...(message.shown ?? []).map(toFile), { type: 'text', text: message.text }];
    case 'assistant':
      return replayed(message, settings, prefix) ?? flattened(message);
    case 'tool':
      return [toResult(message)];
    default:
      return message satisfies never;
  }
}

/** The model's own blocks, all and in order. Models with a budget want their thoughts back whatever changed. */
function replayed(
  { opaque }: AssistantMessage,
  { opaqueKey, facts }: AnthropicSettings,
  prefix: string,
): readonly ContentBlockParam[] | undefined {
  if (opaque?.key !== opaqueKey) return undefined;
  const stored = storedBlocks.safeParse(opaque.data);
  if (!stored.success || (facts?.thinking !== 'budget' && stored.data.prefix !== prefix)) return undefined;
  const blocks = stored.data.blocks as unknown as ContentBlockParam[];
  return blocks.map((block) => (block.type === 'tool_use' ? steady(block) : block));
}

/** What another vendor or model said, or this one when what it was thinking of has changed. */
function flattened({ text, calls }: AssistantMessage): readonly ContentBlockParam[] {
  const said: ContentBlockParam[] = text.trim() === '' ? [] : [{ type: 'text', text }];
  return [...said, ...calls.map(toUse)];
}

function toUse({ id, name, arguments: input }: ToolCall): ToolUseBlockParam {
  return steady({ type: 'tool_use', id: fitId(id, longestCallId), name: fitName(name), input });
}

/** Arguments in the one order of their keys: a store may change it, and the vendor's cache would miss. */
function steady(block: ToolUseBlockParam): ToolUseBlockParam {
  return { ...block, input: JSON.parse(canonicalJson(block.input)) };
}

/** An empty text is refused in a failure and left out of a success. */
function toResult({ callId, text, isError, images }: ToolMessage): ToolResultBlockParam {
  const isEmpty = text.trim() === '';
  const content = isEmpty && isError ? 'It failed and said nothing.' : text;
  return {
    type: 'tool_result',
    tool_use_id: fitId(callId, longestCallId),
    ...(isEmpty && !isError ? {} : { content }),
    // A failure holds text alone.
    ...(images === undefined || isError
      ? {}
      : { content: [...(isEmpty ? [] : [textBlock(text)]), ...images.map(imageBlock)] }),
    ...(isError ? { is_error: true } : {}),
  };
}

/** Before the words about them, as the vendor advises. */
function toFile(file: ShownFile): ContentBlockParam {
  const { name, mediaType, data } = file;
  if (mediaType !== 'application/pdf') return imageBlock({ mimeType: mediaType, data });
  return { type: 'document', title: name, source: { type: 'base64', media_type: mediaType, data } };
}

const textBlock = (text: string) => ({ type: 'text' as const, text });

function imageBlock({ mimeType, data }: Image) {
  return { type: 'image' as const, source: { type: 'base64' as const, media_type: mimeType, data } };
}
