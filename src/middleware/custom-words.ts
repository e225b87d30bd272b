import { z } from 'zod';
import type { Middleware } from '../agent/middleware.ts';
import type { ModelEvent } from '../agent/provider.ts';

type Given<Part extends 'turn' | 'tool'> = Awaited<ReturnType<NonNullable<Middleware[Part]>>>;

/** As it was given, once it has the shape. */
function shaped<T>(schema: z.ZodType, error: string): z.ZodType<T> {
  return z.custom<T>((value) => schema.safeParse(value).success, { error });
}

const words = z.object({ status: z.enum(['done', 'failed']), text: z.string().min(1), code: z.string() });

/** What a foreign `turn` gives. */
export const turnResult = shaped<Given<'turn'>>(
  z.object({ status: z.enum(['done', 'failed', 'stopped', 'paused']), said: words.optional() }),
  'turn must return what next returned, or { status, said: { status, text, code } }',
);

/** What a foreign `tool` gives. */
export const toolAnswer = shaped<Given<'tool'>>(
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('ask'), reason: z.string() }),
    z.object({
      type: z.literal('result'),
      ran: z.boolean(),
      outcome: z.object({ text: z.string(), isError: z.boolean() }),
    }),
  ]),
  'tool must return what next returned, an ask, or { type, ran, outcome: { text, isError } }',
);

/** What a foreign `model` gives. */
export const modelEvents = z.custom<AsyncIterable<unknown>>(
  (value) => typeof value === 'object' && value !== null && Symbol.asyncIterator in value,
  { error: 'model must return an async iterable of events' },
);

const call = z.object({
  id: z.string().min(1),
  name: z.string(),
  arguments: z.record(z.string(), z.json()),
  invalid: z.string().optional(),
});
const count = z.number().nonnegative();
const usage = z.object({
  ...{ input: count, output: count, cacheRead: count, cacheWrite: count, reasoning: count },
});
const event = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('reasoning'), text: z.string() }),
  z.object({ type: z.literal('tool_call'), call }),
  z.object({ type: z.literal('opaque'), opaque: z.object({ key: z.string(), data: z.unknown() }) }),
  z.object({
    type: z.literal('usage'),
    usage,
    model: z.string().optional(),
    cost: z.object({ usd: count, isWhole: z.boolean() }).optional(),
    priceSource: z.string().optional(),
  }),
  z.object({ type: z.literal('restart'), reason: z.string() }),
  z.object({
    type: z.literal('stop'),
    reason: z.enum(['end', 'tool_calls', 'length', 'refusal', 'content_filtered', 'context_overflow']),
  }),
]);

/** One thing that a foreign `model` says. */
export const modelEvent = shaped<ModelEvent>(
  event,
  'model must say events such as { type: "text", text } and, last, { type: "stop", reason: "end" }',
);
