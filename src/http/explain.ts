import {
  BusyError,
  ChangedError,
  ConflictError,
  ForbiddenError,
  InvalidError,
  NotAllowedError,
  NotFoundError,
  UnavailableError,
} from '../chat/errors.ts';
import type { FieldErrors } from '../chat/form.ts';
import { Refusal } from './refusal.ts';

/** How an error is answered: with a sentence, or with what is wrong by field (of each thing that was sent). */
export type Explained = {
  readonly status: number;
  /** A stable word for programs. */
  readonly code: string;
  readonly headers?: Readonly<Record<string, string>>;
} & ({ readonly detail: string } | { readonly problems: FieldErrors | readonly FieldErrors[] });

/** Errors of the border between the bot and its platforms, and everything else as a failure of the bot. */
export function explain(error: unknown, showDetails: boolean): Explained {
  if (error instanceof InvalidError)
    return { status: 400, code: 'invalid', problems: error.items ?? error.fields };
  return refused(error) ?? misread(error) ?? failed(error, showDetails);
}

function refused(error: unknown): Explained | undefined {
  if (error instanceof Refusal) {
    const { status, code, headers, message } = error;
    return { status, code, headers, detail: message };
  }
  if (error instanceof ForbiddenError) return { status: 403, code: error.code, detail: error.message };
  if (error instanceof NotFoundError) return { status: 404, code: 'not_found', detail: error.message };
  if (error instanceof NotAllowedError)
    return { status: 405, code: 'method_not_allowed', detail: error.message };
  if (error instanceof ConflictError) return { status: 409, code: 'conflict', detail: error.message };
  if (error instanceof ChangedError) return { status: 412, code: 'changed', detail: error.message };
  if (error instanceof BusyError) {
    const headers = { 'retry-after': String(error.retryAfterSeconds) };
    return { status: 429, code: 'busy', detail: error.message, headers };
  }
  if (error instanceof UnavailableError)
    return { status: 503, code: 'unavailable', detail: error.message, headers: { 'retry-after': '1' } };
  return undefined;
}

/** What the server itself could not read. */
function misread(error: unknown): Explained | undefined {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status === 413)
    return { status, code: 'too_large', detail: 'The request body is larger than this path accepts.' };
  if (status >= 400 && status < 500)
    return { status, code: 'bad_request', detail: error instanceof Error ? error.message : 'Bad request.' };
  return undefined;
}

function failed(error: unknown, showDetails: boolean): Explained {
  const detail = showDetails && error instanceof Error ? ` (${error.message})` : '';
  return {
    status: 500,
    code: 'internal',
    detail: `Something went wrong inside the bot${detail}. Its log has the details under the reference id.`,
  };
}
