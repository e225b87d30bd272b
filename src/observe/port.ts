/**
 * The log that every room writes to. An entry is an event name and flat fields: ids, counts and
 * durations; never message text, tool arguments, tool results or secrets.
 */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** A log whose entries all carry these fields. */
  with(fields: LogFields): Log;
}

/** Snake-case names. `error` takes the thrown value and is written as its class, message and cause. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Time, so that tests can move it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** What is counted. Labels are few and bounded: never ids. */
export interface Metrics {
  received(platform: string, duplicate: boolean): void;
  turnEnded(platform: string, state: string, durationMs: number): void;
  modelStep(
    model: string,
    tokens: { readonly input: number; readonly output: number },
    durationMs: number,
  ): void;
  modelFailed(model: string, kind: string): void;
  toolCall(source: string, ok: boolean, durationMs: number): void;
  /** A reply was sent again because nobody could tell whether the first attempt arrived. */
  possiblyRepeated(platform: string): void;
  undeliverable(platform: string): void;
}
