import {
  BusyError,
  ChangedError,
  ConflictError,
  ForbiddenError,
  InvalidError,
  NotAllowedError,
  NotFoundError,
  UnavailableError,
} from './errors.ts';

const known = [
  ...[BusyError, ChangedError, ConflictError, ForbiddenError, InvalidError],
  ...[NotAllowedError, NotFoundError, UnavailableError],
];

/** What a person is told of an error; undefined for what is a fault of the bot. */
export function sentenceOf(error: unknown): string | undefined {
  return known.some((type) => error instanceof type) && error instanceof Error ? error.message : undefined;
}
