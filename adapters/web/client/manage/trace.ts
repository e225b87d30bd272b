export type Around = 'turn' | 'model call' | 'tool call';

/** A layer that was entered. All times in milliseconds since its activation began; null: not known. */
export interface Entered {
  readonly layer?: string;
  readonly around: Around;
  readonly at_ms: number;
  readonly in_ms: number | null;
  readonly out_ms: number | null;
  readonly calls: number;
  readonly failed: boolean;
  /** Absent: it went on inwards, and all was well. */
  readonly end: 'answered' | 'ended_turn' | 'failed' | null;
}

/** A call that the layers lay around. */
export interface TracedCall {
  readonly around: Exclude<Around, 'turn'>;
  readonly name: string;
  readonly at_ms: number;
  readonly duration_ms: number;
  readonly error?: string;
  /** The layer that asked a model aside. */
  readonly asked_by?: string;
  readonly input_tokens?: number;
  readonly output_tokens?: number;
}

export interface TracedActivation {
  /** ISO 8601; null in older traces. */
  readonly began_at: string | null;
  readonly duration_ms: number | null;
  readonly layers: readonly { readonly type: string; readonly priority: number }[];
  readonly skipped: readonly { readonly type: string; readonly reason: string }[];
  readonly calls: readonly TracedCall[];
  readonly entered: readonly Entered[];
  readonly more: number;
}

/** How a turn ran, activation by activation. */
export interface TurnTrace {
  readonly turn_id: string;
  readonly activations: readonly TracedActivation[];
}

export interface CallRow {
  readonly call: TracedCall;
  readonly layers: readonly Entered[];
}

/** An activation as it is drawn: the layers around the turn, then each call with those around it. */
export interface Waterfall {
  /** What the whole width stands for, in milliseconds. */
  readonly totalMs: number;
  readonly turn: readonly Entered[];
  readonly calls: readonly CallRow[];
  /** Layers of which nobody knows the call: older traces have no calls. */
  readonly rest: readonly Entered[];
}

/** Times are rounded to tenths of a millisecond. */
const roundingMs = 0.2;

/** Puts each layer under the call that it lay around; of calls that ran at once, under one that lacks it. */
export function waterfallOf({ entered, calls, duration_ms }: TracedActivation): Waterfall {
  const rows = calls.toSorted((a, b) => a.at_ms - b.at_ms).map((call) => ({ call, layers: [] as Entered[] }));
  const rest: Entered[] = [];
  for (const one of entered) {
    if (one.around === 'turn') continue;
    const mayBe = rows.filter(
      ({ call }) => call.asked_by === undefined && call.around === one.around && isWithin(one.at_ms, call),
    );
    const lacking = mayBe.find(({ layers }) => layers.every(({ layer }) => layer !== one.layer));
    const row = lacking ?? mayBe.at(-1);
    if (row) row.layers.push(one);
    else rest.push(one);
  }
  const ends = [
    ...calls.map((call) => call.at_ms + call.duration_ms),
    ...entered.map(({ at_ms, in_ms }) => at_ms + (in_ms ?? 0)),
  ];
  return {
    totalMs: Math.max(duration_ms ?? 0, ...ends, 0.1),
    turn: entered.filter(({ around }) => around === 'turn'),
    calls: rows,
    rest,
  };
}

function isWithin(atMs: number, { at_ms, duration_ms }: TracedCall): boolean {
  return atMs >= at_ms - roundingMs && atMs <= at_ms + duration_ms + roundingMs;
}

/** `0.4 ms`, `812 ms`, `1.4 s`. */
export function spelledMs(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms)} ms`;
}
