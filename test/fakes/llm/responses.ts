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

const isReasoningModel = (model: unknown) => typeof model === 'string' && /^(gpt-[56]|o\d)/.test(model);

/** OpenAI's Responses API, as strict as the vendor is with `store: false`. */
export const responses: Wire = {
  name: 'responses',
  path: '/v1/responses',
  contentType: 'text/event-stream; charset=utf-8',
  check: (body) =>
    checkBody(body) ?? checkTools(body) ?? checkSearch(body) ?? checkInput(body.input) ?? checkEyes(body),
  refuse: refuseAsOpenai,
  frames,
  errorFrame: (message) =>
    sse({ type: 'error', code: 'server_error', message, param: null, sequence_number: 99 }, 'error'),
  brokenFrame: 'event: response.output_text.delta\ndata: {"type":"response.output_te\n\n',
};

function checkBody(body: JsonRecord): Refusal | undefined {
  if (typeof body.model !== 'string' || body.model === '') return missing('model');
  if (body.stream !== true) return openaiError(400, 'This server only streams.', { param: 'stream' });
  if (body.max_tokens !== undefined) return unknownParameter('max_tokens');
  if (body.messages !== undefined) return unknownParameter('messages');
  if (isReasoningModel(body.model)) {
    return body.temperature === undefined ? undefined : unsupported('temperature');
  }
  if (body.reasoning !== undefined) return unsupported('reasoning.effort');
  return body.include === undefined
    ? undefined
    : openaiError(400, 'Encrypted content is not supported with this model.', { param: 'include' });
}

function unknownParameter(param: string): Refusal {
  return openaiError(400, `Unknown parameter: '${param}'.`, { param, code: 'unknown_parameter' });
}

function unsupported(param: string): Refusal {
  return openaiError(400, `Unsupported parameter: '${param}' is not supported with this model.`, {
    param,
    code: 'unsupported_parameter',
  });
}

/** https://developers.openai.com/api/docs/guides/tools-tool-search */
function checkSearch(body: JsonRecord): Refusal | undefined {
  const tools = recordsOf(body.tools);
  const searches = tools.filter(({ type }) => type === 'tool_search').length;
  const isDeferred = tools.some(({ defer_loading: deferred }) => deferred === true);
  if (isDeferred === (searches === 1)) return undefined;
  return openaiError(400, 'Deferred tools and exactly one tool_search tool need each other.', {
    param: 'tools',
  });
}

function checkTools(body: JsonRecord): Refusal | undefined {
  for (const [index, tool] of recordsOf(body.tools).entries()) {
    if (tool.type === 'tool_search') continue;
    const refusal = checkFunction(tool, `tools[${index}]`, namePattern);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** Every call has its output and every output its call; a reasoning item is followed by what it led to. */
function checkInput(input: unknown): Refusal | undefined {
  if (typeof input === 'string') return undefined;
  const items = recordsOf(input);
  if (items.length === 0) return missing('input');
  const open = new Set<unknown>();
  const seen = new Set<unknown>();
  for (const [index, item] of items.entries()) {
    const refusal =
      checkItem(item, index) ??
      checkReasoning(item, items[index + 1]) ??
      checkThought(item, items.slice(0, index)) ??
      checkFound(item, items[index - 1]);
    if (refusal !== undefined) return refusal;
    if (item.type === 'function_call') {
      if (seen.has(item.call_id)) {
        return openaiError(400, `Duplicate item found with call_id ${item.call_id}.`, { param: 'input' });
      }
      seen.add(item.call_id);
      open.add(item.call_id);
    } else if (item.type === 'function_call_output' && !open.delete(item.call_id)) {
      return openaiError(400, `No tool call found for function call output with call_id ${item.call_id}.`, {
        param: 'input',
      });
    } else if (item.type === undefined && open.size > 0) return noOutput(open);
  }
  return open.size > 0 ? noOutput(open) : undefined;
}

function noOutput(open: ReadonlySet<unknown>): Refusal {
  return openaiError(400, `No tool output found for function call ${[...open][0]}.`, { param: 'input' });
}

function checkItem(item: JsonRecord, index: number): Refusal | undefined {
  const at = `input[${index}]`;
  switch (item.type) {
    case undefined:
      if (item.role === 'tool' || typeof item.role !== 'string') {
        return openaiError(
          400,
          `Invalid value: '${item.role}'. Supported values are: 'assistant', 'system', 'developer', and 'user'.`,
          { param: `${at}.role`, code: 'invalid_value' },
        );
      }
      if (item.role === 'user' && Array.isArray(item.content))
        return checkOutput(item.content, `${at}.content`);
      return item.content === undefined ? missing(`${at}.content`) : undefined;
    case 'function_call':
      if (!isName(item.name)) return badName(item.name, `${at}.name`);
      if (typeof item.arguments !== 'string') return notString(`${at}.arguments`, item.arguments);
      return checkCallId(item.call_id, at);
    case 'function_call_output':
      if (Array.isArray(item.output))
        return checkOutput(item.output, `${at}.output`) ?? checkCallId(item.call_id, at);
      if (typeof item.output !== 'string') return notString(`${at}.output`, item.output);
      return checkCallId(item.call_id, at);
    default:
      return undefined;
  }
}

/** https://developers.openai.com/api/docs/guides/function-calling: text, images and files. */
function checkOutput(parts: readonly unknown[], at: string): Refusal | undefined {
  const wrong = parts.findIndex((part) => !isRecord(part) || !isPart(part));
  if (wrong < 0) return undefined;
  return openaiError(400, `Invalid value in '${at}[${wrong}]'.`, { param: `${at}[${wrong}]` });
}

function isPart({ type, text, image_url, filename, file_data: data }: JsonRecord): boolean {
  if (type === 'input_text') return typeof text === 'string';
  if (type === 'input_file') return typeof filename === 'string' && pdfUrl.test(String(data));
  return type === 'input_image' && imageUrl.test(String(image_url));
}

function checkEyes({ model, input }: JsonRecord): Refusal | undefined {
  const sees = recordsOf(input).some(({ content }) =>
    recordsOf(content).some(({ type }) => type === 'input_image' || type === 'input_file'),
  );
  if (!isBlind(model) || !sees) return undefined;
  return openaiError(400, `Invalid input: model '${model}' does not support image inputs.`, {
    param: 'input',
  });
}

const isName = (name: unknown) => typeof name === 'string' && namePattern.test(name);

function checkCallId(id: unknown, at: string): Refusal | undefined {
  if (typeof id === 'string' && id.length > 0 && id.length <= 64) return undefined;
  return openaiError(400, `Invalid '${at}.call_id': string too long or empty. Expected at most 64.`, {
    param: `${at}.call_id`,
    code: 'string_above_max_length',
  });
}

function notString(param: string, value: unknown): Refusal {
  return openaiError(
    400,
    `Invalid type for '${param}': expected a string, but got ${isRecord(value) ? 'an object' : typeof value} instead.`,
    { param, code: 'invalid_type' },
  );
}

function checkReasoning(item: JsonRecord, next: JsonRecord | undefined): Refusal | undefined {
  if (item.type !== 'reasoning') return undefined;
  if (typeof item.encrypted_content !== 'string') {
    return openaiError(
      404,
      `Item with id '${item.id}' not found. Items are not persisted when \`store\` is set to false.`,
      { param: 'input' },
    );
  }
  if (!item.encrypted_content.startsWith('enc:')) {
    return openaiError(400, 'The encrypted content could not be verified.', {
      code: 'invalid_encrypted_content',
    });
  }
  if (/^(function_call|message|reasoning|tool_search_call)$/.test(String(next?.type))) return undefined;
  return openaiError(
    400,
    `Item '${item.id}' of type 'reasoning' was provided without its required following item.`,
    { param: 'input' },
  );
}

/** What followed a reasoning item may not come back without it. This server's ids tell: `fc_r3_0` needs `rs_3`. */
function checkThought(item: JsonRecord, earlier: readonly JsonRecord[]): Refusal | undefined {
  const number = /^(?:fc|msg)_r(\d+)/.exec(String(item.id ?? ''))?.[1];
  if (number === undefined || earlier.some(({ id }) => id === `rs_${number}`)) return undefined;
  return openaiError(
    400,
    `Item '${item.id}' of type '${item.type}' was provided without its required 'reasoning' item: 'rs_${number}'.`,
    { param: 'input' },
  );
}

function checkFound(item: JsonRecord, before: JsonRecord | undefined): Refusal | undefined {
  if (item.type !== 'tool_search_output' || before?.type === 'tool_search_call') return undefined;
  return openaiError(400, `Item '${item.id}' was provided without its tool_search_call.`, { param: 'input' });
}

interface Item {
  readonly item: JsonRecord;
  /** Events between `added` and `done`. */
  readonly deltas: readonly JsonRecord[];
}

function frames(reply: ScriptedReply, model: string, number: number, body: JsonRecord): readonly string[] {
  const items = toItems(reply, number, recordsOf(body.tools));
  const base = { id: `resp_${number}`, object: 'response', model, status: 'in_progress', output: [] };
  const events: readonly JsonRecord[] = [
    { type: 'response.created', response: base },
    { type: 'response.in_progress', response: base },
    ...items.flatMap(({ item, deltas }, output_index) => [
      { type: 'response.output_item.added', output_index, item: { ...item, status: 'in_progress' } },
      ...deltas.map((delta) => ({ ...delta, output_index, item_id: item.id })),
      { type: 'response.output_item.done', output_index, item },
    ]),
    { type: 'response.new_kind_of_event', note: 'clients pass over what they do not know' },
    terminal(reply, base, items),
  ];
  return events.map((event, sequence_number) => sse({ ...event, sequence_number }, String(event.type)));
}

function searchItems(
  names: readonly string[],
  number: number,
  tools: readonly JsonRecord[],
): readonly Item[] {
  const about = { call_id: null, execution: 'server', status: 'completed' };
  const found = tools.filter(({ name }) => names.includes(String(name)));
  const asked = { type: 'tool_search_call', id: `tsc_${number}`, arguments: { query: 'x' } };
  const given = { type: 'tool_search_output', id: `tso_${number}`, tools: found };
  return [asked, given].map((item) => ({ item: { ...item, ...about }, deltas: [] }));
}

function toItems(reply: ScriptedReply, number: number, tools: readonly JsonRecord[]): readonly Item[] {
  const pieces = textPieces(reply);
  const place = reply.reasoning === undefined ? `${number}` : `r${number}`;
  return [
    ...(reply.reasoning === undefined ? [] : [reasoningItem(reply.reasoning, number)]),
    ...(reply.finds === undefined ? [] : searchItems(reply.finds, number, tools)),
    ...(pieces.length === 0 ? [] : [messageItem(reply, pieces, place)]),
    ...(reply.calls ?? []).map((call, index) => callItem(call, `${place}_${index}`, reply.stop === 'length')),
  ];
}

function reasoningItem(text: string, number: number): Item {
  const summary = [{ type: 'summary_text', text }];
  const encrypted_content = `enc:${number}:${Buffer.from(text).toString('base64')}`;
  return {
    item: { type: 'reasoning', id: `rs_${number}`, summary, encrypted_content },
    deltas: [{ type: 'response.reasoning_summary_text.delta', summary_index: 0, delta: text }],
  };
}

function messageItem(reply: ScriptedReply, pieces: readonly string[], place: string): Item {
  const refused = reply.stop === 'refusal';
  const text = pieces.join('');
  const part = refused ? { type: 'refusal', refusal: text } : { type: 'output_text', text, annotations: [] };
  const type = refused ? 'response.refusal.delta' : 'response.output_text.delta';
  return {
    item: {
      type: 'message',
      id: `msg_${place}`,
      role: 'assistant',
      status: 'completed',
      phase: 'final_answer',
      content: [part],
    },
    deltas: pieces.map((delta) => ({ type, content_index: 0, delta })),
  };
}

function callItem(
  call: { readonly id?: string; readonly name: string; readonly arguments: string },
  place: string,
  cutOff: boolean,
): Item {
  const middle = Math.ceil(call.arguments.length / 2);
  const halves = [call.arguments.slice(0, middle), call.arguments.slice(middle)];
  return {
    item: {
      type: 'function_call',
      id: `fc_${place}`,
      call_id: call.id ?? `call_${place}`,
      name: call.name,
      arguments: call.arguments,
      status: cutOff ? 'incomplete' : 'completed',
    },
    deltas: halves.map((delta) => ({ type: 'response.function_call_arguments.delta', delta })),
  };
}

function terminal(reply: ScriptedReply, base: JsonRecord, items: readonly Item[]): JsonRecord {
  const output = items.map(({ item }) => item);
  const usage = toUsage(reply);
  if (reply.stop !== 'length' && reply.stop !== 'content_filter') {
    return { type: 'response.completed', response: { ...base, status: 'completed', output, usage } };
  }
  const reason = reply.stop === 'length' ? 'max_output_tokens' : 'content_filter';
  return {
    type: 'response.incomplete',
    response: { ...base, status: 'incomplete', incomplete_details: { reason }, output, usage },
  };
}

function toUsage({ usage = { input: 0, output: 0 } }: ScriptedReply): JsonRecord {
  return {
    input_tokens: usage.input,
    input_tokens_details: { cached_tokens: usage.cached ?? 0, cache_write_tokens: usage.cacheWrite ?? 0 },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
    total_tokens: usage.input + usage.output,
  };
}
