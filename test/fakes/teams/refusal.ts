/** A refusal in the connector's own words. */
export class TeamsRefusal extends Error {
  override readonly name = 'TeamsRefusal';
  /** HTTP status; 202 for a stream's request that came too late to count. */
  readonly status: number;
  readonly code: string;
  /** Seconds until the next try may succeed. */
  readonly retryAfter: number | undefined;

  constructor(status: number, code: string, message: string, retryAfter?: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

export function refuse(status: number, code: string, message: string): never {
  throw new TeamsRefusal(status, code, message);
}

/** 400, for a payload that lacks what it needs or has what it may not. */
export function malformed(message: string): never {
  return refuse(400, 'BadRequest', message);
}

/** 429, with the time to wait. */
export function tooOften(waitMs: number): never {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  throw new TeamsRefusal(429, 'TooManyRequests', 'API calls quota exceeded', seconds);
}
