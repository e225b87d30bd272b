import { InvalidError } from '../../chat/errors.ts';
import type { Route, RouteResponse } from '../../chat/route.ts';
import {
  type UsageFilter,
  type UsageGroup,
  type UsageLog,
  type UsageSum,
  usageGroups,
} from '../../observe/port.ts';
import { type Call, json, permitCall, type RestContext, restRoute } from './call.ts';
import { readTime } from './filters.ts';
import { listing, pageOf, type Query } from './query.ts';
import { apiPath } from './row-json.ts';

const path = `${apiPath}/usage/`;

/** The parameters of a usage report, besides those of all lists, by their names in a query. */
export const usageParameters = {
  by: 'What to sum by, comma separated: day (of UTC), model, principal, thread. Default: day,model.',
  since: 'At this time or later.',
  until: 'Earlier than this time.',
  model: 'Of this model.',
  principal: 'Asked by this principal.',
  thread_id: 'In this thread.',
  format: 'csv for a table; without limit and offset it has up to 100,000 lines.',
} as const;

const mostLines = 100_000;

/** What model calls used and cost, summed: JSON pages or CSV. Needs `view_usage`. */
export function usageRoutes(context: RestContext, usage: UsageLog): readonly Route[] {
  async function handle(call: Call): Promise<RouteResponse> {
    permitCall(context, call, 'view_usage');
    const { query, base, request } = call;
    const { groups, filter } = readReport(query);
    if (wantsCsv(query, request.headers.accept)) {
      const page =
        query.has('limit') || query.has('offset') ? pageOf(query) : { limit: mostLines, offset: 0 };
      return csv(groups, (await usage.sums(groups, filter, page)).rows);
    }
    const page = pageOf(query);
    const { count, rows } = await usage.sums(groups, filter, page);
    const results = rows.map(sumJson);
    return json(200, listing({ count, results, page, address: `${base}${path}`, query }));
  }
  return restRoute(context, { method: 'GET', path, handle });
}

function wantsCsv(query: Query, accept: string | readonly string[] | undefined): boolean {
  const format = query.get('format')?.at(-1);
  return format === undefined ? String(accept ?? '').startsWith('text/csv') : format === 'csv';
}

/** Throws `InvalidError` with all that is wrong, by name. */
function readReport(query: Query): { readonly groups: readonly UsageGroup[]; readonly filter: UsageFilter } {
  const wrong = new Map<string, readonly string[]>();
  for (const name of query.keys())
    if (!Object.hasOwn(usageParameters, name) && !['limit', 'offset'].includes(name))
      wrong.set(name, ['Unknown filter field']);
  const text = (name: keyof typeof usageParameters) => query.get(name)?.at(-1) || undefined;
  const time = (name: 'since' | 'until') => {
    const value = text(name);
    const read = value === undefined ? undefined : readTime(value);
    if (read !== undefined && 'problem' in read) wrong.set(name, [read.problem]);
    return read !== undefined && 'value' in read ? new Date(read.value) : undefined;
  };
  const format = text('format');
  if (format !== undefined && !['csv', 'json'].includes(format)) wrong.set('format', ['Write csv or json.']);
  const named = (text('by') ?? 'day,model').split(',').map((name) => name.trim());
  const groups = usageGroups.filter((group) => named.includes(group));
  if (groups.length !== new Set(named).size) wrong.set('by', [`Write some of ${usageGroups.join(', ')}.`]);
  const wanted = {
    since: time('since'),
    until: time('until'),
    model: text('model'),
    principal: text('principal'),
    threadId: text('thread_id'),
  };
  if (wrong.size > 0) throw new InvalidError(Object.fromEntries(wrong));
  return {
    groups,
    filter: Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined)),
  };
}

function sumJson({ group, ...sum }: UsageSum): Readonly<Record<string, unknown>> {
  const { thread, ...names } = group;
  return {
    ...names,
    ...(thread === undefined ? {} : { thread_id: thread }),
    calls: sum.calls,
    turns: sum.turns,
    input_tokens: sum.input,
    output_tokens: sum.output,
    cache_read_tokens: sum.cacheRead,
    cache_write_tokens: sum.cacheWrite,
    reasoning_tokens: sum.reasoning,
    cost_usd: sum.costUsd,
    cost_is_whole: sum.costIsWhole,
    unpriced_calls: sum.unpriced,
  };
}

const columns = [
  ...['calls', 'turns', 'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens'],
  ...['reasoning_tokens', 'cost_usd', 'cost_is_whole', 'unpriced_calls'],
];

function csv(groups: readonly UsageGroup[], rows: readonly UsageSum[]): RouteResponse {
  const names = [...groups.map((group) => (group === 'thread' ? 'thread_id' : group)), ...columns];
  const lines = rows.map(sumJson).map((row) => names.map((name) => cell(row[name])).join(','));
  return {
    status: 200,
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="usage.csv"',
    },
    body: `${[names.join(','), ...lines].join('\r\n')}\r\n`,
  };
}

/** RFC 4180. What a spreadsheet would take for a formula is kept a text. */
function cell(value: unknown): string {
  if (typeof value !== 'string') return value === null || value === undefined ? '' : String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
