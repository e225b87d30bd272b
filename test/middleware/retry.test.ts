import { describe, expect, it } from 'vitest';
import { type ModelEvent, ProviderError } from '../../src/agent/provider.ts';
import { middlewareTypes } from '../../src/middleware/types.ts';
import { resilient } from '../../src/providers/resilient.ts';
import type { Vendor } from '../../src/providers/vendor.ts';
import { openRig } from './harness.ts';

/** The real layer of retries over a vendor that fails so many times; it notes its waits and does not wait. */
function failingModel(times: number, error = new ProviderError('overloaded', 'busy')) {
  const waits: number[] = [];
  const tries = { count: 0 };
  const vendor: Vendor = {
    label: 'Test',
    async *stream(): AsyncGenerator<ModelEvent> {
      tries.count += 1;
      if (tries.count <= times) throw error;
      yield { type: 'text', text: 'Fine.' };
      yield { type: 'stop', reason: 'end' };
    },
    classify: () => error,
  };
  const sleep = async (ms: number) => waits.push(ms);
  return { main: resilient(vendor, { sleep, random: () => 0.5 }), waits, tries };
}

const run = async (
  rows: readonly { type: string; config: object; priority?: number }[],
  model: ReturnType<typeof failingModel>,
) => await (await openRig({ rows, models: { main: model.main } })).turn();

describe.each([
  ['RetryMiddleware', { max_retries: 3, initial_delay: 1, exponential_base: 2 }],
  ['ModelRetryMiddleware', { maxRetries: 3, initialDelayMs: 1000, backoffFactor: 2 }],
] as const)('%s', (type, config) => {
  it('says how often and how long the provider layer waits', async () => {
    const model = failingModel(3);
    expect((await run([{ type, config }], model)).text).toBe('Fine.');
    expect(model.waits).toEqual([1000, 2000, 4000]);
  });

  it('gives up after as many retries as it allows; none is possible', async () => {
    const model = failingModel(9);
    expect(await run([{ type, config }], model)).toMatchObject({ status: 'failed', code: 'overloaded' });
    expect(model.tries.count).toBe(4);
    const never = failingModel(9);
    await run([{ type, config: { max_retries: 0 } }], never);
    expect(never.tries.count).toBe(1);
  });

  it.each([
    ['RetryMiddleware', { initial_delay: 1e7 }, 'At most 3600 seconds, which is an hour.'],
    ['RetryMiddleware', { max_delay: 1e308 }, 'At most 3600 seconds, which is an hour.'],
    ['RetryMiddleware', { exponential_base: 1e300 }, 'At most 100 times the wait before.'],
    ['ModelRetryMiddleware', { initial_delay: 1e308 }, 'At most 3600000 milliseconds, which is an hour.'],
    ['ModelRetryMiddleware', { max_delay_ms: 1e10 }, 'At most 3600000 milliseconds, which is an hour.'],
    ['ToolRetryMiddleware', { initial_delay_ms: 9e12 }, 'At most 3600000 milliseconds, which is an hour.'],
    ['ToolRetryMiddleware', { backoff_factor: 101 }, 'At most 100 times the wait before.'],
  ])('of a %s takes no wait that timers do not know: %o', (name, odd, sentence) => {
    const parsed = middlewareTypes[name]?.config.safeParse(odd);
    expect(parsed?.error?.issues.map(({ message }) => message)).toEqual([sentence]);
  });

  it('never multiplies: the innermost of two counts', async () => {
    const model = failingModel(99);
    await run(
      [
        { type: 'RetryMiddleware', config: { max_retries: 5 }, priority: 60 },
        { type: 'ModelRetryMiddleware', config: { max_retries: 1 }, priority: 61 },
      ],
      model,
    );
    expect(model.tries.count).toBe(2);
  });

  it('tries again what it is told to', async () => {
    const refused = new ProviderError('auth', 'no key');
    const plain = failingModel(1, refused);
    expect((await run([{ type, config }], plain)).code).toBe('auth');
    const told = failingModel(1, refused);
    expect((await run([{ type, config: { ...config, retry_on: ['auth'] } }], told)).text).toBe('Fine.');
  });

  it('waits no shorter than the vendor asks, and gives up when that is too long', async () => {
    const asks = (retryAfterMs: number) => new ProviderError('rate_limited', 'slow', { retryAfterMs });
    const model = failingModel(1, asks(7000));
    await run([{ type, config }], model);
    expect(model.waits).toEqual([7000]);
    const long = failingModel(1, asks(100_000));
    expect((await run([{ type, config }], long)).code).toBe('rate_limited');
  });
});

it('RetryMiddleware: a kind that is named in do_not_retry_on is not tried again, nor are waits longer than allowed', async () => {
  const not = failingModel(1);
  await run([{ type: 'RetryMiddleware', config: { do_not_retry_on: ['overloaded'] } }], not);
  expect(not.tries.count).toBe(1);
  const short = failingModel(3);
  await run([{ type: 'RetryMiddleware', config: { initial_delay: 4, max_delay: 5, jitter: false } }], short);
  expect(short.waits).toEqual([4000, 5000, 5000]);
});

it('ModelRetryMiddleware: with a factor of 0 all waits are as long', async () => {
  const model = failingModel(2);
  await run([{ type: 'ModelRetryMiddleware', config: { backoff_factor: 0, jitter: false } }], model);
  expect(model.waits).toEqual([1000, 1000]);
});
