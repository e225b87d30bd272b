/**
 * A program that mocks the Responses API: a question is answered with one tool call, a tool's result with the
 * answer. It says the same every time and looks only at the end of a request, so that it costs little beside
 * what is measured.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { serve } from './program.ts';
import { answer, work } from './work.ts';

const questions = z.discriminatedUnion('type', [
  /** Before each answer, from now on. */
  z.object({ type: z.literal('think'), ms: z.number() }),
  /** What was received since the last time. */
  z.object({ type: z.literal('received') }),
  /** The newest request that brought a question, as it came. */
  z.object({ type: z.literal('newest') }),
]);

function createModel() {
  const received = { requests: 0, bytes: 0 };
  let thinkMs = 0;
  let newest = '';
  let calls = 0;

  const http = createServer(async (request, response) => {
    const body = await read(request);
    received.requests += 1;
    received.bytes += body.length;
    const hasResult = endsInResult(body);
    if (!hasResult) newest = body.toString();
    if (thinkMs > 0) await sleep(thinkMs);
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.end(hasResult ? spoken : called(++calls));
  });

  function reply(raw: unknown): unknown {
    const question = questions.parse(raw);
    switch (question.type) {
      case 'newest':
        return newest;
      case 'think':
        thinkMs = question.ms;
        return undefined;
      case 'received': {
        const since = { ...received };
        Object.assign(received, { requests: 0, bytes: 0 });
        return since;
      }
      default:
        return question satisfies never;
    }
  }

  return { http, reply };
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Whether the newest input item is a tool's result. Quotes inside of texts are escaped, so they cannot match. */
function endsInResult(body: Buffer): boolean {
  return body.lastIndexOf('"type":"function_call_output"') > body.lastIndexOf('"role":"user"');
}

const spoken = responseOf({
  type: 'message',
  id: 'msg_0123456789abcdef0123456789abcdef',
  status: 'completed',
  role: 'assistant',
  content: [{ type: 'output_text', annotations: [], logprobs: [], text: answer }],
});

function called(number: number): string {
  return responseOf({
    type: 'function_call',
    id: `fc_${number}`,
    call_id: `call_${number}`,
    name: `${work.server}__${work.tool}`,
    arguments: work.arguments,
    status: 'completed',
  });
}

interface Item {
  readonly type: 'message' | 'function_call';
  readonly id: string;
  readonly [field: string]: unknown;
}

interface StreamEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** https://developers.openai.com/api/reference/resources/responses: the events of a response with one item. */
function responseOf(item: Item): string {
  const response = {
    id: `resp_${item.id}`,
    object: 'response',
    model: 'bench',
    status: 'in_progress',
    output: [],
  };
  const usage = {
    input_tokens: 900,
    input_tokens_details: { cached_tokens: 512 },
    output_tokens: 60,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 960,
  };
  return [
    { type: 'response.created', response },
    { type: 'response.in_progress', response },
    { type: 'response.output_item.added', output_index: 0, item: { ...item, status: 'in_progress' } },
    ...deltasOf(item),
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: { ...response, status: 'completed', output: [item], usage } },
  ]
    .map((event, sequence_number) => frame({ ...event, sequence_number }))
    .join('');
}

function deltasOf({ type, id }: Item): readonly StreamEvent[] {
  const place = { item_id: id, output_index: 0 };
  if (type === 'function_call') {
    return [{ type: 'response.function_call_arguments.delta', ...place, delta: work.arguments }];
  }
  return work.pieces.map((delta) => ({
    type: 'response.output_text.delta',
    ...place,
    content_index: 0,
    delta,
    logprobs: [],
  }));
}

function frame(event: StreamEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

const { http, reply } = createModel();
await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
const { port } = http.address() as AddressInfo;
serve({ ready: `http://127.0.0.1:${port}/v1`, answer: reply });
