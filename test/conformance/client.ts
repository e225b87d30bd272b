import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Json, JsonObject } from '../../src/agent/json.ts';
import type { NeedAnswer, Tool, ToolOutcome } from '../../src/agent/tool.ts';
import { systemClock } from '../../src/observe/port.ts';
import { guardedFetch } from '../../src/tools/guarded-fetch.ts';
import { createAuthorizer } from '../../src/tools/mcp/auth/authorizer.ts';
import { createSignIns } from '../../src/tools/mcp/auth/sign-in.ts';
import { createDial } from '../../src/tools/mcp/dial.ts';
import type { QuestionAnswer, ServerQuestion } from '../../src/tools/mcp/elicitation.ts';
import { createPool } from '../../src/tools/mcp/pool.ts';
import type { ServerAuth, ServerConfig } from '../../src/tools/port.ts';
import { silentLog } from '../fakes/log.ts';
import { memoryOAuthStore } from '../fakes/oauth-store.ts';

/**
 * What the conformance suite runs for each of its scenarios: the bot's own pool and sign-in connect to
 * the server at the last argument, list, and call every tool. A person who signs in at once is played by
 * following the authorization server's redirect.
 */
const address = new URL(process.argv.at(-1) ?? '');
const scenario = process.env.MCP_CONFORMANCE_SCENARIO ?? '';
const contextSchema = z.looseObject({
  client_id: z.string().default(''),
  client_secret: z.string().default(''),
  private_key_pem: z.string().default(''),
  signing_algorithm: z.enum(['RS256', 'PS256', 'ES256', 'ES384']).default('ES256'),
});
const context = contextSchema.parse(JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}'));

const person = 'web:somebody';
const serverId = '00000000-0000-4000-8000-000000000001';
const facts = () => ({
  redirectUrl: 'http://127.0.0.1:3000/oauth/mcp/callback',
  // What the suite takes for the address of a client id metadata document.
  documentUrl: 'https://conformance-test.local/client-metadata.json',
});

const auth: ServerAuth = {
  type: scenario.startsWith('auth/client-credentials') ? 'client_credentials' : 'oauth_user',
  clientId: context.client_id,
  clientSecret: context.client_secret,
  privateKey: context.private_key_pem,
  keyAlgorithm: context.signing_algorithm,
  scopes: '',
  issuer: '',
};
const config: ServerConfig = {
  id: serverId,
  name: 'conformance',
  protocol: 'http',
  type: 'internal',
  url: address.origin,
  mcpEndpoint: address.pathname,
  healthCheck: '',
  headers: {},
  command: '',
  args: [],
  env: {},
  isTrusted: false,
  overrides: {},
  pins: { accepted: [], refused: [], acceptedBy: 'system:lab' },
  ...(scenario.startsWith('auth/') ? { auth } : {}),
};

const store = memoryOAuthStore();
const fetchFor = guardedFetch({ environment: {} });
const log = silentLog;
const authorizer = createAuthorizer({ store, fetchFor, facts, owner: 'test', log });
const signIns = createSignIns({
  store,
  fetchFor,
  facts,
  publicUrl: () => 'http://127.0.0.1:3000',
  server: async () => config,
  clock: systemClock,
  log,
  changed: () => {},
});
const childrenDir = await mkdtemp(join(tmpdir(), 'ai-ops-conformance-'));
const dialOptions = { log, childrenDir, environment: {}, version: '1', fetchFor, authorizer };
const pool = createPool({ ...dialOptions, connectTimeoutMs: 25_000 });

/** As a browser would, whose person agrees to everything. */
async function signIn(): Promise<void> {
  const { url } = await signIns.signInLink(serverId, person);
  const { location, browser } = await signIns.begin(new URL(url).searchParams.get('link') ?? '');
  const response = await fetch(location, { redirect: 'manual' });
  await response.body?.cancel();
  const back = new URL(response.headers.get('location') ?? '');
  await signIns.finish({ query: back.search, browser });
  await pool.reconnect(serverId, person);
}

/** Gives the call what it needs of its asker, three times at most. */
async function call(tool: Tool): Promise<ToolOutcome> {
  const answers: NeedAnswer[] = [];
  for (;;) {
    const outcome = await tool.run(argumentsFor(tool.inputSchema), AbortSignal.timeout(20_000), {
      asker: person,
      answers,
    });
    const { need } = outcome;
    if (need === undefined || answers.length === 3) return outcome;
    if (need.type === 'sign_in') await signIn();
    answers.push({ need, action: 'accept', ...(need.type === 'form' ? filledIn(need.schema) : {}) });
  }
}

const propertiesSchema = z.record(z.string(), z.looseObject({ type: z.string().optional() })).catch({});

/** As a person who changes nothing in a form. */
function filledIn({ properties }: JsonObject): { readonly content: JsonObject } {
  const defaults = z.record(z.string(), z.looseObject({ default: z.json().optional() })).catch({});
  const entries = Object.entries(defaults.parse(properties));
  return { content: Object.fromEntries(entries.map(([name, field]) => [name, field.default])) };
}

function argumentsFor({ properties }: JsonObject): JsonObject {
  const entries = Object.entries(propertiesSchema.parse(properties));
  return Object.fromEntries(entries.map(([name, { type = '' }]) => [name, exampleOf(type)]));
}

function exampleOf(type: string): Json {
  return /^(number|integer)$/.test(type) ? 2 : 'text';
}

/** One session whose person is there and agrees to every form as it is; the pool asks and runs again. */
async function runAnsweringAtOnce(): Promise<void> {
  const signal = AbortSignal.timeout(20_000);
  const connection = createDial(dialOptions)(config, { onClose: () => {}, onToolsChanged: () => {} });
  await connection.connect(signal);
  const hear = (question: ServerQuestion): QuestionAnswer =>
    question.mode === 'form' ? { action: 'accept', ...filledIn(question.schema) } : { action: 'cancel' };
  const { tools } = z
    .object({ tools: z.array(z.looseObject({ name: z.string() })) })
    .parse({ tools: await connection.listTools(signal) });
  for (const { name } of tools) {
    const limits = { signal, timeoutMs: 20_000, maxTotalMs: 20_000 };
    await connection.callTool({ tool: name, args: {}, questions: { hear, missed() {} }, ...limits });
  }
  await connection.close();
}

async function run(): Promise<void> {
  if (scenario.startsWith('elicitation')) return await runAnsweringAtOnce();
  await pool.use([config]);
  const mustSignIn = config.auth?.type === 'oauth_user' && pool.tools().length === 0;
  if (mustSignIn) await signIn();
  for (const tool of pool.tools()) {
    const outcome = await call(tool);
    process.stdout.write(`${tool.name}: ${outcome.isError ? 'failed: ' : ''}${outcome.text}\n`);
  }
  const [state] = pool.states();
  if (state?.status !== 'connected') throw new Error(state?.error ?? 'not connected');
}

const failure = await run().then(
  () => undefined,
  (error: unknown) => (error instanceof Error ? error.message : String(error)),
);
if (failure !== undefined) process.stderr.write(`${failure}\n`);
await pool.close();
// What a server has not answered yet would keep the process until its time is up.
process.exit(failure === undefined ? 0 : 1);
