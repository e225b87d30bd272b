import { badName, checkFunction, missing, openaiError, refuseAsOpenai, sse } from './openai-words.ts';
import {
  imageUrl,
  isBlind,
  isRecord,
  type JsonRecord,
  namePattern,
  pdfUrl,
  type Refusal,
  recordsOf,
  type ScriptedReply,
  textPieces,
  type Wire,
} from './script.ts';

/** OpenAI's Chat Completions, as strict as the vendor. */
export const chat: Wire = {
  name: 'chat',
  path: '/v1/chat/completions',
  contentType: 'text/event-stream; charset=utf-8',
  check: (body) =>
    checkBody(body) ?? checkTools(body) ?? checkMessages(recordsOf(body.messages)) ?? checkEyes(body),
  refuse: refuseAsOpenai,
  frames,
  errorFrame: (message) => sse({ error: { message, type: 'server_error', param: null, code: null } }),
  brokenFrame: 'data: {"id":"chatcmpl-1","choices":[{"del\n\n',
};

function checkBody(body: JsonRecord): Refusal | undefined {
  if (typeof body.model !== 'string' || body.model === '') return missing('model');
  if (body.stream !== true) return openaiError(400, 'This server only streams.', { param: 'stream' });
  if (/^(gpt-[56]|o\d)/.test(body.model)) {
    if (body.max_tokens !== undefined) return unsupported('max_tokens', body.model);
    if (body.temperature !== undefined) return unsupported('temperature', body.model);
  }
  return undefined;
}

function unsupported(param: string, model: string): Refusal {
  return openaiError(400, `Unsupported parameter: '${param}' is not supported with ${model}.`, {
    param,
    code: 'unsupported_parameter',
  });
}

function checkTools(body: JsonRecord): Refusal | undefined {
  for (const [index, tool] of recordsOf(body.tools).entries()) {
    const own = isRecord(tool.function) ? tool.function : {};
    const refusal = checkFunction(own, `tools[${index}].function`, namePattern);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** Tool messages stand right behind the assistant message that asked for them, one for each call. */
function checkMessages(messages: readonly JsonRecord[]): Refusal | undefined {
  if (messages.length === 0) return missing('messages');
  let open = new Set<unknown>();
  for (const [index, message] of messages.entries()) {
    const at = `messages[${index}]`;
    if (message.role === 'tool') {
      if (typeof message.content !== 'string') return missing(`${at}.content`);
      if (!open.delete(message.tool_call_id)) return orphan(at);
      continue;
    }
    if (open.size > 0) return unanswered(open);
    const refusal = checkContent(message, at) ?? checkCalls(recordsOf(message.tool_calls), at);
    if (refusal !== undefined) return refusal;
    open = new Set(recordsOf(message.tool_calls).map((call) => call.id));
  }
  return open.size > 0 ? unanswered(open) : undefined;
}

function orphan(at: string): Refusal {
  return openaiError(
    400,
    `Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.`,
    { param: `${at}.role` },
  );
}

function unanswered(open: ReadonlySet<unknown>): Refusal {
  return openaiError(
    400,
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...open].join(', ')}`,
    { param: 'messages' },
  );
}

function checkContent(message: JsonRecord, at: string): Refusal | undefined {
  if (!['system', 'developer', 'user', 'assistant'].includes(String(message.role))) {
    return openaiError(400, `Invalid value: '${message.role}'.`, { param: `${at}.role` });
  }
  const mayBeNull = message.role === 'assistant' && recordsOf(message.tool_calls).length > 0;
  if (typeof message.content === 'string' || (mayBeNull && message.content === null)) return undefined;
  if (message.role === 'user' && Array.isArray(message.content)) return checkParts(message.content, at);
  return openaiError(400, `Invalid value for 'content': expected a string, got null.`, {
    param: `${at}.content`,
  });
}

/** https://developers.openai.com/api/docs/guides/images-vision and pdf-files: text, images and files. */
function checkParts(parts: readonly unknown[], at: string): Refusal | undefined {
  const wrong = parts.findIndex((part) => !isRecord(part) || !isPart(part));
  if (wrong < 0 && parts.length > 0) return undefined;
  return openaiError(400, `Invalid value in '${at}.content[${wrong}]'.`, {
    param: `${at}.content[${wrong}]`,
  });
}

function isPart({ type, text, image_url: image, file }: JsonRecord): boolean {
  if (type === 'text') return typeof text === 'string' && text !== '';
  if (type === 'image_url') return isRecord(image) && imageUrl.test(String(image.url));
  return (
    type === 'file' &&
    isRecord(file) &&
    typeof file.filename === 'string' &&
    pdfUrl.test(String(file.file_data))
  );
}

function checkEyes({ model, messages }: JsonRecord): Refusal | undefined {
  const sees = recordsOf(messages).some(({ content }) => Array.isArray(content) && content.length > 1);
  if (!isBlind(model) || !sees) return undefined;
  return openaiError(400, 'Invalid content type. image_url is only supported by certain models.', {
    param: 'messages.[1].content.[1].type',
  });
}

function checkCalls(calls: readonly JsonRecord[], at: string): Refusal | undefined {
  const ids = new Set<unknown>();
  for (const [index, call] of calls.entries()) {
    const param = `${at}.tool_calls[${index}]`;
    const own = isRecord(call.function) ? call.function : {};
    if (typeof own.name !== 'string' || !namePattern.test(own.name)) {
      return badName(own.name, `${param}.function.name`);
    }
    if (typeof own.arguments !== 'string') {
      return openaiError(400, `Invalid type for '${param}.function.arguments': expected a string.`, {
        param,
      });
    }
    if (typeof call.id !== 'string' || call.id.length === 0 || call.id.length > 40) {
      return openaiError(400, `Invalid '${param}.id': string too long. Expected at most 40.`, { param });
    }
    if (ids.has(call.id))
      return openaiError(400, `Duplicate value for 'tool_call_id': ${call.id}.`, { param });
    ids.add(call.id);
  }
  return undefined;
}

function frames(
  reply: ScriptedReply,
  model: string,
  number: number,
  { stream_options }: JsonRecord,
): readonly string[] {
  const counts = isRecord(stream_options) && stream_options.include_usage === true;
  const base = { id: `chatcmpl-${number}`, object: 'chat.completion.chunk', model };
  const delta = (content: JsonRecord, finish_reason: string | null = null) =>
    sse({ ...base, choices: [{ index: 0, delta: content, finish_reason }], usage: null });
  const field = reply.stop === 'refusal' ? 'refusal' : 'content';
  return [
    delta({ role: 'assistant', content: '' }),
    ...(reply.reasoning === undefined ? [] : [delta({ reasoning_content: reply.reasoning })]),
    ...textPieces(reply).map((piece) => delta({ [field]: piece })),
    ...callDeltas(reply, number).map((call) => delta({ tool_calls: [call] })),
    delta({}, finishReason(reply)),
    ...(counts ? [sse({ ...base, choices: [], usage: toUsage(reply) })] : []),
    'data: [DONE]\n\n',
  ];
}

/** First all names, then the arguments in halves, interleaved: parallel calls are told apart by index only. */
function callDeltas({ calls = [] }: ScriptedReply, number: number): readonly JsonRecord[] {
  const starts = calls.map((call, index) => ({
    index,
    id: call.id ?? `call_${number}_${index}`,
    type: 'function',
    function: { name: call.name, arguments: '' },
  }));
  const half = (text: string) => Math.ceil(text.length / 2);
  const parts = (take: (text: string) => string) =>
    calls.map((call, index) => ({ index, function: { arguments: take(call.arguments) } }));
  return [
    ...starts,
    ...parts((text) => text.slice(0, half(text))),
    ...parts((text) => text.slice(half(text))),
  ];
}

function finishReason(reply: ScriptedReply): string {
  if (reply.stop === 'length' || reply.stop === 'content_filter') return reply.stop;
  return (reply.calls ?? []).length > 0 ? 'tool_calls' : 'stop';
}

function toUsage({ usage = { input: 0, output: 0 } }: ScriptedReply): JsonRecord {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cached ?? 0, cache_write_tokens: usage.cacheWrite ?? 0 },
    completion_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
  };
}
