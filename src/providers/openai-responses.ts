import type {
  FunctionTool,
  Response,
  ResponseCreateParamsStreaming,
  ResponseInputContent,
  ResponseInputItem,
  ResponseOutputItem,
  ResponseStreamEvent,
  ResponseUsage,
  Tool,
} from 'openai/resources/responses/responses';
import { z } from 'zod';
import { kindOf, type ShownFile } from '../agent/files.ts';
import type { AssistantMessage, Message, ToolMessage, UserMessage } from '../agent/messages.ts';
import type { ModelEvent, ModelRequest, StopReason, ToolSpec, Usage } from '../agent/provider.ts';
import { openaiFailure } from './openai-errors.ts';
import type { OpenaiSettings } from './openai-settings.ts';
import { dataUrl, fitId, fitName, parametersOf, parseCall, resultText } from './tool-shape.ts';
import type { ChunkReader, VendorEvent } from './vendor.ts';

const longestCallId = 64;

/** The body of POST /responses: stateless, so that nothing is kept at the vendor. */
export function toResponsesRequest(
  request: ModelRequest,
  settings: OpenaiSettings,
  itemsOf = itemReader(settings),
): ResponseCreateParamsStreaming {
  const { config, reasons } = settings;
  const maxTokens = request.maxOutputTokens ?? config.max_tokens;
  return {
    model: settings.model,
    stream: true,
    store: false,
    input: request.messages.flatMap(itemsOf),
    ...(request.system === '' ? {} : { instructions: request.system }),
    ...(request.tools.length === 0 ? {} : { tools: toTools(request.tools) }),
    ...(maxTokens === undefined ? {} : { max_output_tokens: maxTokens }),
    ...(reasons ? reasoningOf(settings) : samplingOf(request, settings)),
  };
}

/** Other models refuse `include` and `reasoning`. */
function reasoningOf({ config }: OpenaiSettings) {
  const { reasoning_effort: effort, reasoning_summary: summary } = config;
  const reasoning = {
    ...(effort === undefined ? {} : { effort }),
    ...(summary === undefined ? {} : { summary }),
  };
  return {
    include: ['reasoning.encrypted_content' as const],
    ...(Object.keys(reasoning).length === 0 ? {} : { reasoning }),
  };
}

function samplingOf(request: ModelRequest, { config }: OpenaiSettings) {
  return {
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(config.top_p === undefined ? {} : { top_p: config.top_p }),
  };
}

/** OpenAI searches those that are deferred: https://developers.openai.com/api/docs/guides/tools-tool-search */
function toTools(tools: readonly ToolSpec[]): Tool[] {
  const isSearched = tools.some(({ isDeferred }) => isDeferred === true);
  return [...(isSearched ? [{ type: 'tool_search' as const }] : []), ...tools.map(toTool)];
}

/** Never strict: a strict schema that OpenAI dislikes fails the whole request. */
function toTool(tool: ToolSpec): FunctionTool {
  return {
    type: 'function',
    name: fitName(tool.name),
    description: tool.description,
    parameters: parametersOf(tool.inputSchema),
    strict: false,
    ...(tool.isDeferred === true ? { defer_loading: true } : {}),
  };
}

/** Makes the items of a message once, however many requests repeat it: messages never change. */
export function itemReader(settings: OpenaiSettings): (message: Message) => readonly ResponseInputItem[] {
  const known = new WeakMap<Message, readonly ResponseInputItem[]>();
  return (message) => {
    const items = known.get(message) ?? toItems(message, settings);
    known.set(message, items);
    return items;
  };
}

function toItems(message: Message, settings: OpenaiSettings): readonly ResponseInputItem[] {
  switch (message.role) {
    case 'user':
      return [{ role: 'user', content: contentOf(message) }];
    case 'assistant':
      return replayed(message, settings.opaqueKey) ?? flattened(message);
    case 'tool':
      return [
        {
          type: 'function_call_output',
          call_id: fitId(message.callId, longestCallId),
          output: outputOf(message),
        },
      ];
    default:
      return message satisfies never;
  }
}

/** Text alone, or text and what is to be seen with it. */
function contentOf({ text, shown }: UserMessage): string | ResponseInputContent[] {
  return shown === undefined ? text : [{ type: 'input_text', text }, ...shown.map(toPart)];
}

function toPart(file: ShownFile): ResponseInputContent {
  const url = dataUrl(file);
  return kindOf(file) === 'image'
    ? { type: 'input_image', image_url: url, detail: 'auto' }
    : { type: 'input_file', filename: file.name, file_data: url };
}

/** The same for what a tool gave. */
function outputOf(message: ToolMessage): ResponseInputItem.FunctionCallOutput['output'] {
  const { images } = message;
  if (images === undefined) return resultText(message);
  return [
    { type: 'input_text', text: resultText(message) },
    ...images.map(({ mimeType, data }) => ({
      type: 'input_image' as const,
      image_url: dataUrl({ mediaType: mimeType, data }),
      detail: 'auto' as const,
    })),
  ];
}

const storedItems = z.array(z.looseObject({ type: z.string() }));

/** The model's own output items, all and in order, as reasoning models need them back. */
function replayed({ opaque }: AssistantMessage, key: string): readonly ResponseInputItem[] | undefined {
  if (opaque?.key !== key) return undefined;
  const items = storedItems.safeParse(opaque.data);
  return items.success ? (items.data as unknown as ResponseInputItem[]) : undefined;
}

/** What another vendor or model said, in plain items. */
function flattened({ text, calls }: AssistantMessage): readonly ResponseInputItem[] {
  const said: ResponseInputItem[] = text === '' ? [] : [{ role: 'assistant', content: text }];
  const called = calls.map((call) => ({
    type: 'function_call' as const,
    call_id: fitId(call.id, longestCallId),
    name: fitName(call.name),
    arguments: JSON.stringify(call.arguments),
  }));
  return [...said, ...called];
}

/** Reads the events of one response. Unknown events are passed over. */
export function responsesReader(settings: OpenaiSettings): ChunkReader<ResponseStreamEvent> {
  const items: ResponseOutputItem[] = [];
  let refused = false;

  /** One more output item is complete. */
  function take(item: ResponseOutputItem): readonly ModelEvent[] {
    items.push(item);
    if (item.type !== 'function_call') return [];
    return [{ type: 'tool_call', call: parseCall(item.call_id, item.name, item.arguments) }];
  }

  function completed(response: Response): readonly ModelEvent[] {
    const called = items.some((item) => item.type === 'function_call');
    const stop = stopEvent(refused ? 'refusal' : called ? 'tool_calls' : 'end');
    const usage = usageEvents(response.usage);
    // What was found must come back with the call that came of it.
    const hasSearched = items.some((item) => item.type === 'tool_search_call');
    if ((!settings.reasons && !hasSearched) || items.length === 0) return [...usage, stop];
    return [{ type: 'opaque', opaque: { key: settings.opaqueKey, data: items } }, ...usage, stop];
  }

  /** What it used is told before it throws. */
  function* failed({ usage, error }: Response): Generator<VendorEvent> {
    if (usage) yield { type: 'used', usage: toUsage(usage) };
    throw openaiFailure(settings.label, error ?? { message: 'The response failed.' });
  }

  function read(event: ResponseStreamEvent): Iterable<VendorEvent> {
    switch (event.type) {
      case 'response.output_text.delta':
        return [{ type: 'text', text: event.delta }];
      case 'response.refusal.delta':
        refused = true;
        return [{ type: 'text', text: event.delta }];
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        return [{ type: 'reasoning', text: event.delta }];
      case 'response.output_item.done':
        return take(event.item);
      case 'response.completed':
        return completed(event.response);
      case 'response.incomplete':
        return [...usageEvents(event.response.usage), stopEvent(incompleteReason(event.response))];
      case 'response.failed':
        return failed(event.response);
      case 'error':
        throw openaiFailure(settings.label, event);
      default:
        return [];
    }
  }

  return { read, end: () => [] };
}

function stopEvent(reason: StopReason): ModelEvent {
  return { type: 'stop', reason };
}

function incompleteReason(response: Response): StopReason {
  return response.incomplete_details?.reason === 'content_filter' ? 'content_filtered' : 'length';
}

function usageEvents(usage: ResponseUsage | null | undefined): readonly ModelEvent[] {
  return usage === null || usage === undefined ? [] : [{ type: 'usage', usage: toUsage(usage) }];
}

/** OpenAI's input includes what was read from and written to its cache. Other servers leave the details out. */
function toUsage(usage: ResponseUsage): Usage {
  return {
    input: usage.input_tokens,
    output: usage.output_tokens,
    cacheRead: usage.input_tokens_details?.cached_tokens ?? 0,
    cacheWrite: usage.input_tokens_details?.cache_write_tokens ?? 0,
    reasoning: usage.output_tokens_details?.reasoning_tokens ?? 0,
  };
}
