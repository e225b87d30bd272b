import type { Identity } from '../../../src/chat/identity.ts';
import type { Route, RouteRequest, RouteResponse } from '../../../src/chat/route.ts';
import { json, refuse } from './fake-answers.ts';
import type { FakeRow } from './fake-resources.ts';

interface AuditLine {
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly source: string;
  readonly address: string;
}

type Guarded = (
  handle: (request: RouteRequest, identity: Identity) => RouteResponse,
) => (request: RouteRequest) => Promise<RouteResponse>;

/** The audit log in memory: newest first, with the API's filters. */
export function createFakeAudit() {
  const lines: AuditLine[] = [];
  let brokenBecause: string | undefined;

  function record(
    { author }: Identity,
    action: string,
    row: FakeRow,
    difference: Readonly<Record<string, unknown>>,
  ): void {
    const path = action.slice(0, action.indexOf('.'));
    lines.unshift({
      id: String(lines.length + 1),
      at: new Date().toISOString(),
      actor: author.principal,
      action,
      target: `${path}/${row.id}`,
      detail: { name: row.name, ...difference },
      source: 'console',
      address: '127.0.0.1',
    });
  }

  function found(query: RouteRequest['query']): readonly AuditLine[] {
    const { q = '', action, after, before } = query;
    const isWhole = (['actor', 'target', 'source'] as const).flatMap((name) => {
      const wanted = query[name];
      return wanted === undefined ? [] : [(line: AuditLine) => line[name] === wanted];
    });
    return lines.filter(
      (line) =>
        isWhole.every((holds) => holds(line)) &&
        (action === undefined || isAction(line.action, action)) &&
        (after === undefined || line.at >= after) &&
        (before === undefined || line.at < before) &&
        `${line.actor} ${line.action} ${line.target}`.includes(q),
    );
  }

  function list({ query }: RouteRequest): RouteResponse {
    const all = found(query);
    const from = Number(query.offset ?? 0);
    const results = all.slice(from, from + Number(query.limit ?? 50));
    return json(200, { count: all.length, next: null, previous: null, results });
  }

  function exported({ query }: RouteRequest): RouteResponse {
    const body = found(query).map((line) => `${JSON.stringify(line)}\n`);
    const headers = {
      'content-type': 'application/x-ndjson',
      'content-disposition': 'attachment; filename="audit.jsonl"',
    };
    return { status: 200, headers, body: body.join('') };
  }

  function verify(): RouteResponse {
    const sealed = { seals: 1, rows: lines.length };
    if (brokenBecause !== undefined) return json(200, { ok: false, reason: brokenBecause, ...sealed });
    return json(200, { ok: true, ...sealed, unsealed: 2, hash: 'ab12cd34' });
  }

  return {
    record,
    /** From now on the log is found to be changed. */
    breakSeal: (reason: string) => {
      brokenBecause = reason;
    },
    routes(guarded: Guarded): readonly Route[] {
      const seen = (handle: (request: RouteRequest) => RouteResponse) =>
        guarded((request, { permissions }) =>
          permissions.has('view_audit') ? handle(request) : refuse(403, 'You may not read the audit log.'),
        );
      const base = '/api/plugins/ai-ops/audit';
      return [
        { method: 'GET', path: `${base}/`, handle: seen(list) },
        { method: 'GET', path: `${base}/export/`, handle: seen(exported) },
        { method: 'GET', path: `${base}/verify/`, handle: seen(verify) },
      ];
    },
  };
}

function isAction(action: string, wanted: string): boolean {
  return wanted.endsWith('*') ? action.startsWith(wanted.slice(0, -1)) : action === wanted;
}
