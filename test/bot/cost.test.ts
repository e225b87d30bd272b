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
