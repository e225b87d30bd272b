import { describe, expect, it } from 'vitest';
import { type Charge, sumCharges } from '../../src/agent/cost.ts';
import { noUsage } from '../../src/agent/provider.ts';
import type { ModelStep } from '../../src/agent/steps.ts';
import { chargeRecords, chargesOf, costWords, spentOf, spentWords, usageView } from '../../src/bot/spent.ts';

const usage = { ...noUsage, input: 1000, output: 234 };
const known: Charge = { model: 'sol', usage, cost: { usd: 0.0123, isWhole: true }, priceSource: 'List' };
const unknown: Charge = { model: 'dark', usage };

function step(...charges: readonly Charge[]): ModelStep {
  const message = { role: 'assistant', text: 'x', calls: [] } as const;
  const facts = { type: 'model', message, stop: 'end', model: 'sol', durationMs: 5 } as const;
  return { ...facts, usage: sumCharges(charges).usage, ...(charges.length === 0 ? {} : { charges }) };
}

describe('a cost for people', () => {
  it.each([
    [undefined, 'cost unknown'],
    [{ usd: 0, isWhole: true }, '$0'],
    [{ usd: 0.00000001, isWhole: true }, '<$0.0001'],
    [{ usd: 0.0001, isWhole: true }, '$0.0001'],
    [{ usd: 0.01234, isWhole: true }, '$0.0123'],
    [{ usd: 1.239, isWhole: true }, '$1.24'],
    [{ usd: 0.5, isWhole: false }, 'at least $0.5000'],
    [{ usd: 0, isWhole: false }, 'cost unknown'],
  ])('of %j is %s', (cost, words) => {
    expect(costWords(cost)).toBe(words);
  });
});

describe('what a turn has used', () => {
  it('is the sum of its steps', () => {
    const spent = spentOf([step(known), step(known)], []);
    expect(spent).toEqual({
      usage: { ...noUsage, input: 2000, output: 468 },
      cost: { usd: 0.0246, isWhole: true },
    });
    expect(spent === undefined ? [] : spentWords(spent)).toEqual(['2,468 tokens', '$0.0246']);
  });

  it('is at least what is known when one step is not', () => {
    expect(spentOf([step(known), step(unknown)], [])?.cost).toEqual({ usd: 0.0123, isWhole: false });
    expect(spentOf([step(unknown)], [])).toEqual({ usage });
    expect(usageView({ usage })).toMatchObject({ input: 1000, costUsd: null, costIsWhole: false });
  });

  it('holds calls that failed for good', () => {
    const spent = spentOf([step(known)], [{ charges: [known], durationMs: 3 }]);
    expect(spent?.cost).toEqual({ usd: 0.0246, isWhole: true });
  });

  it('is nothing where no model was called', () => {
    expect(spentOf([{ ...step(), model: '' }], [])).toBeUndefined();
  });

  it('is not known of a call whose vendor counted nothing', () => {
    const spent = spentOf([step()], []);
    expect(spent).toEqual({ usage: noUsage });
    expect(spent === undefined ? ['?'] : spentWords(spent)).toEqual([]);
  });
});

it('a call that two models took part in is charged to both, and its time counts once', () => {
  const records = chargeRecords(chargesOf(step(known, unknown)), 'web:ada', 5);
  expect(records).toMatchObject([
    { model: 'sol', principal: 'web:ada', durationMs: 5 },
    { model: 'dark', durationMs: 0 },
  ]);
});
