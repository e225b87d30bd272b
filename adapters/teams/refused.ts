import { PostError } from '../../src/chat/adapter.ts';
import { TeamsCallError } from './call-error.ts';

/** The bot may not write there any more: it was removed, the person blocked it, or a policy forbids it. */
const closed = new Set([
  'BotNotInConversationRoster',
  'MessageWritesBlocked',
  'ForbiddenOperationException',
  'ForbiddenOperation',
  'ConversationBlockedByUser',
  'ConversationNotFound',
  'ActivityNotFoundInConversation',
  'BotDisabledByAdmin',
]);

/** Nothing that is tried again would help. */
export function isHopeless(error: unknown): boolean {
  return error instanceof TeamsCallError && (closed.has(error.code) || error.status === 404);
}

/** A message that is not there any more. */
export function isGoneMessage(error: unknown): boolean {
  return (
    error instanceof TeamsCallError &&
    (error.status === 404 || error.code === 'ActivityNotFoundInConversation')
  );
}

/** A message that is too large, in either of Teams' words. */
export function isTooLarge(error: unknown): boolean {
  return (
    error instanceof TeamsCallError &&
    (error.status === 413 || error.code === 'MessageSizeTooBig' || /size too (large|big)/i.test(error.detail))
  );
}

/** Teams does not take what the message says, however often it is sent. */
export function isMalformed(error: unknown): boolean {
  return error instanceof TeamsCallError && error.status === 400;
}

/** As the outbox understands it. `mayExist`: something that is not remembered may stand there already. */
export function toPostError(error: unknown, { mayExist = false } = {}): unknown {
  if (!(error instanceof TeamsCallError)) return error;
  return new PostError(error.message, {
    outcome: error.isRefused && !mayExist ? 'refused' : 'unknown',
    retryable: !(isHopeless(error) || isMalformed(error) || isTooLarge(error)),
    cause: error,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  });
}
