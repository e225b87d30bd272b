import { z } from 'zod';
import { estimateTextTokens, estimateTokens } from '../agent/budget.ts';
import { toolOf } from '../agent/indirect.ts';
import type { AssistantMessage, Message, ToolMessage } from '../agent/messages.ts';
import { defineMiddleware, type Layer, type MiddlewareParts } from './definition.ts';
import { count, names, options, refused } from './options.ts';
import { isMeant } from './tool-again.ts';

const shape = {
  trigger: count
    .default(100_000)
    .describe('Tokens of a request, estimated, above which results are cleared.'),
  keep: z.int().min(0).default(3).describe('How many of the newest results are never cleared.'),
  clear_tool_inputs: z.boolean().default(false).describe('What the tools were called with goes too.'),
  exclude_tools: names
    .default([])
    .describe('Tools whose results are never cleared; * stands for any characters.'),
  placeholder: z.string().default('[cleared]').describe('What stands in their place.'),
  clear_at_least: z
    .int()
    .min(0)
    .default(0)
    .describe('Tokens after which no more is cleared, oldest first; 0: everything that may go.'),
  type: z.literal('clear_tool_uses').optional().describe('The only kind of edit that there is.'),
};

const edit = z.preprocess(inNumbers, options(shape));

const config = options({
  edits: z
    .array(edit)
    .default([edit.parse({})])
    .describe('One after the other.'),
  token_count_method: refused('Tokens are always estimated alike, at four characters each.'),
});

type Edit = z.infer<typeof edit>;

/** LangChain’s JavaScript writes `{"trigger": {"tokens": 5}, "keep": {"messages": 5}}`. */
function inNumbers(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const given: Readonly<Record<string, unknown>> = { ...value };
  return {
    ...given,
    ...('trigger' in given && { trigger: alone(given.trigger, 'tokens') }),
    ...('keep' in given && { keep: alone(given.keep, 'messages') }),
  };
}

function alone(size: unknown, unit: string): unknown {
  const [[name, count] = [], ...others] = Object.entries(Object(size));
  return name === unit && others.length === 0 ? count : size;
}

const name = 'ContextEditingMiddleware';

/**
 * Takes old results out of long requests. Only the requests are changed, never what is stored. What was
 * taken out once stays out for the turn, so that the beginning of its requests stays the same.
 */
export const contextEditing = defineMiddleware({
  name,
  description: 'Takes the results of old tool calls out of requests that have become long.',
  priority: 65,
  config,
  build,
});

const stored = z.array(z.array(z.string()));

function build({ edits }: z.infer<typeof config>, { state, metrics }: MiddlewareParts): Layer {
  if (edits.length === 0) return {};
  return {
    model(request, next, signal) {
      const before = stored.safeParse(state.get()).data ?? [];
      const beside = estimateTextTokens(request.system) + estimateTextTokens(JSON.stringify(request.tools));
      let messages = request.messages;
      const cleared = edits.map((one, at) => {
        const known = new Set(before[at]);
        messages = without(messages, known, one);
        if (estimateTokens(messages) + beside <= one.trigger) return [...known];
        const more = toClear(messages, known, one);
        messages = without(messages, new Set(more), one);
        return [...known, ...more];
      });
      if (cleared.some((ids, at) => ids.length > (before[at]?.length ?? 0))) {
        state.set(cleared);
        metrics.middlewareActed(name, 'cleared');
      }
      return next({ ...request, messages }, signal);
    },
  };
}

/** The calls whose results go now, oldest first. */
function toClear(messages: readonly Message[], known: ReadonlySet<string>, edit: Edit): readonly string[] {
  const results = messages.filter((message) => message.role === 'tool');
  const old = edit.keep === 0 ? results : results.slice(0, -edit.keep);
  const candidates = old.filter((message) => !known.has(message.callId) && mayGo(message, edit));
  if (edit.clear_at_least === 0) return candidates.map(({ callId }) => callId);
  const all = estimateTokens(messages);
  const enough = candidates.findIndex((_, at) => {
    const ids = new Set(candidates.slice(0, at + 1).map(({ callId }) => callId));
    return all - estimateTokens(without(messages, ids, edit)) >= edit.clear_at_least;
  });
  return candidates.slice(0, enough < 0 ? candidates.length : enough + 1).map(({ callId }) => callId);
}

function mayGo(message: ToolMessage, { exclude_tools, placeholder }: Edit): boolean {
  const tool = toolOf(message);
  return message.text !== placeholder && !isMeant({ name: tool, sourceName: tool }, exclude_tools);
}

function without(messages: readonly Message[], ids: ReadonlySet<string>, edit: Edit): readonly Message[] {
  if (ids.size === 0) return messages;
  return messages.map((message) => {
    if (message.role === 'tool') return ids.has(message.callId) ? clearedResult(message, edit) : message;
    return message.role === 'assistant' && edit.clear_tool_inputs ? clearedCalls(message, ids) : message;
  });
}

function clearedResult(
  { role, callId, name, tool, isError }: ToolMessage,
  { placeholder: text }: Edit,
): ToolMessage {
  return { role, callId, name, text, isError, ...(tool === undefined ? {} : { tool }) };
}

/** A vendor's own record of calls that are changed would bring them back. */
function clearedCalls(message: AssistantMessage, ids: ReadonlySet<string>): AssistantMessage {
  if (!message.calls.some(({ id }) => ids.has(id))) return message;
  const { opaque: _asTheyWere, ...rest } = message;
  const calls = message.calls.map((call) => (ids.has(call.id) ? { ...call, arguments: {} } : call));
  return { ...rest, calls };
}
