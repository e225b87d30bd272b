import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { RefusedError } from '../guarded-fetch.ts';
import { networkCode } from '../network-failure.ts';
import { AuthFailedError, SignInNeededError } from './auth/port.ts';
import { explain } from './explain.ts';
import { noAnswer, UnsentError } from './transports.ts';

/** A request without a result. `lost`: the session is gone. `refused`: the server, or what stands before it, said no. */
export type RequestFailure =
  | { readonly type: 'timeout'; readonly afterMs: number }
  | { readonly type: 'lost'; readonly why: string; readonly mayHaveRun: boolean }
  | { readonly type: 'refused'; readonly why: string; readonly mayHaveRun: boolean }
  /** Nothing was run: somebody has to sign in first. */
  | { readonly type: 'sign_in'; readonly why: string };

/** Failures before anything was sent. */
const unsentCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** What an error of the SDK says of a request. `ended`: why its session had. */
export function readFailure(
  error: unknown,
  facts: { readonly ended: string | undefined; readonly timeoutMs: number },
): RequestFailure {
  if (error instanceof UnsentError || error instanceof RefusedError)
    return { type: 'lost', why: error.message, mayHaveRun: false };
  if (error instanceof SignInNeededError) return { type: 'sign_in', why: error.message };
  if (error instanceof AuthFailedError) return { type: 'refused', why: error.message, mayHaveRun: false };
  if (facts.ended !== undefined) return { type: 'lost', why: facts.ended, mayHaveRun: true };
  if (isSessionLoss(error))
    return { type: 'lost', why: 'the server no longer knew the session', mayHaveRun: true };
  if (error instanceof TypeError)
    return { type: 'lost', why: explain(error), mayHaveRun: !unsentCodes.has(networkCode(error) ?? '') };
  if (error instanceof McpError && error.code === ErrorCode.RequestTimeout) {
    return { type: 'timeout', afterMs: facts.timeoutMs };
  }
  return { type: 'refused', why: explain(error), mayHaveRun: !isPlainNo(error) };
}

/** The server answered by the protocol, or refused the request before it looked at it. */
function isPlainNo(error: unknown): boolean {
  if (error instanceof StreamableHTTPError)
    return error.code !== undefined && error.code >= 400 && error.code < 500;
  return error instanceof McpError && error.data !== noAnswer;
}

/** The specification says 404; real servers also answer 400 and name the session. */
function isSessionLoss(error: unknown): boolean {
  if (!(error instanceof StreamableHTTPError)) return false;
  return error.code === 404 || (error.code === 400 && /session/i.test(error.message));
}
