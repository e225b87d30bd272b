/** Why a call of Teams' connector did not succeed. */
export class TeamsCallError extends Error {
  override readonly name = 'TeamsCallError';
  /** The connector's word, such as `BotNotInConversationRoster`; `ratelimited`, `network` or `http` where it has none. */
  readonly code: string;
  /** Of the answer; 0 where there was none. */
  readonly status: number;
  /** How long to wait before another call can help. */
  readonly retryAfterMs: number | undefined;
  /** Teams certainly did nothing. */
  readonly isRefused: boolean;
  /** What the connector said about it; only its words tell why a stream is refused. Empty where it said nothing. */
  readonly detail: string;

  constructor(
    operation: string,
    code: string,
    options: {
      readonly isRefused: boolean;
      readonly status?: number;
      readonly retryAfterMs?: number;
      readonly detail?: string;
      readonly cause?: unknown;
    },
  ) {
    super(`Teams refused ${operation} (${code}).`, { cause: options.cause });
    this.code = code;
    this.status = options.status ?? 0;
    this.retryAfterMs = options.retryAfterMs;
    this.isRefused = options.isRefused;
    this.detail = options.detail ?? '';
  }
}

/** Whether an error is Teams' refusal with one of these codes. */
export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof TeamsCallError && codes.includes(error.code);
}
