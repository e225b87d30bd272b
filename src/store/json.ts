/**
 * JSON text that PostgreSQL's jsonb takes: it refuses NUL characters and lone surrogates, both of
 * which tools and models can produce. NULs are dropped and lone surrogates replaced.
 */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value);
  return refused.test(text) ? JSON.stringify(value, (_key, inner: unknown) => cleanValue(inner)) : text;
}

/** The same for a text column. */
export function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '');
}

const refused = /\\u(0000|d[89a-f])/i;

function cleanValue(value: unknown): unknown {
  return typeof value === 'string' ? cleanText(value) : value;
}
