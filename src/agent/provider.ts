import type { JsonObject } from './json.ts';
import type { Message, Opaque, ToolCall } from './messages.ts';

/** A tool as the model sees it. */
export interface ToolSpec {
  /** At most 64 of `[A-Za-z0-9_-]`. */
  readonly name: string;
  readonly description: string;
  /** JSON Schema of an object. */
  readonly inputSchema: JsonObject;
  /** The vendor searches it by itself: the model reads of it once it was found. Most vendors cannot. */
  readonly isDeferred?: boolean;
}

/** One model call. The prefix (system, tools, earlier messages) is stable, so that vendors' caches hit. */
export interface ModelRequest {
  readonly system: string;
  readonly messages: readonly Message[];
  readonly tools: readonly ToolSpec[];
  /** 0 to 2; absent: the vendor's default. */
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
  /** Correlates vendor logs with ours; never a person's name. */
  readonly turnId?: string;
  /** Another configured model that is to answer this call. Absent: the turn's own. Vendors do not see it. */
  readonly model?: string;
  /** How long the vendor keeps the prompt for the next call, where it must be told. Absent: as its provider is set. */
  readonly promptCache?: 'off' | '5m' | '1h';
  /** How the call is tried again when it fails. Absent: as its provider does by itself. */
  readonly retry?: RetryPolicy;
}

/** How one layer tries failed calls again, for all vendors. */
export interface RetryPolicy {
  /** How often a failed call is tried again; 0: never. */
  readonly retries: number;
  /** The wait before the first of them. */
  readonly firstWaitMs: number;
  /** What each further wait is multiplied with; below 1 counts as 1. */
  readonly factor: number;
  readonly maxWaitMs: number;
  /** Waits differ by up to a quarter, so that many callers do not come back at once. */
  readonly jitter: boolean;
  /** Which failures are tried again. Absent: those that may pass by themselves. */
  readonly on?: readonly ProviderErrorKind[];
}

/** Tokens of one call. `input` includes what was read from and written to a cache; `output` includes reasoning. */
export interface Usage {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly reasoning: number;
}

/** What was paid for model calls, as far as it is known. */
export interface Cost {
  /** US dollars. */
  readonly usd: number;
  /** False: it was more, by an amount that nobody knows. */
  readonly isWhole: boolean;
}

/** Why a model stopped. */
export type StopReason =
  | 'end'
  | 'tool_calls'
  | 'length'
  | 'refusal'
  | 'content_filtered'
  | 'context_overflow';

/**
 * What a model says, piece by piece. Exactly one `stop` comes last; a stream that ends without it is
 * an error. After `restart` all text, reasoning, calls and opaque state so far are void; usage is not.
 * Usages add up.
 */
export type ModelEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'tool_call'; readonly call: ToolCall }
  | { readonly type: 'opaque'; readonly opaque: Opaque }
  | {
      /** What one request to the vendor used; requests that failed or were begun again count too. */
      readonly type: 'usage';
      readonly usage: Usage;
      /** Which configured model it was; absent: the one that was asked. */
      readonly model?: string;
      /** Absent: unknown. */
      readonly cost?: Cost;
      /** Where the price is from. */
      readonly priceSource?: string;
    }
  | { readonly type: 'restart'; readonly reason: string }
  | { readonly type: 'stop'; readonly reason: StopReason };

/** Calls a model. Throws only `ProviderError`. */
export type Provider = (request: ModelRequest, signal: AbortSignal) => AsyncIterable<ModelEvent>;

/** The kinds of failure, the same for every vendor. */
export type ProviderErrorKind =
  | 'misconfigured'
  | 'auth'
  | 'permission'
  | 'not_found'
  | 'rate_limited'
  | 'quota_exhausted'
  | 'overloaded'
  | 'context_overflow'
  | 'bad_request'
  | 'content_filtered'
  | 'network'
  | 'timeout'
  | 'aborted'
  | 'protocol';

/** A model call failed. The message tells the operator; people see a sentence made from `kind`. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly kind: ProviderErrorKind;
  readonly status: number | undefined;
  /** How long the vendor asked to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: ProviderErrorKind,
    message: string,
    options: { status?: number | undefined; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export const noUsage: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 };

/** The sum of two usages. */
export function addUsage(a: Usage, b: Usage): Usage {
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite: a.cacheWrite + b.cacheWrite,
    reasoning: a.reasoning + b.reasoning,
  };
}
