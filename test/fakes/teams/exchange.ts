import type { Json } from './json.ts';

/** A request below `/v3/`. */
export interface Request {
  readonly method: string;
  /** Without `v3`, decoded: `['conversations', 'a:1', 'activities']`. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Json;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}
