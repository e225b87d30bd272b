import type { Caller, Row } from './definition.ts';
import { nameOf } from './input.ts';
import { llmProviders } from './llm-providers.ts';
import { ownPrices } from './model-price.ts';
import type { ModelRow, ServerRow } from './port.ts';
import type { Rows } from './rows.ts';
import type { ModelTest, ServerCheck, World } from './world.ts';

interface Wanted {
  readonly row: Row;
  readonly rows: Rows;
  readonly world: World;
  readonly by: Caller;
  /** What is wrong may be told with its cause. */
  readonly isOpen: boolean;
}

/** Calls a model once as its row says, stored or not. */
export async function tryModel({ row, rows, world, by, isOpen }: Wanted) {
  const provider = await rows.find(llmProviders, { name: nameOf(row.llm_provider) });
  return tested(await world.tryModel(modelRowOf(row, provider), by.author.principal), isOpen);
}

/** Asks a server as its row says, stored or not. */
export async function tryServer({ row, world, isOpen }: Wanted) {
  if (row.protocol === 'http' && row.auth !== 'none')
    return { ok: false, message: 'A server with OAuth is tested once it is saved, and somebody signed in.' };
  return checked(await world.tryServer(serverRowOf(row)), isOpen);
}

function tested(test: ModelTest, isOpen: boolean) {
  const took = `${test.latencyMs} ms`;
  if (!test.ok) {
    const why = isOpen ? test.detail : (test.guarded ?? test.detail);
    return { ok: false, message: `${why} (${test.kind}, after ${took})` };
  }
  return { ok: true, message: `The model answered “${test.text}” in ${took}, with ${test.tokens} tokens.` };
}

function checked({ healthy, message, guarded = message, details, latencyMs }: ServerCheck, isOpen: boolean) {
  if (!healthy && !isOpen) return { ok: false, message: guarded };
  if (healthy) return { ok: true, message: `${message} It took ${Math.round(latencyMs)} ms.` };
  return { ok: false, message: details === '' || details === message ? message : `${message} ${details}` };
}

function modelRowOf(row: Row, provider: Row | undefined): ModelRow {
  return {
    id: row.id,
    name: String(row.name),
    provider: nameOf(row.llm_provider),
    providerConfig: objectOf(provider?.config_schema),
    modelConfig: objectOf(row.model_config),
    secretReference: String(row.model_secret_key),
    ownPrices: ownPrices(row),
    ...number('temperature', row.temperature),
    ...number('contextWindow', row.context_window),
    ...number('maxTokens', row.max_tokens),
  };
}

function serverRowOf(row: Row): ServerRow {
  return {
    id: row.id,
    name: String(row.name),
    protocol: row.protocol === 'stdio' ? 'stdio' : 'http',
    type: row.mcp_type === 'external' ? 'external' : 'internal',
    url: String(row.url),
    mcpEndpoint: String(row.mcp_endpoint),
    healthCheck: String(row.health_check),
    command: String(row.command),
    args: Array.isArray(row.args) ? row.args.map(String) : [],
    env: textsOf(row.env),
    headers: textsOf(row.headers),
    isTrusted: row.is_trusted === true,
    toolsCacheSeconds: Number(row.tools_cache_seconds),
    toolOverrides: {},
    pins: { accepted: [], refused: [] },
  };
}

function number<Name extends string>(name: Name, value: unknown) {
  return typeof value === 'number' ? { [name]: value } : {};
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(objectOf(value)).map(([name, text]) => [name, String(text)]));
}
