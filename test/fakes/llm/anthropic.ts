import { checkRequest } from './anthropic-check.ts';
import { bindingOf, idAfterThought, redact, sign } from './anthropic-thoughts.ts';
import { refuseAsAnthropic } from './anthropic-words.ts';
import { sse } from './openai-words.ts';
import { isRecord, type JsonRecord, recordsOf, type ScriptedReply, textPieces, type Wire } from './script.ts';

/** Anthropic's Messages API, as strict as the vendor. */
export const anthropic: Wire = {
  name: 'messages',
  path: '/v1/messages',
  contentType: 'text/event-stream; charset=utf-8',
  admits: ({ headers }, key) => headers['x-api-key'] === key || headers.authorization === `Bearer ${key}`,
  check: checkRequest,
  refuse: refuseAsAnthropic,
  frames,
  errorFrame: (message) =>
    frame({ type: 'error', error: { type: 'overloaded_error', message }, request_id: 'req_test' }),
  brokenFrame: 'event: content_block_delta\ndata: {"type":"content_block_de\n\n',
};

const frame = (event: JsonRecord) => sse(event, String(event.type));

/** A block as it begins, and what is added to it. */
interface Block {
  readonly start: JsonRecord;
  readonly deltas: readonly JsonRecord[];
}

function frames(reply: ScriptedReply, model: string, number: number, body: JsonRecord): readonly string[] {
  const message = {
    id: `msg_${number}`,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: startUsage(reply),
  };
  const events: readonly JsonRecord[] = [
    { type: 'message_start', message },
    ...toBlocks(reply, number, body).flatMap(blockEvents),
    { type: 'ping' },
    { type: 'new_kind_of_event', note: 'clients pass over what they do not know' },
    { type: 'message_delta', delta: endOf(reply), usage: endUsage(reply) },
    { type: 'message_stop' },
  ];
  return events.map(frame);
}

function blockEvents({ start, deltas }: Block, index: number): readonly JsonRecord[] {
  return [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}

function toBlocks(reply: ScriptedReply, number: number, body: JsonRecord): readonly Block[] {
  const binding = bindingOf(body, recordsOf(body.messages));
  const pieces = textPieces(reply);
  const thoughts = toThoughts(reply, binding, body);
  return [
    ...thoughts,
    ...(reply.finds === undefined ? [] : foundBlocks(reply.finds, number)),
    ...(pieces.length === 0 ? [] : [textBlock(pieces)]),
    ...(reply.calls ?? []).map((call, index) => {
      const place = `${number}_${index}`;
      const id = call.id ?? (thoughts.length === 0 ? `toolu_${place}` : idAfterThought(binding, place));
      return callBlock(id, call.name, call.arguments);
    }),
    ...(reply.stop === 'pause' ? [searchBlock(number)] : []),
  ];
}

/** Newer models leave the text of their thoughts out unless asked for it; the signature comes all the same. */
function toThoughts(
  { reasoning, redacted }: ScriptedReply,
  binding: string,
  body: JsonRecord,
): readonly Block[] {
  const isShown = isRecord(body.thinking) && body.thinking.display === 'summarized';
  const hidden = { type: 'redacted_thinking', data: redact(redacted ?? '', binding) };
  return [
    ...(reasoning === undefined ? [] : [thoughtBlock(isShown ? reasoning : '', binding)]),
    ...(redacted === undefined ? [] : [{ start: hidden, deltas: [] }]),
  ];
}

function thoughtBlock(thinking: string, binding: string): Block {
  return {
    start: { type: 'thinking', thinking: '', signature: '' },
    deltas: [
      { type: 'thinking_delta', thinking },
      { type: 'signature_delta', signature: sign(thinking, binding) },
    ],
  };
}

function textBlock(pieces: readonly string[]): Block {
  return {
    start: { type: 'text', text: '', citations: null },
    deltas: pieces.map((text) => ({ type: 'text_delta', text })),
  };
}

function callBlock(id: string, name: string, args: string): Block {
  const middle = Math.ceil(args.length / 2);
  return {
    start: { type: 'tool_use', id, name, input: {}, caller: { type: 'direct' } },
    deltas: ['', args.slice(0, middle), args.slice(middle)].map((partial_json) => ({
      type: 'input_json_delta',
      partial_json,
    })),
  };
}

/** A tool that runs at the vendor: only its turns are ever paused. */
function searchBlock(number: number): Block {
  const start = { type: 'server_tool_use', id: `srvtoolu_${number}`, name: 'web_search', input: {} };
  return { start, deltas: [{ type: 'input_json_delta', partial_json: '{"query":"x"}' }] };
}

/** The vendor's own search of deferred tools, and what it found. */
function foundBlocks(names: readonly string[], number: number): readonly Block[] {
  const id = `srvtoolu_f${number}`;
  const content = {
    type: 'tool_search_tool_search_result',
    tool_references: names.map((tool_name) => ({ type: 'tool_reference', tool_name })),
  };
  return [
    {
      start: { type: 'server_tool_use', id, name: 'tool_search_tool_bm25', input: {} },
      deltas: [{ type: 'input_json_delta', partial_json: '{"query":"x"}' }],
    },
    { start: { type: 'tool_search_tool_result', tool_use_id: id, content }, deltas: [] },
  ];
}

function endOf(reply: ScriptedReply): JsonRecord {
  const isRefusal = reply.stop === 'refusal';
  const explanation = 'This request may enable cyber harm.';
  const stop_details = isRefusal ? { type: 'refusal', category: 'cyber', explanation } : null;
  return { stop_reason: stopReason(reply), stop_sequence: null, stop_details };
}

function stopReason({ stop, calls = [] }: ScriptedReply): string {
  switch (stop) {
    case 'length':
      return 'max_tokens';
    case 'window':
      return 'model_context_window_exceeded';
    case 'pause':
      return 'pause_turn';
    case 'refusal':
    case 'content_filter':
      return 'refusal';
    case undefined:
      return calls.length > 0 ? 'tool_use' : 'end_turn';
    default:
      return stop satisfies never;
  }
}

const none = { input: 0, output: 0 };

function startUsage({ usage = none }: ScriptedReply): JsonRecord {
  const { input, cached = 0, cacheWrite = 0 } = usage;
  return {
    input_tokens: input - cached - cacheWrite,
    cache_read_input_tokens: cached,
    cache_creation_input_tokens: cacheWrite,
    output_tokens: 1,
  };
}

/** Tells again only what has grown. */
function endUsage({ usage = none }: ScriptedReply): JsonRecord {
  return {
    input_tokens: null,
    cache_read_input_tokens: null,
    cache_creation_input_tokens: null,
    output_tokens: usage.output,
    output_tokens_details: { thinking_tokens: usage.reasoning ?? 0 },
  };
}
