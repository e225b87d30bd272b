import { z } from 'zod';
import type { JsonObject } from '../agent/json.ts';
import type { ProviderError } from '../agent/provider.ts';
import { failure, transportFailure } from './failures.ts';

const count = z.int().nonnegative();
const jsonObject = z.record(z.string(), z.json()).transform((value): JsonObject => value);

const call = z.object({
  id: z.string().min(1),
  name: z.string(),
  arguments: jsonObject,
  invalid: z.string().exactOptional(),
});
const usage = z.object({
  input: count,
  output: count,
  cacheRead: count.default(0),
  cacheWrite: count.default(0),
  reasoning: count.default(0),
});

/** What the stream of an operator's module may say. */
export const saidSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('alive') }),
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('reasoning'), text: z.string() }),
  z.object({ type: z.literal('tool_call'), call }),
  z.object({ type: z.literal('opaque'), opaque: z.object({ key: z.string(), data: z.unknown() }) }),
  z.object({ type: z.literal('usage'), usage }),
  z.object({
    type: z.literal('stop'),
    reason: z.enum(['end', 'tool_calls', 'length', 'refusal', 'content_filtered', 'context_overflow']),
  }),
]);

/** A failure that a module names itself: an error with a `kind`. */
const namedSchema = z.object({
  kind: z.enum([
    'misconfigured',
    'auth',
    'permission',
    'not_found',
    'rate_limited',
    'quota_exhausted',
    'overloaded',
    'context_overflow',
    'bad_request',
    'content_filtered',
    'network',
    'timeout',
    'aborted',
    'protocol',
  ]),
  message: z.string(),
  status: z.number().optional(),
  retryAfterMs: z.number().nonnegative().optional(),
});

/** The failure of a module's stream: as `named` says when that has a `kind`, else as any other vendor's. */
export function toCustomFailure(who: string, error: unknown, named: unknown = error): ProviderError {
  const { data } = namedSchema.safeParse(named);
  if (data === undefined) return transportFailure(who, error);
  const { kind, message, status, retryAfterMs } = data;
  return failure(who, kind, message, { status, retryAfterMs, cause: error });
}
