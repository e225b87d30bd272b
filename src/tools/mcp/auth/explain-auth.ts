import { OAuthError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { z } from 'zod';
import { RefusedError } from '../../guarded-fetch.ts';
import { networkFailure } from '../../network-failure.ts';
import { masker } from '../masker.ts';
import { AuthFailedError, SignInNeededError } from './port.ts';

const longest = 300;

/** What went wrong with an authorization, as the rest of a sentence about the server; without `secrets`. */
export function authFailure(cause: unknown, secrets: readonly string[]): Error {
  if (cause instanceof SignInNeededError || cause instanceof AuthFailedError) return cause;
  return new AuthFailedError(masker(secrets)(whyOf(cause)).slice(0, longest), {
    // Its text may hold what must not be logged.
    cause: cause instanceof Error ? cause.name : undefined,
  });
}

function whyOf(cause: unknown): string {
  if (cause instanceof OAuthError)
    return `its authorization server refused (${cause.errorCode})${cause.message === '' ? '' : `: ${cause.message}`}; check how it is signed in to`;
  if (cause instanceof RefusedError) return `its authorization server may not be reached: ${cause.message}`;
  if (cause instanceof z.core.$ZodError || cause instanceof SyntaxError)
    return 'its authorization server answered with something that is not OAuth';
  if (cause instanceof TypeError)
    return `its authorization server cannot be reached: ${networkFailure(cause)}`;
  return `it could not be authorized: ${cause instanceof Error ? cause.message : String(cause)}`;
}
