import { describe, expect, it } from 'vitest';
import type { ModelNext } from '../../src/agent/middleware.ts';
import { ProviderError } from '../../src/agent/provider.ts';
import { noting } from '../../src/bot/turn-side.ts';

const request = { system: '', messages: [], tools: [] };

/** What is noted of a call that ends so. */
async function noted(error?: Error) {
  const failures: { model: string; kind: string }[] = [];
  const model: ModelNext = async function* () {
    yield { type: 'text', text: 'Hel' };
    if (error !== undefined) throw error;
    yield { type: 'stop', reason: 'end' };
  };
  const heard: string[] = [];
  const call = async () => {
    for await (const { type } of noting({ failures }, 'gpt', model)(request, new AbortController().signal))
      heard.push(type);
  };
  const thrown = await call().catch((known: unknown) => known);
  return { failures, heard, thrown };
}

describe('a model call', () => {
  it('that fails is noted with its kind, and fails all the same', async () => {
    const error = new ProviderError('overloaded', 'Too busy.');
    expect(await noted(error)).toEqual({
      failures: [{ model: 'gpt', kind: 'overloaded' }],
      heard: ['text'],
      thrown: error,
    });
  });

  it('that ends well, or that a person ended, has not failed', async () => {
    expect(await noted()).toMatchObject({ failures: [], heard: ['text', 'stop'] });
    expect(await noted(new ProviderError('aborted', ''))).toMatchObject({ failures: [] });
    expect(await noted(new Error('a fault of the bot'))).toMatchObject({ failures: [] });
  });
});
