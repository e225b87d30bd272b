import { isDeepStrictEqual } from 'node:util';

/** One place in which two definitions differ, as texts that people compare. */
export interface ToolChange {
  /** Where: `description`, `inputSchema.properties.host.type`. */
  readonly part: string;
  /** Absent: it was not there. */
  readonly before?: string;
  /** Absent: it is gone. */
  readonly after?: string;
}

type Definition = Readonly<Record<string, unknown>>;

/** What differs between two definitions, in the order of their parts' names. */
export function changesBetween(before: Definition, after: Definition): readonly ToolChange[] {
  return differences(before, after, []);
}

function differences(before: unknown, after: unknown, path: readonly string[]): readonly ToolChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return names.flatMap((name) => differences(own(before, name), own(after, name), [...path, name]));
  }
  return [
    {
      part: path.join('.'),
      ...(before === undefined ? {} : { before: textOf(before) }),
      ...(after === undefined ? {} : { after: textOf(after) }),
    },
  ];
}

function own(object: Definition, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

function isObject(value: unknown): value is Definition {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
