import {
  isBlind,
  isRecord,
  type JsonRecord,
  type Refusal,
  type RefusalName,
  recordsOf,
  type ScriptedCall,
  type ScriptedReply,
  textPieces,
  type Wire,
} from './script.ts';

/** Ollama's own chat API, stricter than the server where it would silently do something else. */
export const ollama: Wire = {
  name: 'ollama',
  path: '/api/chat',
  contentType: 'application/x-ndjson',
  check: (body) => checkBody(body) ?? checkMessages(recordsOf(body.messages)) ?? checkImages(body),
  refuse: (name, model) => refusals[name](model),
  frames,
  errorFrame: (message) => line({ error: message }),
  brokenFrame: '{"model":"x","message":{"role":"assis\n',
};

const error = (status: number, message: string): Refusal => ({ status, body: { error: message } });

const refusals: Readonly<Record<RefusalName, (model: string) => Refusal>> = {
  unauthorized: () => error(401, 'unauthorized'),
  forbidden: () => error(403, 'this model requires a subscription'),
  model_not_found: (model) => error(404, `model '${model}' not found`),
  rate_limited: () => error(429, 'too many concurrent requests'),
  quota: () => error(402, 'you have reached your usage limit'),
  server_error: () => error(500, 'llama runner process has terminated: exit status 2'),
  overloaded: () => error(503, 'server busy, please try again.  maximum pending requests exceeded'),
  context_overflow: () => error(400, 'the input length exceeds the context length'),
  content_filter: () => error(400, 'request refused'),
};

function checkBody(body: JsonRecord): Refusal | undefined {
  if (typeof body.model !== 'string' || body.model === '') return error(400, 'model is required');
  if (body.stream !== true) return error(400, 'this server only streams');
  const options = isRecord(body.options) ? body.options : {};
  if (typeof options.num_ctx !== 'number') return error(400, 'num_ctx missing: the prompt may be truncated');
  for (const tool of recordsOf(body.tools)) {
    const own = isRecord(tool.function) ? tool.function : {};
    if (typeof own.name !== 'string' || !isRecord(own.parameters)) return error(400, 'invalid tool');
  }
  return undefined;
}

/** Ollama matches results to calls by name and order. */
function checkMessages(messages: readonly JsonRecord[]): Refusal | undefined {
  let open: unknown[] = [];
  for (const message of messages) {
    if (typeof message.content !== 'string') return error(400, 'invalid message content type: <nil>');
    if (message.role === 'tool') {
      if (typeof message.tool_name !== 'string') return error(400, 'tool message without tool_name');
      if (open[0] !== message.tool_name) return error(400, `orphan result of tool ${message.tool_name}`);
      open = open.slice(1);
      continue;
    }
    if (open.length > 0) return error(400, `no result for tool ${open[0]}`);
    const calls = recordsOf(message.tool_calls).map((call) => call.function);
    if (!calls.every((call) => isRecord(call) && isRecord(call.arguments))) {
      return error(
        400,
        'json: cannot unmarshal string into Go struct field .messages.tool_calls.function.arguments of type api.ToolCallFunctionArguments',
      );
    }
    open = calls.map((call) => (isRecord(call) ? call.name : undefined));
  }
  return open.length > 0 ? error(400, `no result for tool ${open[0]}`) : undefined;
}

/** Images are base64 and stand beside the words of a person. */
function checkImages({ model, messages }: JsonRecord): Refusal | undefined {
  const images = recordsOf(messages).flatMap(({ images: own }) => (Array.isArray(own) ? own : []));
  if (images.length === 0) return undefined;
  if (isBlind(model))
    return error(500, 'Failed to create new sequence: this model is missing data required for image input');
  return images.every((image) => typeof image === 'string' && /^[A-Za-z0-9+/]+=*$/.test(image))
    ? undefined
    : error(400, 'illegal base64 data at input byte 0');
}

const line = (data: JsonRecord) => `${JSON.stringify(data)}\n`;

/** The last tool call comes with `done: true`, as some models do. */
function frames(reply: ScriptedReply, model: string): readonly string[] {
  const chunk = (message: JsonRecord, more: JsonRecord = { done: false }) =>
    line({
      model,
      created_at: '2026-11-01T00:00:00Z',
      message: { role: 'assistant', content: '', ...message },
      ...more,
    });
  const calls = (reply.calls ?? []).map(toCall);
  const last = calls.at(-1);
  return [
    ...(reply.reasoning === undefined ? [] : [chunk({ thinking: reply.reasoning })]),
    ...textPieces(reply).map((content) => chunk({ content })),
    ...calls.slice(0, -1).map((call) => chunk({ tool_calls: [call] })),
    chunk(last === undefined ? {} : { tool_calls: [last] }, {
      done: true,
      done_reason: reply.stop === 'length' ? 'length' : 'stop',
      ...(reply.usage === undefined
        ? {}
        : { prompt_eval_count: reply.usage.input, eval_count: reply.usage.output }),
    }),
  ];
}

/** Ollama parses the arguments itself; what it cannot parse it never gives as a call. */
function toCall(call: ScriptedCall): JsonRecord {
  return { function: { name: call.name, arguments: JSON.parse(call.arguments || '{}') } };
}
