import {
  BusyError,
  ConflictError,
  ForbiddenError,
  InvalidError,
  NotFoundError,
  UnavailableError,
} from '../../src/chat/errors.ts';
import { SlackCallError } from './call-error.ts';

const known = [
  BusyError,
  ConflictError,
  ForbiddenError,
  InvalidError,
  NotFoundError,
  UnavailableError,
  SlackCallError,
];

/** What a person is told of an error; undefined for what is a fault of the bot. */
export function sentenceOf(error: unknown): string | undefined {
  return known.some((type) => error instanceof type) && error instanceof Error ? error.message : undefined;
}
