import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { openStage, type Stage } from './stage.ts';

const answer = z.looseObject({ turn_id: z.string(), footer: z.string(), usage: z.looseObject({}) });
const sums = z.object({ results: z.array(z.looseObject({ model: z.string() })) });

let stage: Stage;

beforeAll(async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'ai-ops-prices-')), 'prices.json');
  const price = { provider: 'openai', model: 'priced', input: 2, output: 10, cache_read: 0.5 };
  await writeFile(path, JSON.stringify({ prices: [{ ...price, date: '2026-11', source: 'Test' }] }));
  stage = await openStage({ env: { AI_OPS_PRICES: path, AI_OPS_MODEL: 'priced' } });
});
afterAll(() => stage.close());

async function get(path: string): Promise<unknown> {
  return await (await stage.bot.fetch(path)).json();
}

it('a turn says what it cost: in its footer, to programs, in the sums and in the metrics', async () => {
  const usage = { input: 10_000, output: 1000, cached: 4000, reasoning: 300 };
  stage.llm.script(
    { calls: [{ name: 'nobody__nothing', arguments: '{}' }], usage },
    { text: 'Fine.', usage: { ...usage, cached: 0 } },
  );
  const init = { method: 'POST', body: JSON.stringify({ message: 'Cost?', thread_id: 'cost' }) };
  const sent = await stage.bot.fetch('/plugins/ai-ops/api/chat/', init);
  const counted = {
    ...{ input_tokens: 20_000, output_tokens: 2000, cache_read_tokens: 4000, cache_write_tokens: 0 },
    ...{ reasoning_tokens: 600, cost_usd: 0.054, cost_is_whole: true },
  };
  const { footer, usage: told } = answer.parse(await sent.json());
  expect(footer).toMatch(/^priced · 22,000 tokens · \$0\.0540 · \d/);
  expect(told).toEqual(counted);
  expect(await get('/plugins/ai-ops/api/chat/cost/')).toMatchObject({ turn: { usage: counted } });
  const { results } = sums.parse(await get('/api/plugins/ai-ops/usage/?by=model,thread'));
  expect(results).toMatchObject([{ model: 'priced', calls: 2, turns: 1, unpriced_calls: 0, ...counted }]);
  const metrics = await (await stage.bot.fetch('/metrics')).text();
  expect(metrics).toContain('ai_ops_cost_usd_total{model="priced"} 0.054');
  expect(metrics).toContain('ai_ops_tokens_total{model="priced",direction="cache_read"} 4000');
});

it('a model shows its price with source and date', async () => {
  const { results } = sums
    .extend({ results: z.array(z.looseObject({})) })
    .parse(await get('/api/plugins/ai-ops/llm-models/'));
  expect(results).toMatchObject([
    {
      effective_price: { input: 2, output: 10, cache_read: 0.5, cache_write: null, tiers: [] },
      price_source: 'Test',
      price_date: '2026-11',
    },
  ]);
});

it('a test of a model costs like any other call: whoever tests it, saved or not', async () => {
  const { llm, bot } = stage;
  const usage = { input: 1000, output: 100 };
  llm.script({ text: 'OK.', usage }, { text: 'OK.', usage });
  const say = async (line: string) =>
    await bot.fetch('/plugins/ai-ops/api/command/', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ line }),
    });
  const before = await usageOf('priced');
  expect(await (await say('models test priced')).text()).toContain('OK.');
  await expect
    .poll(() => usageOf('priced'))
    .toEqual({ ...before, calls: before.calls + 1, cost: before.cost + 0.003 });
  const config = { base_url: `${llm.url}/v1`, api: 'chat' };
  const row = {
    ...{ name: 'unsaved', llm_provider: 'openai', model_secret_key: 'env:OPENAI_API_KEY' },
    ...{ model_config: config, input_price: 2, output_price: 10 },
  };
  const body = JSON.stringify({ asked: { path: 'llm-models' }, values: row });
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body };
  const tried = await bot.fetch('/plugins/ai-ops/api/command/try/', init);
  expect(await tried.text()).toContain('OK.');
  await expect.poll(() => usageOf('unsaved')).toEqual({ calls: 1, turns: 0, cost: 0.003 });
});

async function usageOf(model: string) {
  const found = z
    .object({ results: z.array(z.object({ calls: z.number(), turns: z.number(), cost_usd: z.number() })) })
    .parse(await get(`/api/plugins/ai-ops/usage/?by=model&model=${model}`)).results[0];
  return { calls: found?.calls ?? 0, turns: found?.turns ?? 0, cost: found?.cost_usd ?? 0 };
}
