/**
 * A program that does the bot's work by hand, and no more than that: the vendor's SDK, the MCP client and
 * PostgreSQL, the question and the answer committed once each. It keeps its conversations in memory and has no
 * door of its own; what it sends to the model is what the bot sent.
 */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import OpenAI from 'openai';
import type {
  ResponseCreateParamsStreaming,
  ResponseFunctionToolCall,
  ResponseInputItem,
  ResponseOutputItem,
} from 'openai/resources/responses/responses';
import pg from 'pg';
import { z } from 'zod';
import { serve } from './program.ts';
import { answer, work } from './work.ts';

const item = z.looseObject({});
const questions = z.discriminatedUnion('type', [
  /** The bot's request without its input: model, instructions, tools. */
  z.object({ type: z.literal('template'), request: item }),
  z.object({ type: z.literal('threads'), ids: z.array(z.string()), input: z.array(item) }),
  z.object({ type: z.literal('turn'), thread: z.string() }),
  z.object({ type: z.literal('cpu') }),
]);

type Request = Omit<ResponseCreateParamsStreaming, 'input'>;

interface Parts {
  readonly openai: OpenAI;
  readonly mcp: Client;
  readonly pool: pg.Pool;
}

interface Thread {
  readonly name: string;
  readonly request: Request;
  /** The conversation; grows with every turn. */
  readonly input: ResponseInputItem[];
}

async function turn(parts: Parts, thread: Thread): Promise<void> {
  const { name, input } = thread;
  await commit(parts, name, { role: 'user', text: work.question });
  input.push({ role: 'user', content: work.question });
  const { output: calls } = await ask(parts, thread);
  for (const call of calls.filter((item) => item.type === 'function_call')) {
    input.push(call, { type: 'function_call_output', call_id: call.call_id, output: await run(parts, call) });
  }
  const { text, output: said } = await ask(parts, thread);
  input.push(...said.filter((item) => item.type === 'message'));
  if (text !== answer) throw new Error(`the floor answered ${text}`);
  await commit(parts, name, { role: 'assistant', text });
}

interface Said {
  readonly text: string;
  readonly output: readonly ResponseOutputItem[];
}

async function ask({ openai }: Parts, { request, input }: Thread): Promise<Said> {
  const stream = await openai.responses.create({ ...request, input, stream: true });
  let text = '';
  let output: readonly ResponseOutputItem[] = [];
  for await (const event of stream) {
    if (event.type === 'response.output_text.delta') text += event.delta;
    if (event.type === 'response.completed') output = event.response.output;
  }
  return { text, output };
}

const resultSchema = z.object({ content: z.array(z.object({ type: z.literal('text'), text: z.string() })) });

async function run({ mcp }: Parts, call: ResponseFunctionToolCall): Promise<string> {
  const name = call.name.slice(work.server.length + 2);
  const result = resultSchema.parse(await mcp.callTool({ name, arguments: JSON.parse(call.arguments) }));
  return result.content.map((block) => block.text).join('\n');
}

interface Row {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

async function commit({ pool }: Parts, thread: string, { role, text }: Row): Promise<void> {
  await pool.query('insert into messages (thread, role, text) values ($1, $2, $3)', [thread, role, text]);
}

function createReply(parts: Parts): (raw: unknown) => Promise<unknown> {
  const threads = new Map<string, Thread>();
  let request: Request = { stream: true };
  return async (raw) => {
    const question = questions.parse(raw);
    switch (question.type) {
      case 'template':
        request = question.request as Request;
        return undefined;
      case 'threads':
        for (const name of question.ids) {
          threads.set(name, { name, request, input: [...question.input] as unknown as ResponseInputItem[] });
        }
        return undefined;
      case 'turn':
        return await timed(parts, threads.get(question.thread));
      case 'cpu':
        return cpuMs();
      default:
        return question satisfies never;
    }
  };
}

async function timed(parts: Parts, thread: Thread | undefined): Promise<number> {
  if (thread === undefined) throw new Error('no such thread');
  const startedAt = performance.now();
  await turn(parts, thread);
  return performance.now() - startedAt;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function open([databaseUrl = '', modelUrl = '', mcpUrl = '']: readonly string[]): Promise<Parts> {
  const openai = new OpenAI({ apiKey: 'bench', baseURL: modelUrl });
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 20 });
  for (const statement of tables) await pool.query(statement);
  const mcp = new Client({ name: 'floor', version: '1.0.0' });
  // The SDK's own transport class does not fit its own interface under exactOptionalPropertyTypes.
  await mcp.connect(new StreamableHTTPClientTransport(new URL(mcpUrl)) as Transport);
  await mcp.listTools();
  return { openai, mcp, pool };
}

const tables = [
  `create table messages (
    id bigint generated always as identity primary key,
    thread text not null,
    role text not null,
    text text not null,
    at timestamptz not null default now()
  )`,
  `create index messages_thread on messages (thread, id)`,
];

serve({ ready: true, answer: createReply(await open(process.argv.slice(2))) });
