import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { noUsage } from '../../src/agent/provider.ts';
import { costOf } from '../../src/providers/cost.ts';
import { PricesError, readPrices } from '../../src/providers/prices.ts';

const priceOf = await readPrices();
const of = (provider: string, name: string, config = {}) => priceOf({ provider, name, config });

async function fileOf(content: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'ai-ops-prices-')), 'prices.json');
  await writeFile(path, content);
  return path;
}

describe('a price', () => {
  it('is that of the model and of its dated versions, with source and date', () => {
    const price = { input: 2, output: 10, cacheRead: 0.1, date: '2026-11', source: expect.any(String) };
    expect(of('openai', 'gpt-6.1-sol')).toMatchObject(price);
    expect(of('openai', 'gpt-6.1-sol-2026-10-07')).toEqual(of('openai', 'gpt-6.1-sol'));
    expect(of('anthropic', 'claude-haiku-4-5-20251001')).toMatchObject({ input: 1, output: 5 });
  });

  it.each([
    ['openai', 'gpt-5.5-mini'],
    ['openai', 'gpt-6.1'],
    ['anthropic', 'claude-opus-5-7'],
    ['anthropic', 'claude-fable-5-2'],
    ['anthropic', 'claude-mythos-5-2'],
    ['custom', 'gpt-6.1-sol'],
    ['azure_ai', 'our-deployment'],
    ['huggingface', 'openai/gpt-oss-120b'],
    ['ollama', 'qwen3-coder:480b-cloud'],
  ])('of %s %s is unknown', (provider, name) => {
    expect(of(provider, name)).toBeUndefined();
  });

  it('follows the underlying model on Azure and Hugging Face', () => {
    expect(of('azure_ai', 'gpt-6-luna')).toEqual(of('openai', 'gpt-6-luna'));
    expect(of('huggingface', 'openai/gpt-6-luna:fastest')).toEqual(of('openai', 'gpt-6-luna'));
  });

  it('is nothing for a model of one’s own Ollama, and unknown for Ollama’s cloud', () => {
    expect(of('ollama', 'qwen3:8b')).toMatchObject({ input: 0, output: 0 });
    expect(of('ollama', 'qwen3:8b', { base_url: 'https://ollama.com' })).toBeUndefined();
  });

  it('of cache writes depends on how long the cache is kept', () => {
    expect(of('anthropic', 'claude-opus-5-5')).toMatchObject({ cacheWrite: 5 });
    expect(of('anthropic', 'claude-opus-5-5', { cache: '1h' })).toMatchObject({ cacheWrite: 8 });
    expect(of('anthropic', 'claude-opus-5', { cache: '1h' })).not.toHaveProperty('cacheWrite');
  });

  it('of the operator’s file wins, and what is set for the model wins over that', async () => {
    const prices = [
      { provider: 'openai', model: 'gpt-6*', input: 7, output: 8, date: '2026-11-20', source: 'Contract' },
    ];
    const own = await readPrices(await fileOf(JSON.stringify({ prices })));
    const model = { provider: 'openai', name: 'gpt-6.1-sol', config: {} };
    expect(own(model)).toEqual({ input: 7, output: 8, tiers: [], date: '2026-11-20', source: 'Contract' });
    expect(own({ ...model, name: 'gpt-5.5' })).toMatchObject({ input: 5 });
    expect(own({ ...model, own: { input: 1 } })).toMatchObject({
      input: 1,
      output: 8,
      source: 'Set for this model',
    });
  });

  it.each([
    ['is no JSON', '{'],
    [
      'has an unknown field',
      '{"prices":[{"provider":"openai","model":"x","inputs":1,"date":"2026-11","source":"x"}]}',
    ],
    [
      'has a negative price',
      '{"prices":[{"provider":"openai","model":"x","input":-1,"date":"2026-11","source":"x"}]}',
    ],
    ['says no source', '{"prices":[{"provider":"openai","model":"x","input":1,"date":"2026-11"}]}'],
  ])('of a file that %s is refused', async (_what, content) => {
    const path = await fileOf(content);
    const error = await readPrices(path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PricesError);
    expect(String(error)).toContain(path);
    expect(String(error)).toContain('AI_OPS_PRICES');
  });
});

describe('the cost of a request', () => {
  const usage = { ...noUsage, input: 1_000_000, output: 100_000 };

  it('adds uncached input, cache reads, cache writes and output', () => {
    const price = of('openai', 'gpt-6-sol');
    const cached = { ...usage, cacheRead: 500_000, cacheWrite: 200_000, reasoning: 90_000 };
    expect(costOf(price, cached)).toEqual({ usd: 0.6 + 0.1 + 0.5 + 1, isWhole: true });
  });

  it('is that of the whole request once it is longer than a tier', () => {
    const price = of('openai', 'gpt-5.6-sol');
    expect(costOf(price, { ...noUsage, input: 272_000 })).toEqual({ usd: 1.088, isWhole: true });
    expect(costOf(price, { ...noUsage, input: 272_001, output: 1000 })).toEqual({
      usd: 2.206008,
      isWhole: true,
    });
  });

  it('is at least what is known where a rate is not', () => {
    const price = of('anthropic', 'claude-opus-5');
    expect(costOf(price, { ...usage, cacheRead: 400_000 })).toEqual({ usd: 3 + 2.5, isWhole: false });
  });

  it('is unknown without a price, and where nothing was counted', () => {
    expect(costOf(undefined, usage)).toBeUndefined();
    expect(costOf(of('openai', 'gpt-6-sol'), noUsage)).toBeUndefined();
    expect(costOf({ tiers: [], source: 'x', cacheRead: 1 }, usage)).toBeUndefined();
  });

  it('is nothing where everything is free', () => {
    expect(costOf(of('ollama', 'qwen3:8b'), usage)).toEqual({ usd: 0, isWhole: true });
    expect(costOf(of('ollama', 'qwen3:8b'), noUsage)).toEqual({ usd: 0, isWhole: true });
  });
});
