/** HTTP as adapters see it: they know no server, and the server knows no platform. */

export interface RouteRequest {
  readonly method: string;
  /** Path and query as received. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** From `:name` in the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly cookies: Readonly<Record<string, string | undefined>>;
  /** The exact bytes received; signatures are checked over them. */
  readonly body: Buffer;
  readonly remoteAddress: string;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

export interface RouteResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** A string or bytes are sent as they are; an async iterable is streamed, chunk by chunk. */
  readonly body?: string | Buffer | AsyncIterable<string>;
}

/** One path of an adapter on the bot's one server. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  /** With `:name` parameters; a last `*` matches the rest and appears as `params['*']`. */
  readonly path: string;
  /** Larger bodies are answered 413 before the handler runs. Default 1 MiB. */
  readonly bodyLimitBytes?: number;
  /**
   * Asked before a body is read that is large or does not say how large it is: may this caller, whose body
   * is not there yet, send one? Undefined: yes. Absent: all may.
   */
  admit?(request: RouteRequest): Promise<RouteResponse | undefined>;
  /** Sent with each of its answers, errors among them. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Its callers are limited in how often they may ask, and how often they may fail to say who they are.
   * `failures`: in the latter alone, and only those who bring a token or a session at all.
   */
  readonly isLimited?: boolean | 'failures';
  /** Must answer; what it throws becomes the HTTP edge's error body. */
  handle(request: RouteRequest): Promise<RouteResponse>;
}
