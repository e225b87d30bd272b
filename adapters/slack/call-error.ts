import { PostError } from '../../src/chat/adapter.ts';

/** Why a call of Slack's Web API did not succeed. */
export class SlackCallError extends Error {
  override readonly name = 'SlackCallError';
  /** Slack's word, such as `channel_not_found`; `ratelimited`, `network` or `http` where it has none. */
  readonly code: string;
  /** How long to wait before another call can help. */
  readonly retryAfterMs: number | undefined;
  /** Slack certainly did nothing. */
  readonly isRefused: boolean;

  constructor(
    method: string,
    code: string,
    options: { readonly isRefused: boolean; readonly retryAfterMs?: number; readonly cause?: unknown },
  ) {
    super(`Slack refused ${method} (${code}).`, { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.isRefused = options.isRefused;
  }
}

/** Codes after which the same call fails for ever. */
const hopeless = new Set([
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'thread_not_found',
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'restricted_action',
  'user_not_found',
  'msg_too_long',
  'no_text',
]);

/** Codes that say that the bot's token is worth nothing any more. */
export const tokenCodes: ReadonlySet<string> = new Set([
  'invalid_auth',
  'not_authed',
  'token_revoked',
  'token_expired',
  'account_inactive',
  'team_access_not_granted',
]);

/** As the outbox understands it. */
export function toPostError(error: unknown): unknown {
  if (!(error instanceof SlackCallError)) return error;
  return new PostError(error.message, {
    outcome: error.isRefused ? 'refused' : 'unknown',
    retryable: !hopeless.has(error.code),
    cause: error,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  });
}

/** Whether an error is Slack's refusal with one of these codes. */
export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof SlackCallError && codes.includes(error.code);
}

/** A message that can neither be changed nor deleted any more, or not by the bot. */
export function isGoneMessage(error: unknown): boolean {
  return isCode(
    error,
    ...['message_not_found', 'cant_update_message', 'edit_window_closed', 'cant_delete_message'],
  );
}
