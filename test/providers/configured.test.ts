import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ServingBot, startBot } from '../fakes/bot-process.ts';
import { type FakeEntra, startEntra } from '../fakes/entra.ts';
import { type StrictLlm, startStrictLlm } from '../fakes/llm/server.ts';

const api = '/api/plugins/ai-ops';
const plugins = fileURLToPath(new URL('../fixtures/plugins', import.meta.url));
const certificate = fileURLToPath(new URL('../fixtures/tls/localhost.crt', import.meta.url));
const answerSchema = z.object({ response: z.string() });

describe('models of other vendors in a running bot', () => {
  let entra: FakeEntra;
  let llm: StrictLlm;
  let bot: ServingBot;
  let dataDir: string;

  beforeAll(async () => {
    entra = await startEntra();
    llm = await startStrictLlm({ apiKey: entra.token, reply: () => ({ text: 'Hello from Azure.' }) });
    dataDir = await mkdtemp(join(tmpdir(), 'ai-ops-vendors-'));
    bot = await startBot({
      DATA_DIR: dataDir,
      AI_OPS_PLUGINS_DIR: plugins,
      AZURE_OPENAI_API_KEY: entra.token,
      AZURE_OPENAI_ENDPOINT: `${llm.url}/`,
      AZURE_GPT4_API_KEY: entra.token,
      AZURE_TENANT_ID: entra.tenantId,
      AZURE_CLIENT_ID: entra.clientId,
      AZURE_CLIENT_SECRET: entra.secret,
      AZURE_AUTHORITY_HOST: entra.authorityHost,
      NODE_EXTRA_CA_CERTS: certificate,
    });
  }, 120_000);
  afterAll(async () => {
    bot.kill('SIGTERM');
    await bot.ended;
    await Promise.all([llm.close(), entra.close(), rm(dataDir, { recursive: true, force: true })]);
  });

  async function post(path: string, body: object) {
    const response = await bot.fetch(`${api}${path}`, { method: 'POST', body: JSON.stringify(body) });
    const json = z.record(z.string(), z.unknown()).parse(await response.json());
    return { status: response.status, json };
  }

  it('the one that the environment describes answers by the v1 API', async () => {
    const answer = await bot.ask('Hello?', 'one');
    expect(answerSchema.parse(await answer.json()).response).toContain('Hello from Azure.');
    expect(llm.requests.at(-1)).toMatchObject({
      path: '/openai/v1/responses',
      headers: { 'api-key': entra.token },
    });
  });

  it('the example of the Nautobot App is saved and passes its test on an API of its time', async () => {
    const made = await post('/llm-models/', {
      name: 'gpt-4-turbo',
      description: 'Fast GPT-4 model',
      model_secret_key: 'azure_gpt4_api_key',
      azure_endpoint: `${llm.url}/`,
      api_version: '2024-02-15-preview',
      is_default: false,
      temperature: 0.3,
    });
    expect(made.status, JSON.stringify(made.json)).toBe(201);
    const tested = await post(`/llm-models/${made.json.id}/test/`, {});
    expect(tested.json).toMatchObject({ ok: true, text: 'Hello from Azure.' });
    const sent = llm.requests.at(-1);
    expect(sent?.path).toBe(
      '/openai/deployments/gpt-4-turbo/chat/completions?api-version=2024-02-15-preview',
    );
    expect(sent?.headers['api-key']).toBe(entra.token);
    expect(sent?.body).toMatchObject({ temperature: 0.3, max_tokens: 64 });
  });

  it('one signs in at Entra ID as who the environment says', async () => {
    const made = await post('/llm-models/', {
      name: 'gpt-4.1',
      llm_provider: 'azure_ai',
      model_secret_key: 'env:AZURE_CLIENT_SECRET',
      model_config: { azure_endpoint: llm.url, auth: 'entra' },
    });
    expect(made.status, JSON.stringify(made.json)).toBe(201);
    const tested = await post(`/llm-models/${made.json.id}/test/`, {});
    expect(tested.json).toMatchObject({ ok: true, text: 'Hello from Azure.' });
    expect(llm.requests.at(-1)?.headers.authorization).toBe(`Bearer ${entra.token}`);
    expect(bot.stdout() + bot.stderr()).not.toContain(entra.secret);
  });

  it('an API version that cannot be is refused when it is saved', async () => {
    const refused = await post('/llm-models/', {
      name: 'x',
      azure_endpoint: `${llm.url}/`,
      api_version: 'latest-and-greatest',
    });
    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.json)).toContain('2025-04-01-preview');
  });

  it('a module in AI_OPS_PLUGINS_DIR answers', async () => {
    const provider = await post('/llm-providers/', { name: 'custom', config_schema: { greeting: 'Ahoy' } });
    expect(provider.status, JSON.stringify(provider.json)).toBe(201);
    const model = { name: 'polly', llm_provider: 'custom', is_default: true };
    const outside = await post('/llm-models/', { ...model, model_config: { module: '../parrot.js' } });
    expect(outside.status).toBe(400);
    const made = await post('/llm-models/', { ...model, model_config: { module: 'parrot.js' } });
    expect(made.status, JSON.stringify(made.json)).toBe(201);
    const answer = await bot.ask('Who is pretty?', 'two');
    expect(answerSchema.parse(await answer.json()).response).toContain('Ahoy: Who is pretty?');
  });
});
