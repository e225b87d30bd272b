import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../src/agent/json.ts';
import { invalid } from './anthropic-words.ts';
import { isRecord, type JsonRecord, type Refusal, recordsOf } from './script.ts';

const shortHash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** What an answer to these messages is bound to: model, system, tools and messages, without cache marks. */
export function bindingOf({ model, system, tools }: JsonRecord, messages: readonly JsonRecord[]): string {
  const unmarked = JSON.stringify({ model, system, tools, messages }, (key, value: unknown) =>
    key === 'cache_control' ? undefined : value,
  );
  return shortHash(canonicalJson(JSON.parse(unmarked)));
}

/** A signature tells the thought and what it is bound to. */
export function sign(thought: string, binding: string): string {
  return `sig.${binding}.${shortHash(thought)}`;
}

/** What the model hid of its thoughts. */
export function redact(thought: string, binding: string): string {
  return `red.${binding}.${Buffer.from(thought).toString('base64')}`;
}

/** The id of a call that a thought led to; the thought must come back with it. */
export function idAfterThought(binding: string, place: string): string {
  return `toolu_t${binding}_${place}`;
}

const isThought = (block: JsonRecord | undefined) =>
  block?.type === 'thinking' || block?.type === 'redacted_thinking';

/**
 * Thoughts come back unaltered, with nothing changed before them; and they do come back. The vendor
 * refuses the latter with a budget only; this server refuses it while nothing before has changed.
 */
export function checkThoughts(body: JsonRecord, messages: readonly JsonRecord[]): Refusal | undefined {
  for (const [index, message] of messages.entries()) {
    const blocks = recordsOf(message.content);
    if (message.role !== 'assistant') continue;
    const at = `messages.${index}.content`;
    const binding = bindingOf(body, messages.slice(0, index));
    const wrong = blocks.findIndex((block) => isThought(block) && !isGenuine(block, binding));
    if (wrong >= 0) return notGenuine(`${at}.${wrong}`, String(blocks[wrong]?.type));
    const isMissed = blocks.some(({ id }) => String(id).startsWith(`toolu_t${binding}_`));
    if (isMissed && !isThought(blocks[0])) return missed(at, blocks[0]);
  }
  return checkBudget(body, messages);
}

/** With a budget, the calls that wait for the model come with their thoughts, whoever made them. */
function checkBudget({ thinking }: JsonRecord, messages: readonly JsonRecord[]): Refusal | undefined {
  if (!isRecord(thinking) || thinking.type !== 'enabled') return undefined;
  const index = messages.findLastIndex(({ role }) => role === 'assistant');
  const blocks = recordsOf(messages[index]?.content);
  const calls = blocks.some(({ type }) => type === 'tool_use');
  return calls && !isThought(blocks[0]) ? missed(`messages.${index}.content`, blocks[0]) : undefined;
}

function isGenuine({ type, thinking, signature, data }: JsonRecord, binding: string): boolean {
  if (type === 'redacted_thinking') return String(data).startsWith(`red.${binding}.`);
  return signature === sign(String(thinking), binding);
}

function notGenuine(at: string, type: string): Refusal {
  return invalid(
    `${at}: Invalid \`signature\` in \`${type}\` block. The block is bound to a different conversation.`,
  );
}

function missed(at: string, block: JsonRecord | undefined): Refusal {
  return invalid(
    `${at}.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${block?.type}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block.`,
  );
}
