import { z } from 'zod';
import type { ProviderErrorKind } from '../agent/provider.ts';

/** An object of options that refuses unknown ones. LangChain's camelCase names are taken too, at every level. */
export function options<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess(spelled(Object.keys(shape)), z.strictObject(shape));
}

/** Gives these options of an object by these names, however they are spelled, and leaves others as they are. */
export function spelled(keys: readonly string[]): (value: unknown) => unknown {
  const known = new Map(keys.map((key) => [folded(key), key]));
  return (value) => renamed(value, (key) => known.get(folded(key)) ?? key);
}

/** `costPer1kInput` and `cost_per_1k_input` are the same option. */
function folded(key: string): string {
  return key.replaceAll('_', '').toLowerCase();
}

/** An option that other middleware has and this one cannot have: the reason is what people read. */
export function refused(reason: string) {
  return z.never({ error: reason }).optional();
}

/** The options of an object by their names in snake_case. */
export function snakeCased(value: unknown): unknown {
  return renamed(value, snake);
}

/** Where a name stands there in both ways, the right one stays. */
function renamed(value: unknown, nameOf: (key: string) => string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  const right = entries.filter(([key]) => nameOf(key) === key);
  return Object.fromEntries([...entries.map(([key, inner]) => [nameOf(key), inner] as const), ...right]);
}

function snake(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export const count = z.int().positive();
export const names = z.array(z.string().min(1));

const kindNames = [
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
  'protocol',
] as const satisfies readonly ProviderErrorKind[];

/** Kinds of failed model calls, by the words that the log and the metrics use. */
export const failureKinds = z.array(z.enum(kindNames));

export const classesRefused =
  'Classes and functions cannot be written in JSON; name kinds of failures in retry_on, such as rate_limited or timeout.';
