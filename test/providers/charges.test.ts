import { describe, expect, it } from 'vitest';
import type { Lost } from '../../src/agent/think.ts';
import { think } from '../../src/agent/think.ts';
import { chargesFor } from '../../src/providers/cost.ts';
import { readPrices } from '../../src/providers/prices.ts';
import { type ResilientOptions, resilient } from '../../src/providers/resilient.ts';
import { type ScriptedReply, startStrictLlm } from '../fakes/llm/server.ts';
import { ask } from './hear.ts';
import { anthropicMessages, openaiResponses, type Subject } from './subjects.ts';

const priceOf = await readPrices();
const listener = { text: () => {}, reasoning: () => {}, restart: () => {} };
const sol = { provider: 'openai', name: 'gpt-6.1-sol', config: {} };
const haiku = { provider: 'anthropic', name: 'claude-haiku-4-5', config: {} };

/** What one call came to: its step or its failure, and what was lost. */
async function called(
  subject: Subject,
  model: typeof sol,
  replies: readonly ScriptedReply[],
  options: ResilientOptions = {},
) {
  const llm = await startStrictLlm();
  llm.script(...replies);
  const lost: Lost[] = [];
  const charge = chargesFor(model.name, priceOf(model));
  const provider = resilient(await subject.open(llm.url, { model: model.name }), {
    charge,
    sleep: async () => undefined,
    ...options,
  });
  const context = {
    modelName: 'asked',
    takenIds: new Set<string>(),
    listener,
    lost: (one: Lost) => void lost.push(one),
  };
  const step = await think(provider, ask('?'), { ...context, signal: new AbortController().signal }).catch(
    (error: unknown) => error,
  );
  await llm.close();
  return { step, lost };
}

const usage = { input: 1000, output: 100 };

describe('a call is charged', () => {
  it('what the vendor counted, by the price of the model', async () => {
    const { step } = await called(openaiResponses, sol, [{ text: 'x', usage: { ...usage, cached: 500 } }]);
    expect(step).toMatchObject({
      charges: [
        { model: 'gpt-6.1-sol', cost: { usd: 0.00205, isWhole: true }, priceSource: expect.any(String) },
      ],
    });
  });

  it('for a try that broke off too, as far as it was counted', async () => {
    const broken = { text: ['a', 'b', 'c'], usage, fault: { type: 'eof', afterFrames: 4 } } as const;
    const { step } = await called(anthropicMessages, haiku, [broken, { text: 'x', usage }]);
    expect(step).toMatchObject({
      usage: { input: 2000, output: 101 },
      charges: [{ cost: { usd: 0.002505, isWhole: false } }],
    });
  });

  it('at least, when a vendor never counted what it said', async () => {
    const broken = { text: ['a', 'b', 'c'], usage, fault: { type: 'eof', afterFrames: 5 } } as const;
    const { step } = await called(openaiResponses, sol, [broken, { text: 'x', usage }]);
    expect(step).toMatchObject({ charges: [{ cost: { usd: 0.003, isWhole: false } }] });
  });

  it('when it fails for good, too', async () => {
    const broken = { text: ['a', 'b', 'c'], usage, fault: { type: 'eof', afterFrames: 4 } } as const;
    const { step, lost } = await called(anthropicMessages, haiku, [broken], { retries: 0 });
    expect(step).toMatchObject({ kind: 'protocol' });
    expect(lost).toMatchObject([
      { charges: [{ model: 'claude-haiku-4-5', cost: { usd: 0.001005, isWhole: false } }] },
    ]);
  });

  it('at an unknown cost where nobody knows the price', async () => {
    const { step } = await called(openaiResponses, { ...sol, name: 'gpt-9' }, [{ text: 'x', usage }]);
    expect(step).toMatchObject({ usage: { input: 1000 }, charges: [{ model: 'gpt-9' }] });
    expect(JSON.stringify(step)).not.toContain('usd');
  });
});
