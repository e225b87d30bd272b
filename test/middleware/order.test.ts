import { expect, it } from 'vitest';
import { orderWarnings } from '../../src/middleware/order.ts';

const [cache, retry] = ['CacheMiddleware', 'RetryMiddleware'];

it.each([
  ['of equal priorities the name counts, and Cache is before Retry', cache, 50, retry, 50, 0],
  ['Cache outside Retry is right', cache, 50, retry, 60, 0],
  ['Cache within Retry is not', cache, 60, retry, 50, 1],
  ['PII is before Summarization', 'PIIMiddleware', 60, 'SummarizationMiddleware', 60, 0],
  [
    'CircuitBreaker is before ModelFallback, which should lie outside',
    'ModelFallbackMiddleware',
    55,
    'CircuitBreakerMiddleware',
    55,
    1,
  ],
] as const)('%s', (_what, outer, one, inner, other, count) => {
  const layers = [
    { type: outer, priority: one },
    { type: inner, priority: other },
  ] as const;
  for (const [own, beside] of [layers, layers.toReversed()])
    if (own !== undefined && beside !== undefined) expect(orderWarnings(own, [beside])).toHaveLength(count);
});
