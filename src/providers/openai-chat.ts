import { randomUUID } from 'node:crypto';
import type {
  ChatCompletionChunk,
  ChatCompletionContentPart,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
  ChatCompletionTool,
} from 'openai/resources/chat/completions/completions';
import type { CompletionUsage } from 'openai/resources/completions';
import { kindOf, type ShownFile } from '../agent/files.ts';
import type { AssistantMessage, Message, UserMessage } from '../agent/messages.ts';
import type { ModelEvent, ModelRequest, StopReason, ToolSpec, Usage } from '../agent/provider.ts';
import type { OpenaiSettings } from './openai-settings.ts';
import { blindText, dataUrl, fitId, fitName, parametersOf, parseCall } from './tool-shape.ts';
import type { ChunkReader, VendorEvent } from './vendor.ts';

/** Chat Completions refuses longer ids of tool calls. */
const longestCallId = 40;

/** The body of POST /chat/completions. */
export function toChatRequest(
  request: ModelRequest,
  settings: OpenaiSettings,
): ChatCompletionCreateParamsStreaming {
  const { config, reasons, dialect } = settings;
  const maxTokens = request.maxOutputTokens ?? config.max_tokens;
  const effort = config.reasoning_effort;
  return {
    model: settings.model,
    stream: true,
    ...(dialect.countsTokens ? { stream_options: { include_usage: true } } : {}),
    messages: [...toSystem(request.system), ...request.messages.map(toMessage)],
    ...(request.tools.length === 0 ? {} : { tools: request.tools.map(toTool) }),
    ...(maxTokens === undefined ? {} : { [dialect.maxTokens]: maxTokens }),
    ...(reasons && effort !== undefined ? { reasoning_effort: effort } : {}),
    ...(reasons || request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(reasons || config.top_p === undefined ? {} : { top_p: config.top_p }),
  };
}

/** `system`, which OpenAI turns into `developer` where it must: other servers know no `developer`. */
function toSystem(system: string): readonly ChatCompletionMessageParam[] {
  return system === '' ? [] : [{ role: 'system', content: system }];
}

function toTool(tool: ToolSpec): ChatCompletionTool {
  const parameters = parametersOf(tool.inputSchema);
  const { name, description } = tool;
  return { type: 'function', function: { name: fitName(name), description, parameters, strict: false } };
}

function toMessage(message: Message): ChatCompletionMessageParam {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: contentOf(message) };
    case 'assistant':
      return toAssistant(message);
    case 'tool':
      return {
        role: 'tool',
        tool_call_id: fitId(message.callId, longestCallId),
        content: blindText(message),
      };
    default:
      return message satisfies never;
  }
}

/** Text alone, or text and what is to be seen with it. */
function contentOf({ text, shown }: UserMessage): string | ChatCompletionContentPart[] {
  return shown === undefined ? text : [{ type: 'text', text }, ...shown.map(toPart)];
}

function toPart(file: ShownFile): ChatCompletionContentPart {
  const url = dataUrl(file);
  return kindOf(file) === 'image'
    ? { type: 'image_url', image_url: { url } }
    : { type: 'file', file: { filename: file.name, file_data: url } };
}

function toAssistant({ text, calls }: AssistantMessage): ChatCompletionMessageParam {
  if (calls.length === 0) return { role: 'assistant', content: text };
  return {
    role: 'assistant',
    content: text === '' ? null : text,
    tool_calls: calls.map((call) => ({
      id: fitId(call.id, longestCallId),
      type: 'function',
      function: { name: fitName(call.name), arguments: JSON.stringify(call.arguments) },
    })),
  };
}

interface CallDraft {
  id: string;
  name: string;
  arguments: string;
}

type Delta = ChatCompletionChunk.Choice.Delta;
type CallDelta = ChatCompletionChunk.Choice.Delta.ToolCall;

/** Reads the chunks of one completion. It is complete once it said why it stopped. */
export function chatReader(): ChunkReader<ChatCompletionChunk> {
  const calls: CallDraft[] = [];
  const byIndex = new Map<number, CallDraft>();
  let finish: string | undefined;
  let usage: CompletionUsage | undefined;
  let refused = false;
  let stopped = false;

  /** Servers that number every call 0 still give each its id. */
  function takeCall(delta: CallDelta): void {
    const index = delta.index ?? calls.length;
    const known = byIndex.get(index);
    const { id } = delta;
    const isNew = known === undefined || (id !== undefined && id !== '' && id !== known.id);
    const call = isNew ? { id: id || `call_${randomUUID()}`, name: '', arguments: '' } : known;
    if (isNew) {
      calls.push(call);
      byIndex.set(index, call);
    }
    call.name += delta.function?.name ?? '';
    call.arguments += delta.function?.arguments ?? '';
  }

  function takeDelta(delta: Delta): readonly ModelEvent[] {
    delta.tool_calls?.forEach(takeCall);
    if (delta.refusal) refused = true;
    const text = delta.content || delta.refusal;
    if (text) return [{ type: 'text', text }];
    const thought = thoughtOf(delta);
    return thought === '' ? [] : [{ type: 'reasoning', text: thought }];
  }

  function complete(): readonly ModelEvent[] {
    if (stopped || finish === undefined) return [];
    stopped = true;
    const called = calls.map((call) => parseCall(call.id, call.name, call.arguments));
    return [
      ...called.map((call) => ({ type: 'tool_call' as const, call })),
      ...(usage === undefined ? [] : [{ type: 'usage' as const, usage: toUsage(usage) }]),
      { type: 'stop', reason: refused ? 'refusal' : stopReason(finish, called.length > 0) },
    ];
  }

  function read(chunk: ChatCompletionChunk): readonly VendorEvent[] {
    if (chunk.usage) usage = chunk.usage;
    const choice = chunk.choices[0];
    // What Azure's filter says after the text is a choice without a delta.
    const delta: Delta | undefined = choice?.delta;
    const said = delta ? takeDelta(delta) : [];
    if (choice?.finish_reason) finish = choice.finish_reason;
    if (usage === undefined) return said;
    return finish === undefined
      ? [...said, { type: 'used', usage: toUsage(usage) }]
      : [...said, ...complete()];
  }

  return { read, end: complete };
}

/** Thoughts are no part of OpenAI's format; other servers put them here. */
function thoughtOf(delta: Delta): string {
  if ('reasoning_content' in delta && typeof delta.reasoning_content === 'string') {
    return delta.reasoning_content;
  }
  return 'reasoning' in delta && typeof delta.reasoning === 'string' ? delta.reasoning : '';
}

function stopReason(finish: string, called: boolean): StopReason {
  if (finish === 'length') return 'length';
  if (finish === 'content_filter') return 'content_filtered';
  return called ? 'tool_calls' : 'end';
}

function toUsage(usage: CompletionUsage): Usage {
  return {
    input: usage.prompt_tokens,
    output: usage.completion_tokens,
    cacheRead: usage.prompt_tokens_details?.cached_tokens ?? 0,
    cacheWrite: usage.prompt_tokens_details?.cache_write_tokens ?? 0,
    reasoning: usage.completion_tokens_details?.reasoning_tokens ?? 0,
  };
}
