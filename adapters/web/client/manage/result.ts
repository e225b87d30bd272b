import type { Fact } from './fact.ts';
import { durationWords, moneyWords } from './units.ts';

/** The answer of an action, sorted by how its parts are best read. */
export interface ReadResult {
  /** Absent where the answer does not say. */
  readonly isWell: boolean | undefined;
  readonly sentence: string | undefined;
  readonly latencyMs: number | undefined;
  /** What the answer is about, to be opened. */
  readonly link: string | undefined;
  readonly facts: readonly Fact[];
  readonly texts: readonly { readonly name: string; readonly text: string }[];
  readonly tables: readonly {
    readonly name: string;
    readonly columns: readonly string[];
    readonly rows: readonly { readonly key: string; readonly cells: Readonly<Record<string, unknown>> }[];
  }[];
  readonly structures: readonly { readonly name: string; readonly value: unknown }[];
}

const VERDICTS = ['ok', 'success'] as const;
const SENTENCES = ['message', 'detail'] as const;

/** Reads any answer by its shape; knows no resource. */
export function readResult(result: unknown): ReadResult {
  if (!isRecord(result)) return { ...nothing, structures: [{ name: 'result', value: result }] };
  const verdict = VERDICTS.map((name) => result[name]).find((value) => typeof value === 'boolean');
  const sentence = SENTENCES.map((name) => result[name]).find((value) => typeof value === 'string');
  const link = verdict === undefined ? linkIn(result) : undefined;
  const head = new Set<string>(verdict === undefined ? [] : [...VERDICTS, ...SENTENCES, 'latency_ms']);
  if (link !== undefined) head.add('url');
  // What is listed counts itself.
  if (Object.values(result).some(isTable)) head.add('count');
  const parts = Object.entries(result).filter(
    ([name, value]) => !head.has(name) && !isEmpty(value) && !isBareId(name, value),
  );
  return {
    isWell: verdict,
    sentence: verdict === undefined ? undefined : sentence,
    link,
    latencyMs: typeof result.latency_ms === 'number' ? Math.round(result.latency_ms) : undefined,
    facts: parts
      .filter(([, value]) => typeof value !== 'object' && !isLong(value))
      .map(([name, value]) => ({ name, label: headOf(name), value: factValue(name, value) })),
    texts: parts.flatMap(([name, value]) =>
      typeof value === 'string' && isLong(value) ? [{ name, text: value }] : [],
    ),
    tables: parts.flatMap(([name, value]) => (isTable(value) ? [tableOf(name, value)] : [])),
    structures: parts.flatMap(([name, value]) =>
      typeof value === 'object' && !isTable(value) ? [{ name, value }] : [],
    ),
  };
}

/** A name of the API in words. */
export function labelOf(name: string): string {
  const words = name.replace(/^is_/, '').replaceAll('_', ' ').replace(/\bms$/, '(ms)');
  const spelled = words.replaceAll(/\b(api|id|llm|mcp|ttl|url)\b/g, (word) => word.toUpperCase());
  return spelled.charAt(0).toUpperCase() + spelled.slice(1);
}

/** The same above values whose units are in words. */
export function headOf(name: string): string {
  return labelOf(name.replace(/_(ms|usd)$/, '').replace(/^thread_id$/, 'thread'));
}

/** A value whose name tells its unit in words, any other as it is. */
export function factValue(name: string, value: unknown): unknown {
  if (typeof value !== 'number') return value;
  if (name.endsWith('_ms')) return durationWords(value);
  return name.endsWith('_usd') ? moneyWords(value) : value;
}

const nothing: ReadResult = {
  isWell: undefined,
  sentence: undefined,
  latencyMs: undefined,
  link: undefined,
  facts: [],
  texts: [],
  tables: [],
  structures: [],
};

/** An object that is no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Never one of another scheme, which a click would run. */
function linkIn({ url }: Readonly<Record<string, unknown>>): string | undefined {
  return typeof url === 'string' && /^https?:\/\//.test(url) ? url : undefined;
}

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** An id that says nothing to people. */
function isBareId(name: string, value: unknown): boolean {
  return /(^|_)id$/.test(name) && typeof value === 'string' && UUID.test(value);
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === '';
}

function isLong(value: unknown): boolean {
  return typeof value === 'string' && (value.length > 80 || value.includes('\n'));
}

/** A list of objects. */
export function isTable(value: unknown): value is readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) && value.every(isRecord);
}

function tableOf(name: string, values: readonly Readonly<Record<string, unknown>>[]) {
  const names = [...new Set(values.flatMap((value) => Object.keys(value)))];
  const columns = names.filter((column) =>
    values.some((value) => !isEmpty(value[column]) && !isBareId(column, value[column])),
  );
  const rows = values.map((value, at) => {
    const cells = Object.fromEntries(columns.map((column) => [column, inBrief(value[column])]));
    return { key: String(value.id ?? value.name ?? at), cells };
  });
  return { name, columns, rows };
}

/** Within a cell an object is one line of what it says. */
function inBrief(value: unknown): unknown {
  if (!isRecord(value)) return value;
  return Object.entries(value)
    .map(([name, one]) => `${name}: ${typeof one === 'object' ? JSON.stringify(one) : String(one)}`)
    .join(', ');
}
