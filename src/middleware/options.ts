import { z } from 'zod';
import type { ProviderErrorKind } from '../agent/provider.ts';

/** An object of options that refuses unknown ones. LangChain's camelCase names are taken too, at every level. */
export function options<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess(snakeCased, z.strictObject(shape));
}

/** An option that other middleware has and this one cannot have: the reason is what people read. */
export function refused(reason: string) {
  return z.never({ error: reason }).optional();
}

/** The options of an object by their names in snake_case; where both are there, the snake_case one stays. */
export function snakeCased(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [snake(key), inner] as const);
  return { ...Object.fromEntries(entries), ...Object.fromEntries(Object.entries(value).filter(isSnake)) };
}

function isSnake([key]: readonly [string, unknown]): boolean {
  return snake(key) === key;
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
