import { randomUUID } from 'node:crypto';
import type { ChatRequest, ChatResponse, Message as OllamaMessage } from 'ollama';
import { z } from 'zod';
import { kindOf } from '../agent/files.ts';
import type { AssistantMessage, Message, ToolCall, UserMessage } from '../agent/messages.ts';
import type { ModelEvent, ModelRequest, StopReason, ToolSpec, Usage } from '../agent/provider.ts';
import type { OllamaSettings } from './ollama-settings.ts';
import { blindText, parametersOf, parseCall, toCall } from './tool-shape.ts';
import type { ChunkReader } from './vendor.ts';

/**
 * `truncate: false`: an error instead of a prompt that is silently shortened; older servers pass over
 * it. https://github.com/ollama/ollama/pull/17944
 */
export type OllamaRequest = ChatRequest & { readonly stream: true; readonly truncate: false };

/** The body of POST /api/chat. */
export function toOllamaRequest(request: ModelRequest, settings: OllamaSettings): OllamaRequest {
  const { config, model } = settings;
  return {
    model,
    stream: true,
    truncate: false,
    messages: [...toSystem(request.system), ...request.messages.map((item) => toMessage(item, settings))],
    options: toOptions(request, settings),
    ...(request.tools.length === 0 ? {} : { tools: request.tools.map(toTool) }),
    ...(config.think === undefined ? {} : { think: config.think }),
    ...(config.keep_alive === undefined ? {} : { keep_alive: config.keep_alive }),
  };
}

/** `num_ctx` always: Ollama's own default depends on the graphics card and may be 4k. */
function toOptions(request: ModelRequest, { config }: OllamaSettings) {
  const maxTokens = request.maxOutputTokens ?? config.max_tokens;
  return {
    num_ctx: config.num_ctx,
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(config.top_p === undefined ? {} : { top_p: config.top_p }),
    ...(maxTokens === undefined ? {} : { num_predict: maxTokens }),
  };
}

function toSystem(system: string): readonly OllamaMessage[] {
  return system === '' ? [] : [{ role: 'system', content: system }];
}

function toTool(tool: ToolSpec) {
  const { name, description } = tool;
  return { type: 'function', function: { name, description, parameters: parametersOf(tool.inputSchema) } };
}

function toMessage(message: Message, settings: OllamaSettings): OllamaMessage {
  switch (message.role) {
    case 'user':
      return toUser(message);
    case 'assistant':
      return toAssistant(message, settings);
    case 'tool':
      return { role: 'tool', tool_name: message.name, content: blindText(message) };
    default:
      return message satisfies never;
  }
}

/** Bytes, of which the SDK makes base64: it takes a text for the path of a file. */
function toUser({ text, shown = [] }: UserMessage): OllamaMessage {
  const images = shown
    .filter((file) => kindOf(file) === 'image')
    .map(({ data }) => new Uint8Array(Buffer.from(data, 'base64')));
  return { role: 'user', content: text, ...(images.length === 0 ? {} : { images }) };
}

const storedThoughts = z.object({ thinking: z.string() });

function toAssistant({ text, calls, opaque }: AssistantMessage, settings: OllamaSettings): OllamaMessage {
  const thoughts = storedThoughts.safeParse(opaque?.key === settings.opaqueKey ? opaque.data : undefined);
  return {
    role: 'assistant',
    content: text,
    ...(thoughts.success ? { thinking: thoughts.data.thinking } : {}),
    ...(calls.length === 0
      ? {}
      : { tool_calls: calls.map((call) => ({ function: { name: call.name, arguments: call.arguments } })) }),
  };
}

/** Reads the chunks of one answer. Tool calls may come in any of them, the last included. */
export function ollamaReader(settings: OllamaSettings): ChunkReader<ChatResponse> {
  const thoughts: string[] = [];
  let called = false;

  function readMessage(message: OllamaMessage): readonly ModelEvent[] {
    const events: ModelEvent[] = [];
    if (message.thinking) {
      thoughts.push(message.thinking);
      events.push({ type: 'reasoning', text: message.thinking });
    }
    if (message.content) events.push({ type: 'text', text: message.content });
    for (const call of message.tool_calls ?? []) {
      called = true;
      events.push({ type: 'tool_call', call: readCall(call.function.name, call.function.arguments) });
    }
    return events;
  }

  function complete(chunk: ChatResponse): readonly ModelEvent[] {
    const usage = toUsage(chunk);
    warnWhenNearlyFull(settings, usage.input);
    const replay = called && thoughts.length > 0;
    const data = { thinking: thoughts.join('') };
    return [
      ...(replay ? [{ type: 'opaque' as const, opaque: { key: settings.opaqueKey, data } }] : []),
      { type: 'usage', usage },
      { type: 'stop', reason: stopReason(chunk.done_reason, called) },
    ];
  }

  function read(chunk: ChatResponse): readonly ModelEvent[] {
    const said = readMessage(chunk.message);
    return chunk.done ? [...said, ...complete(chunk)] : said;
  }

  return { read, end: () => [] };
}

/** Ollama gives no ids, and servers that imitate it give the arguments as text. */
function readCall(name: string, args: unknown): ToolCall {
  const id = `call_${randomUUID()}`;
  return typeof args === 'string' ? parseCall(id, name, args) : toCall(id, name, args);
}

/** `done_reason` is "stop" even when the model calls tools. */
function stopReason(reason: string | undefined, called: boolean): StopReason {
  if (reason === 'length') return 'length';
  return called ? 'tool_calls' : 'end';
}

/** Both counts are absent when the server has nothing to say. */
function toUsage(chunk: Partial<ChatResponse>): Usage {
  const { prompt_eval_count: input = 0, eval_count: output = 0 } = chunk;
  return { input, output, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
}

const nearlyFull = 0.9;

function warnWhenNearlyFull({ log, model, config }: OllamaSettings, inputTokens: number): void {
  if (inputTokens < config.num_ctx * nearlyFull) return;
  log?.warn('ollama_context_nearly_full', { model, input_tokens: inputTokens, num_ctx: config.num_ctx });
}
