import type { Middleware, ModelNext } from '../agent/middleware.ts';
import type { TimedCall } from '../agent/timed.ts';
import type { Trace } from './port.ts';
import { watchingStreams } from './watched-stream.ts';

const onion = { turn: 0, model: 1, tool: 2 } as const;
/** A turn of fifty steps through ten layers; what goes beyond is only counted. */
const mostSpans = 400;
const mostCalls = 200;
const unknown = -1;

interface Span {
  readonly layer: number;
  readonly onion: 0 | 1 | 2;
  readonly startedAt: number;
  /** When it first went on inwards. */
  wentInAt?: number;
  /** When what is inside came back last. */
  cameBackAt?: number;
  endedAt?: number;
  calls: number;
  hasFailed?: true;
}

/** Layers that write down when they are entered and left. A stream's events come no later by it. */
export function traced(layers: readonly Middleware[], now: () => number = () => performance.now()) {
  const beganAt = now();
  const spans: Span[] = [];
  const calls: TimedCall[] = [];
  const watch = watchingStreams();
  let more = 0;

  function open(layer: number, part: keyof typeof onion): Span {
    const span = { layer, onion: onion[part], startedAt: now(), calls: 0 };
    if (spans.length < mostSpans) spans.push(span);
    else more += 1;
    return span;
  }

  function goIn(span: Span): void {
    span.wentInAt ??= now();
    span.calls += 1;
  }

  async function around<T>(
    span: Span,
    run: (inside: <R>(inner: () => Promise<R>) => Promise<R>) => Promise<T>,
  ) {
    const inside = async <R>(inner: () => Promise<R>) => {
      goIn(span);
      return await inner().finally(() => {
        span.cameBackAt = now();
      });
    };
    try {
      return await run(inside);
    } catch (error) {
      span.hasFailed = true;
      throw error;
    } finally {
      span.endedAt = now();
    }
  }

  /** Streams run after the layer has given them. */
  function aroundStream(
    span: Span,
    run: (inside: (inner: () => ReturnType<ModelNext>) => ReturnType<ModelNext>) => ReturnType<ModelNext>,
  ): ReturnType<ModelNext> {
    const outward = run((inner) => {
      goIn(span);
      return watch(inner(), () => {
        span.cameBackAt = now();
      });
    });
    return watch(outward, (how) => {
      span.endedAt ??= now();
      if (how === 'failed') span.hasFailed = true;
    });
  }

  function withTrace(layer: Middleware, at: number): Middleware {
    const { name, priority, tools, searched, turn, model, tool } = layer;
    return {
      name,
      priority,
      ...(tools && { tools }),
      ...(searched && { searched }),
      ...(turn && {
        turn: (input, next) =>
          around(open(at, 'turn'), (inside) => turn(input, (given) => inside(() => next(given)))),
      }),
      ...(model && {
        model: (request, next, signal) =>
          aroundStream(open(at, 'model'), (inside) =>
            model(request, (given, own) => inside(() => next(given, own)), signal),
          ),
      }),
      ...(tool && {
        tool: (input, next, signal) =>
          around(open(at, 'tool'), (inside) =>
            tool(input, (given, own) => inside(() => next(given, own)), signal),
          ),
      }),
    };
  }

  return {
    layers: layers.map(withTrace),
    timed(call: TimedCall): void {
      if (calls.length < mostCalls) calls.push(call);
    },
    spans: (): Omit<Trace, 'layers' | 'skipped'> => ({
      spans: spans.map((span) => written(span, beganAt)),
      ...(more === 0 ? {} : { more }),
      ...failedOf(spans),
      beganAt: Math.round(performance.timeOrigin + beganAt),
      ms: tenths(now() - beganAt),
      ...(calls.length === 0 ? {} : { calls: calls.map((call) => callOf(call, beganAt)) }),
    }),
  };
}

function failedOf(spans: readonly Span[]): Pick<Trace, 'failed'> {
  const failed = spans.flatMap(({ hasFailed }, at) => (hasFailed === true ? [at] : []));
  return failed.length === 0 ? {} : { failed };
}

function callOf(call: TimedCall, beganAt: number): NonNullable<Trace['calls']>[number] {
  const { type, name, startedAt, endedAt, error = '', usage, by } = call;
  const times = [tenths(startedAt - beganAt), tenths(endedAt - startedAt)] as const;
  const tokens = [usage?.input ?? 0, usage?.output ?? 0] as const;
  const written = [onion[type], name, ...times, error, ...tokens] as const;
  return by === undefined ? written : [...written, by];
}

function written(span: Span, beganAt: number): Trace['spans'][number] {
  const { layer, startedAt, wentInAt, cameBackAt, endedAt, calls } = span;
  const inMs = wentInAt ?? endedAt;
  return [
    layer,
    span.onion,
    tenths(startedAt - beganAt),
    inMs === undefined ? unknown : tenths(inMs - startedAt),
    endedAt === undefined || cameBackAt === undefined ? unknown : tenths(endedAt - cameBackAt),
    calls,
  ];
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
