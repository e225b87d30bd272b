/** JSON values, and their one canonical text. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** The same value always gives the same text: keys sorted, undefined left out. */
export function canonicalJson(value: unknown, indent?: number): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) => (isRecord(inner) ? sortKeys(inner) : inner), indent) ??
    'null'
  );
}

/** The same object with text that every store keeps as it is: no NUL characters, no lone surrogates. */
export function storableObject(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [storableText(key), storable(value)]),
  );
}

function storable(value: Json | undefined): Json | undefined {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map((item: Json) => storable(item) ?? null);
  return isJsonObject(value) ? storableObject(value) : value;
}

function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '');
}

/** Neither a list nor null. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return isRecord(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sortKeys(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
