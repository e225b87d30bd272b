import type { FieldErrors } from './form.ts';

/** Errors that cross the border between the bot and its platforms; each says what to do. */

/** The message could not be stored; the platform should deliver it again. HTTP 503. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}

/** This person or token may not do that. HTTP 403. */
export class ForbiddenError extends Error {
  override readonly name = 'ForbiddenError';
  /** A stable word for programs. */
  readonly code: string;

  constructor(message: string, code = 'forbidden') {
    super(message);
    this.code = code;
  }
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

/** What was sent is wrong, by field: sentences for people. HTTP 400. */
export class InvalidError extends Error {
  override readonly name = 'InvalidError';
  readonly fields: FieldErrors;
  /** Of several things sent at once: what is wrong with each, empty where nothing is. */
  readonly items: readonly FieldErrors[] | undefined;

  constructor(fields: FieldErrors, items?: readonly FieldErrors[]) {
    super(
      Object.entries(fields)
        .map(([field, sentences]) => `${field}: ${sentences.join(' ')}`)
        .join(' '),
    );
    this.fields = fields;
    this.items = items;
  }
}

/** There is no such thing, or not for this caller. HTTP 404. */
export class NotFoundError extends Error {
  override readonly name = 'NotFoundError';
}

/** It cannot be done as things stand. HTTP 409. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
}

/** Somebody else changed it since it was read. HTTP 412. */
export class ChangedError extends Error {
  override readonly name = 'ChangedError';
}

/** This cannot be done with such a thing at all. HTTP 405. */
export class NotAllowedError extends Error {
  override readonly name = 'NotAllowedError';
}
