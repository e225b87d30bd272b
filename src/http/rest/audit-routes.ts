import { InvalidError } from '../../chat/errors.ts';
import type { Route, RouteResponse } from '../../chat/route.ts';
import type { AuditFilter, AuditLog, AuditRow, AuditVerification } from '../../observe/port.ts';
import { type Call, json, permitCall, type RestContext, restRoute } from './call.ts';
import { readTime } from './filters.ts';
import { listing, pageOf, type Query } from './query.ts';
import { apiPath } from './row-json.ts';

const path = `${apiPath}/audit/`;

/** The audit log: a list, an export as JSON lines, and a check of its seals. All need `view_audit`. */
export function auditRoutes(context: RestContext, audit: AuditLog): readonly Route[] {
  const permitted = (handle: (call: Call) => Promise<RouteResponse>) => async (call: Call) => {
    permitCall(context, call, 'view_audit');
    return await handle(call);
  };

  async function list({ query, base }: Call): Promise<RouteResponse> {
    const page = pageOf(query);
    const { count, rows } = await audit.list(auditFilterOf(query, ['limit', 'offset']), page);
    return json(
      200,
      listing({ count, results: rows.map(auditJson), page, address: `${base}${path}`, query }),
    );
  }

  async function download({ query, request, by }: Call): Promise<RouteResponse> {
    const filter = auditFilterOf(query, []);
    const headers = {
      'content-type': 'application/x-ndjson; charset=utf-8',
      'content-disposition': 'attachment; filename="audit.jsonl"',
    };
    if (request.method === 'HEAD') return { status: 200, headers };
    const { author, source, address = '' } = by;
    await audit.append([
      { actor: author.principal, action: 'audit.export', target: 'audit', source, address },
    ]);
    return { status: 200, headers, body: lines(audit.rows(filter)) };
  }

  const verify = async () => json(200, verificationJson(await audit.verify()));

  return [
    ...restRoute(context, { method: 'GET', path, handle: permitted(list) }),
    ...restRoute(context, { method: 'GET', path: `${path}export/`, handle: permitted(download) }),
    ...restRoute(context, { method: 'GET', path: `${path}verify/`, handle: permitted(verify) }),
  ];
}

async function* lines(batches: AsyncIterable<readonly AuditRow[]>): AsyncGenerator<string> {
  for await (const rows of batches) yield rows.map((row) => `${JSON.stringify(auditJson(row))}\n`).join('');
}

/** The filters of the audit log, by their names in a query. */
export const auditFilters = {
  actor: 'Who did it: a principal, or bot.',
  action: 'What was done: a whole action, or the beginning of one followed by *.',
  target: 'To what.',
  source: 'From where: rest, console, slack, teams, bootstrap, chat …',
  thread_id: 'In which thread.',
  turn_id: 'In which turn.',
  after: 'At this time or later.',
  before: 'Earlier than this time.',
  q: 'Part of the actor, the action or the target.',
} as const;

/** Throws `InvalidError`. */
function auditFilterOf(query: Query, others: readonly string[]): AuditFilter {
  const wrong = new Map<string, readonly string[]>();
  for (const name of query.keys())
    if (!Object.hasOwn(auditFilters, name) && ![...others, 'format'].includes(name))
      wrong.set(name, ['Unknown filter field']);
  const text = (name: keyof typeof auditFilters) => {
    const value = query.get(name)?.at(-1);
    return value === undefined || value === '' ? undefined : value;
  };
  const time = (name: 'after' | 'before') => {
    const value = text(name);
    const read = value === undefined ? undefined : readTime(value);
    if (read !== undefined && 'problem' in read) wrong.set(name, [read.problem]);
    return read !== undefined && 'value' in read ? new Date(read.value) : undefined;
  };
  const wanted = {
    actor: text('actor'),
    action: text('action'),
    target: text('target'),
    source: text('source'),
    threadId: text('thread_id'),
    turnId: text('turn_id'),
    after: time('after'),
    before: time('before'),
    q: text('q'),
  };
  if (wrong.size > 0) throw new InvalidError(Object.fromEntries(wrong));
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
}

function auditJson({ threadId, turnId, seal, ...row }: AuditRow) {
  return { ...row, thread_id: threadId ?? null, turn_id: turnId ?? null, seal: seal ?? null };
}

function verificationJson(verification: AuditVerification) {
  if (verification.ok) return verification;
  const { brokenSeal, ...rest } = verification;
  return { ...rest, broken_seal: brokenSeal };
}
