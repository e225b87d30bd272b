import { z } from 'zod';
import type { RetryPolicy } from '../agent/provider.ts';
import { defineMiddleware, type Layer } from './definition.ts';
import { classesRefused, failureKinds, options, refused, snakeCased } from './options.ts';

/** What providers try again by themselves. */
const passing: z.infer<typeof failureKinds> = [
  'rate_limited',
  'overloaded',
  'network',
  'timeout',
  'protocol',
];

/** Nobody waits longer for an answer; and timers know no more than 24 days. */
const mostSeconds = 3600;
const seconds = z
  .number()
  .min(0)
  .max(mostSeconds, { error: `At most ${mostSeconds} seconds, which is an hour.` });
const milliseconds = z
  .int()
  .min(0)
  .max(mostSeconds * 1000, { error: `At most ${mostSeconds * 1000} milliseconds, which is an hour.` });
const factor = z.number().min(0).max(100, { error: 'At most 100 times the wait before.' });

const config = options({
  max_retries: z.int().min(0).max(10).default(3).describe('How often a failed call is tried again.'),
  initial_delay: seconds.default(1).describe('Seconds before the first time.'),
  max_delay: seconds.default(60).describe('Seconds that a wait is long at most.'),
  exponential_base: factor.default(2).describe('Each wait is so many times the one before.'),
  jitter: z.boolean().default(true).describe('Waits differ by up to a quarter.'),
  retry_on: failureKinds.default([...passing]).describe('Kinds of failures that are tried again.'),
  do_not_retry_on: failureKinds.default([]).describe('Kinds of failures that are not.'),
});

/** Says how the provider layer tries failed model calls again; it does not try anything itself. */
export const retry = defineMiddleware({
  name: 'RetryMiddleware',
  description: 'Says how failed model calls are tried again.',
  priority: 60,
  config,
  build: ({ initial_delay, max_delay, exponential_base, ...rest }) =>
    retrying({
      retries: rest.max_retries,
      firstWaitMs: initial_delay * 1000,
      maxWaitMs: max_delay * 1000,
      factor: exponential_base,
      jitter: rest.jitter,
      on: rest.retry_on.filter((kind) => !rest.do_not_retry_on.includes(kind)),
    }),
});

/** The options that LangChain's retries have in common; its Python names, in seconds, are taken too. */
export const langchainRetries = {
  max_retries: z.int().min(0).max(10).default(2).describe('How often it is tried again.'),
  backoff_factor: factor
    .default(2)
    .describe('Each wait is so many times the one before; 0: all are as long.'),
  initial_delay_ms: milliseconds.default(1000).describe('Milliseconds before the first time.'),
  max_delay_ms: milliseconds.default(60_000).describe('Milliseconds that a wait is long at most.'),
  jitter: z.boolean().default(true).describe('Waits differ by up to a quarter.'),
};

/** `initial_delay` and `max_delay` in seconds become milliseconds. */
export function inMilliseconds(value: unknown): unknown {
  const given = snakeCased(value);
  if (typeof given !== 'object' || given === null) return given;
  return Object.fromEntries(
    Object.entries(given).map(([key, inner]: [string, unknown]) =>
      (key === 'initial_delay' || key === 'max_delay') && typeof inner === 'number'
        ? [`${key}_ms`, Math.round(Math.min(inner * 1000, Number.MAX_SAFE_INTEGER))]
        : [key, inner],
    ),
  );
}

const modelConfig = z.preprocess(
  inMilliseconds,
  z.strictObject({
    ...langchainRetries,
    retry_on: failureKinds.default([...passing]).describe('Kinds of failures that are tried again.'),
    on_failure: z
      .literal('error', {
        error: 'Only error: what failed is said as a failure, and never given out as an answer of the model.',
      })
      .default('error')
      .describe('The turn ends with what failed, unless a fallback lies outside.'),
    retry_if: refused(classesRefused),
  }),
);

/** The same by LangChain's names. */
export const modelRetry = defineMiddleware({
  name: 'ModelRetryMiddleware',
  description: 'Tries failed model calls again.',
  priority: 60,
  config: modelConfig,
  build: ({ backoff_factor, initial_delay_ms, max_delay_ms, max_retries, jitter, retry_on }) =>
    retrying({
      retries: max_retries,
      firstWaitMs: initial_delay_ms,
      maxWaitMs: max_delay_ms,
      factor: backoff_factor,
      jitter,
      on: retry_on,
    }),
});

/** The innermost of several wins: the provider layer has one policy, and they never multiply. */
function retrying(policy: RetryPolicy): Layer {
  return { model: (request, next, signal) => next({ ...request, retry: policy }, signal) };
}
