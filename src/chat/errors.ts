/** Errors that cross the border between the bot and its platforms; each says what to do. */

/** The message could not be stored; the platform should deliver it again. HTTP 503. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}

/** This person or token may not do that. HTTP 403. */
export class ForbiddenError extends Error {
  override readonly name = 'ForbiddenError';
}

/** Too much at once. HTTP 429. */
export class BusyError extends Error {
  override readonly name = 'BusyError';
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
