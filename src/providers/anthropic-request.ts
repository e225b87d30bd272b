import type {
  CacheControlEphemeral,
  ContentBlockParam,
  MessageCreateParamsStreaming,
  TextBlockParam,
  ToolUnion,
} from '@anthropic-ai/sdk/resources/messages/messages';
import type { ModelRequest, ToolSpec } from '../agent/provider.ts';
import type { AnthropicSettings } from './anthropic-settings.ts';
import { type Turn, toConversation } from './anthropic-turns.ts';
import { fitName, parametersOf } from './tool-shape.ts';

export interface AnthropicCall {
  /** The body of POST /v1/messages. */
  readonly body: MessageCreateParamsStreaming;
  /** What the thoughts of the answer are bound to. */
  readonly prefix: string;
}

/** `max_tokens` is needed in every request, and what is not used costs nothing. */
const usualMaxTokens = 32_000;
const maxTokensOfUnknown = 8_192;
const smallestBudget = 1_024;

/**
 * One call of the Messages API. Temperature is never sent: API version 2026-10-21 refuses it for every
 * model. https://platform.claude.com/docs/en/api/migration-2026-10-21
 */
export function toAnthropicCall(request: ModelRequest, settings: AnthropicSettings): AnthropicCall {
  const { config, facts, model } = settings;
  const mark = cacheMark(request.promptCache ?? config.cache);
  const system = toSystem(request.system);
  const tools = toTools(request.tools);
  const { turns, prefix } = toConversation(request.messages, settings, [system, tools]);
  const maxTokens = request.maxOutputTokens ?? config.max_tokens ?? defaultMaxTokens(facts?.maxOutput);
  const body: MessageCreateParamsStreaming = {
    model,
    stream: true,
    max_tokens: maxTokens,
    messages: markTurns(turns, mark),
    ...(system.length === 0 ? {} : { system: markLast(system, mark) }),
    ...(tools.length === 0 ? {} : { tools: markLast(tools, mark) }),
    ...thinkingOf(settings, maxTokens, turns),
    ...(config.effort === undefined ? {} : { output_config: { effort: config.effort } }),
  };
  return { body, prefix };
}

function defaultMaxTokens(maxOutput: number | undefined): number {
  return maxOutput === undefined ? maxTokensOfUnknown : Math.min(usualMaxTokens, maxOutput);
}

function toSystem(text: string): readonly TextBlockParam[] {
  return text.trim() === '' ? [] : [{ type: 'text', text }];
}

/**
 * Those that are deferred come first and the search last: what is deferred may not carry the mark of the
 * cache. https://platform.claude.com/docs/en/agents-and-tools/tool-use/tool-search-tool
 */
function toTools(tools: readonly ToolSpec[]): readonly ToolUnion[] {
  const deferred = tools.filter(({ isDeferred }) => isDeferred === true);
  if (deferred.length === 0) return tools.map(toTool);
  const told = tools.filter(({ isDeferred }) => isDeferred !== true);
  return [...deferred, ...told].map(toTool).concat(searchTool);
}

const searchTool = { type: 'tool_search_tool_bm25_20251119', name: 'tool_search_tool_bm25' } as const;

function toTool({ name, description, inputSchema, isDeferred }: ToolSpec): ToolUnion {
  const input_schema = { ...parametersOf(inputSchema), type: 'object' as const };
  const tool = { name: fitName(name), description, input_schema };
  return isDeferred === true ? { ...tool, defer_loading: true } : tool;
}

/** Undefined: the vendor keeps nothing. */
function cacheMark(cache: AnthropicSettings['config']['cache']): CacheControlEphemeral | undefined {
  if (cache === 'off') return undefined;
  return cache === '1h' ? { type: 'ephemeral', ttl: '1h' } : { type: 'ephemeral' };
}

type Marked = { cache_control?: CacheControlEphemeral | null };

/** Keeps everything up to the last of these. */
function markLast<Block>(blocks: readonly Block[], mark: CacheControlEphemeral | undefined): Block[] {
  if (mark === undefined) return [...blocks];
  return blocks.map((block, index) =>
    index === blocks.length - 1 ? ({ ...block, cache_control: mark } satisfies Marked) : block,
  );
}

/**
 * Marks the last two turns of the user: what the call before this one kept is then found however many
 * blocks came since (the vendor looks back over 20), and this call's end is kept for the next. With
 * system and tools these are the four marks that a request may have.
 */
function markTurns(turns: readonly Turn[], mark: CacheControlEphemeral | undefined): Turn[] {
  const places = turns.flatMap(({ role }, index) => (role === 'user' ? [index] : [])).slice(-2);
  return turns.map((turn, index) =>
    places.includes(index) ? { ...turn, content: markLast(turn.content, mark) } : turn,
  );
}

function thinkingOf(
  { config, facts }: AnthropicSettings,
  maxTokens: number,
  turns: readonly Turn[],
): Pick<MessageCreateParamsStreaming, 'thinking'> {
  const display = config.thinking_display;
  const type = config.thinking ?? (facts?.thinking === 'adaptive' ? 'adaptive' : undefined);
  if (type === undefined) return {};
  if (type === 'adaptive') return { thinking: { type, display } };
  if (typeof type === 'string') return { thinking: { type } };
  const budget_tokens = Math.min(type, maxTokens - 1);
  if (budget_tokens < smallestBudget || callsWithoutThoughts(turns)) return {};
  return { thinking: { type: 'enabled', budget_tokens, display } };
}

/** With a budget, calls that wait for the model must come with the thoughts that led to them. */
function callsWithoutThoughts(turns: readonly Turn[]): boolean {
  const last = turns.findLast(({ role }) => role === 'assistant')?.content ?? [];
  return last.some(isCall) && !isThought(last[0]) && turns.at(-1)?.content.some(isResult) === true;
}

function isCall(block: ContentBlockParam): boolean {
  return block.type === 'tool_use';
}

function isResult(block: ContentBlockParam): boolean {
  return block.type === 'tool_result';
}

function isThought(block: ContentBlockParam | undefined): boolean {
  return block?.type === 'thinking' || block?.type === 'redacted_thinking';
}
