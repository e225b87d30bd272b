import type { z } from 'zod';

/** The JSON that a model was asked for, also where words or a fence stand around it. Undefined: there is none. */
export function jsonIn<T>(text: string, schema: z.ZodType<T>): T | undefined {
  const starts = [text.indexOf('{'), text.indexOf('[')].filter((at) => at >= 0);
  const end = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']'));
  if (starts.length === 0) return undefined;
  try {
    return schema.safeParse(JSON.parse(text.slice(Math.min(...starts), end + 1))).data;
  } catch {
    return undefined;
  }
}
