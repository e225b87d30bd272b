import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import { startTestBot, type TestBot, type TestBotOptions } from '../fakes/bot.ts';
import { createPostgresDatabase } from '../fakes/database.ts';
import { type StrictLlm, type StrictLlmOptions, startStrictLlm } from '../fakes/llm/server.ts';
import { startMcpServer, type TestMcpServer } from '../fakes/mcp-server.ts';

/** A bot with a strict model and real MCP servers, spoken to over its HTTP API. */
export interface Stage extends Door {
  readonly bot: TestBot;
  readonly llm: StrictLlm;
  /** What the bot is started with: a second one made with it is another replica, or the next start. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export interface StageOptions extends Omit<TestBotOptions, 'env'> {
  readonly env?: Readonly<Record<string, string>>;
  /** Its name is the first part of the tools' names. */
  readonly servers?: readonly ServerOnStage[];
  readonly reply?: StrictLlmOptions['reply'];
  /** More MCP servers, as rows of the bootstrap file. */
  readonly rows?: readonly object[];
  /** Rows of other resources in the bootstrap file, by their REST paths. */
  readonly others?: Readonly<Record<string, readonly object[]>>;
  /** Of the model server; the strict model where absent. */
  readonly modelUrl?: string;
}

export interface ServerOnStage {
  readonly name: string;
  readonly isTrusted: boolean;
  readonly define: (server: McpServer) => void;
}

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const { servers = [], rows = [], others = {}, reply, env: more = {}, modelUrl, ...rest } = options;
  const llm = await startStrictLlm(reply === undefined ? {} : { reply });
  const running = await Promise.all(servers.map((server) => startMcpServer(server.define)));
  const file = join(tmpdir(), `bootstrap-${randomUUID()}.json`);
  const url = `${modelUrl ?? llm.url}/v1`;
  const models = more.AI_OPS_ENV === undefined ? [] : [modelRow(url)];
  const mcp = [...rowsOf(servers, running), ...rows];
  await writeFile(file, JSON.stringify({ ...others, 'mcp-servers': mcp, 'llm-models': models }));
  const env = {
    AI_OPS_BOOTSTRAP: file,
    OPENAI_API_KEY: 'test-key',
    OPENAI_API: 'chat',
    OPENAI_BASE_URL: url,
    ...more,
  };
  const bot = await startTestBot({ env, ...rest });
  if (!['LAB', undefined].includes(more.AI_OPS_ENV)) await acceptTools(bot, servers);
  return {
    ...openDoor((path, init) => bot.fetch(path, init)),
    bot,
    llm,
    env,
    async close() {
      await bot.stop();
      await Promise.all([llm.close(), ...running.map((server) => server.close()), rm(file, { force: true })]);
    },
  };
}

function rowsOf(servers: readonly ServerOnStage[], running: readonly TestMcpServer[]) {
  return servers.map(({ name, isTrusted }, at) => ({
    name,
    protocol: 'http',
    url: running[at]?.url,
    is_trusted: isTrusted,
  }));
}

const listSchema = z.object({ results: z.array(z.object({ id: z.string(), name: z.string() })) });

/** Outside LAB the tools of every server wait for an administrator. */
async function acceptTools(bot: TestBot, servers: readonly ServerOnStage[]): Promise<void> {
  const path = '/api/plugins/ai-ops/mcp-servers/';
  const { results } = listSchema.parse(await (await bot.fetch(path)).json());
  for (const { id } of results.filter(({ name }) => servers.some((server) => server.name === name))) {
    const body = JSON.stringify({ tools: 'all' });
    const answer = await bot.fetch(`${path}${id}/accept-tools/`, { method: 'POST', body });
    if (!answer.ok) throw new Error(await answer.text());
  }
}

/** Outside LAB a model must be configured. */
function modelRow(url: string) {
  return {
    name: 'test-model',
    llm_provider: 'openai',
    model_secret_key: 'env:OPENAI_API_KEY',
    is_default: true,
    model_config: { base_url: url, api: 'chat' },
  };
}

/** The environment of each database that the bot runs on. */
export const onDatabases = {
  embedded: async () => ({}),
  postgresql: async () => ({ DATABASE_URL: await createPostgresDatabase('migrated') }),
} as const;

const answerSchema = z.object({
  response: z.string().default(''),
  thread_id: z.string().default(''),
  turn_id: z.string().default(''),
  status: z.string().default(''),
  approval_ids: z.array(z.string()).default([]),
  code: z.string().optional(),
  detail: z.string().optional(),
  reference_id: z.string().optional(),
});

const approvalSchema = z.object({
  id: z.string(),
  tool: z.string(),
  effect: z.string(),
  arguments: z.string(),
  note: z.string().optional(),
  asked_by: z.string(),
  state: z.string(),
  decided_by: z.string().optional(),
  reason: z.string().optional(),
  allows: z.array(z.string()).optional(),
  edited_arguments: z.string().optional(),
  response: z.string().optional(),
});

const messageSchema = z.object({
  role: z.string(),
  kind: z.string().optional(),
  code: z.string().optional(),
  text: z.string(),
  turn_id: z.string(),
  tool: z.string().optional(),
  arguments: z.string().optional(),
  edited_arguments: z.string().optional(),
  edited_by: z.string().optional(),
  status: z.string().optional(),
  approvals: z.array(approvalSchema).default([]),
});

const turnSchema = z.object({ turn_id: z.string(), status: z.string(), approvals: z.array(approvalSchema) });
/** A thread that nobody knows yet has no messages and a turn without a status. */
const threadSchema = z.object({
  messages: z.array(messageSchema).default([]),
  turn: turnSchema.default({ turn_id: '', status: '', approvals: [] }),
});
const decisionSchema = z.object({ approval: approvalSchema.optional(), code: z.string().optional() });

export type Answer = z.infer<typeof answerSchema> & { readonly http: number };

/** The HTTP API as its users see it. */
export interface Door {
  ask(message: string, thread?: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  thread(id: string): Promise<z.infer<typeof threadSchema>>;
  decide(
    approvalId: string | undefined,
    decision: 'approve' | 'deny',
    reason?: string,
  ): Promise<z.infer<typeof decisionSchema> & { readonly http: number }>;
  /** Says anything to an approval: the HTTP status and the whole body. */
  say(approvalId: string | undefined, body: object): Promise<Readonly<Record<string, unknown>>>;
  /** Whether there was something to stop. */
  stopThread(id: string): Promise<boolean>;
  /** The thread once its newest turn is neither queued nor running. */
  settled(id: string): Promise<z.infer<typeof threadSchema>>;
}

const api = '/plugins/ai-ops/api';

export function openDoor(fetch: (path: string, init?: RequestInit) => Promise<Response>): Door {
  const post = (path: string, body: object, headers = {}) =>
    fetch(`${api}${path}`, { method: 'POST', body: JSON.stringify(body), headers });
  const thread = async (id: string) => threadSchema.parse(await (await fetch(`${api}/chat/${id}/`)).json());
  return {
    async ask(message, id, headers) {
      const response = await post('/chat/', { message, thread_id: id ?? null }, headers);
      return { ...answerSchema.parse(await response.json()), http: response.status };
    },
    thread,
    async decide(approvalId, decision, reason) {
      const body = reason === undefined ? { decision } : { decision, reason };
      const response = await post(`/approvals/${approvalId}/`, body);
      return { ...decisionSchema.parse(await response.json()), http: response.status };
    },
    async say(approvalId, body) {
      const response = await post(`/approvals/${approvalId}/`, body);
      return { ...z.looseObject({}).parse(await response.json()), http: response.status };
    },
    async stopThread(id) {
      const response = await post(`/chat/${id}/stop/`, {});
      return z.object({ stopped: z.boolean() }).parse(await response.json()).stopped;
    },
    async settled(id) {
      for (let attempt = 0; attempt < 400; attempt += 1) {
        const seen = await thread(id);
        if (!['', 'queued', 'running'].includes(seen.turn.status)) return seen;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      throw new Error(`the thread ${id} did not come to rest`);
    },
  };
}

const requestSchema = z.object({
  messages: z.array(
    z.object({
      role: z.string(),
      content: z.string().nullable(),
      tool_calls: z.array(z.unknown()).optional(),
    }),
  ),
});

/** What the model was sent, without the system prompt, as `role: text`. */
export function conversationOf(request: { readonly body: unknown } | undefined): readonly string[] {
  const { messages } = requestSchema.parse(request?.body);
  return messages
    .filter((message) => message.role !== 'system')
    .map((message) => `${message.role}: ${message.content ?? '(calls)'}`);
}

/** Waits until something holds; fails after `ms`. */
export async function until(holds: () => boolean | Promise<boolean>, ms = 30_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`it never came to hold: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const readySchema = z.object({ servers: z.record(z.string(), z.object({ status: z.string() })) });

/** Waits until the MCP servers of these names are connected. */
export async function whenConnected(stage: Stage, ...names: readonly string[]): Promise<void> {
  await until(async () => {
    const { servers } = readySchema.parse(await (await stage.bot.fetch('/health/ready')).json());
    return names.every((name) => servers[name]?.status === 'ok');
  }, 30_000);
}
