import { NotFoundError } from '../../chat/errors.ts';
import type { Route, RouteResponse } from '../../chat/route.ts';
import { layerEnd, onionNames, traceText } from '../../chat/trace-text.ts';
import type { Ledger, Trace } from '../../middleware/port.ts';
import { type Call, json, permitCall, type RestContext, restRoute } from './call.ts';
import { apiPath } from './row-json.ts';

/** How the layers of a turn ran, by its reference id. Needs `view_audit`. */
export function traceRoutes(context: RestContext, traces: Pick<Ledger, 'trace'>): readonly Route[] {
  async function handle(call: Call): Promise<RouteResponse> {
    permitCall(context, call, 'view_audit');
    const id = call.request.params.id ?? '';
    const found = await traces.trace(id);
    if (found === undefined)
      throw new NotFoundError(`There is no turn with the reference ${id.slice(0, 64)}.`);
    return json(200, { turn_id: id, activations: found.map(traceJson), text: traceText(found) });
  }
  return restRoute(context, { method: 'GET', path: `${apiPath}/turns/:id/trace/`, handle });
}

function traceJson(trace: Trace) {
  const { layers, skipped = [], spans, more = 0, failed = [], beganAt, ms, calls = [] } = trace;
  return {
    began_at: beganAt === undefined ? null : new Date(beganAt).toISOString(),
    duration_ms: ms ?? null,
    layers: layers.map(([type, priority]) => ({ type, priority })),
    skipped: skipped.map(([type, reason]) => ({ type, reason })),
    calls: calls.map(callJson),
    entered: spans.map(([layer, onion, atMs, inMs, outMs, inside], at) => ({
      layer: layers[layer]?.[0],
      around: onionNames[onion],
      at_ms: atMs,
      in_ms: known(inMs),
      out_ms: known(outMs),
      calls: inside,
      failed: failed.includes(at),
      end: layerEnd(trace, at) ?? null,
    })),
    more,
  };
}

function callJson([onion, name, atMs, ms, error, input, output, by]: NonNullable<Trace['calls']>[number]) {
  return {
    around: onionNames[onion],
    name,
    at_ms: atMs,
    duration_ms: ms,
    ...(by === undefined ? {} : { asked_by: by }),
    ...(error === '' ? {} : { error }),
    ...(onion === 1 ? { input_tokens: input, output_tokens: output } : {}),
  };
}

function known(ms: number): number | null {
  return ms < 0 ? null : ms;
}
