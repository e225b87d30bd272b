import { createHash } from 'node:crypto';
import type { Json, JsonObject } from '../agent/json.ts';
import type { ToolCall, ToolMessage } from '../agent/messages.ts';

/** What vendors accept as a function's name, in requests and in replayed calls. */
const longestName = 64;

/** A function name that vendors accept. Names from tool lists are already; a model's inventions may not be. */
export function fitName(name: string): string {
  const fitted = name.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, longestName);
  return fitted === '' ? '_' : fitted;
}

/** A call id that another vendor made, as this vendor accepts it; the same id always gives the same. */
export function fitId(id: string, longest: number): string {
  if (id.length > 0 && id.length <= longest && /^[\w-]+$/.test(id)) return id;
  return `call_${createHash('sha256').update(id).digest('hex').slice(0, 24)}`;
}

/** A tool call from the arguments' JSON text. No text means no arguments; what is no JSON object is `invalid`. */
export function parseCall(id: string, name: string, text: string): ToolCall {
  if (text.trim() === '') return { id, name, arguments: {} };
  try {
    return toCall(id, name, JSON.parse(text));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { id, name, arguments: {}, invalid: `not valid JSON (${reason})` };
  }
}

/** A tool call from parsed arguments. */
export function toCall(id: string, name: string, value: unknown): ToolCall {
  if (value === null || value === undefined) return { id, name, arguments: {} };
  if (isJsonObject(value)) return { id, name, arguments: value };
  const found = Array.isArray(value) ? 'an array' : `a ${typeof value}`;
  return { id, name, arguments: {}, invalid: `a JSON object is needed, not ${found}` };
}

/** Only for values that came out of a JSON parser. */
function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A tool's schema as all vendors take it: an object with `properties`, without `$schema`. */
export function parametersOf(schema: JsonObject): Record<string, Json | undefined> {
  const { $schema: _, ...rest } = schema;
  return { type: 'object', properties: {}, ...rest };
}

/** Bytes that stand in a request as OpenAI's API takes them. */
export function dataUrl({ mediaType, data }: { readonly mediaType: string; readonly data: string }): string {
  return `data:${mediaType};base64,${data}`;
}

/** The same for APIs that take no images in results. */
export function blindText(message: ToolMessage): string {
  const text = resultText(message);
  return message.images === undefined ? text : `${text}\n[This model's API cannot see images in results.]`;
}

/** A tool's result for vendors that have no field for a failure. */
export function resultText(message: ToolMessage): string {
  return message.isError ? `Error: ${message.text}` : message.text;
}
