import type { Clock, Log } from '../../src/observe/port.ts';
import { TeamsCallError } from './call-error.ts';
import type { Target } from './connector.ts';
import { isPersonal } from './personal.ts';
import type { References } from './references.ts';
import { type Conversation, roomOf } from './thread-id.ts';

/** Where calling is of no use: Microsoft refuses the credentials, or the bot may not write there. */
export interface Standing {
  /** How the conversation is reached. Throws `TeamsCallError` where a call is of no use, and makes none. */
  targetOf(operation: string, place: Conversation): Promise<Target>;
  accepted(): void;
  /** `tellsOfPlace`: being refused there says that the bot may not write there at all. Never throws. */
  refused(
    error: TeamsCallError,
    of: { readonly place: Conversation; readonly to: Target; readonly tellsOfPlace: boolean },
  ): Promise<void>;
  /** Microsoft refuses the bot's own credentials. */
  isRefused(): boolean;
  /** In sentences. */
  troubles(): readonly string[];
}

export interface StandingOptions {
  readonly references: References;
  readonly clock: Clock;
  readonly log: Log;
}

/** Credentials that were refused are tried again only so often. */
const askAgainMs = 60_000;

/** Teams' words for a place where the bot may not write. */
const closing = new Set([
  'BotNotInConversationRoster',
  'MessageWritesBlocked',
  'ForbiddenOperation',
  'ForbiddenOperationException',
  'ConversationBlockedByUser',
  'BotDisabledByAdmin',
]);

interface Closed {
  readonly place: Conversation;
  readonly code: string;
}

const mostNoted = 1000;
const named = 3;

export function createStanding({ references, clock, log }: StandingOptions): Standing {
  const closed = new Map<string, Closed>();
  let isRefused = false;
  let refusedUntil = 0;

  function note(place: Conversation, code: string): void {
    closed.delete(roomKey(place));
    closed.set(roomKey(place), { place, code });
    const [oldest] = closed.keys();
    if (closed.size > mostNoted && oldest !== undefined) closed.delete(oldest);
  }

  function credentialsRefused(error: TeamsCallError): void {
    if (!isRefused) log.error('teams_credentials_refused', { error });
    isRefused = true;
    refusedUntil = clock.now() + askAgainMs;
  }

  return {
    async targetOf(operation, place) {
      const useless = (code: string, more: { readonly status?: number; readonly retryAfterMs?: number }) =>
        new TeamsCallError(operation, code, { isRefused: true, ...more });
      const left = refusedUntil - clock.now();
      if (left > 0) throw useless('credentials', { retryAfterMs: left });
      const reference = await references.of(place).catch(() => {
        throw useless('unknown_conversation', { retryAfterMs: 1000 });
      });
      if (reference === undefined) throw useless('unknown_conversation', { status: 404 });
      if (reference.closed !== undefined) throw useless(reference.closed, { status: 403 });
      closed.delete(roomKey(place));
      return { id: place.id, serviceUrl: reference.serviceUrl, botId: reference.botId };
    },
    accepted() {
      if (isRefused) log.info('teams_credentials_accepted');
      isRefused = false;
      refusedUntil = 0;
    },
    async refused(error, { place, to, tellsOfPlace }) {
      if (error.code === 'credentials') return credentialsRefused(error);
      // Another process may know better where the conversation is by now.
      if (error.status === 403 || error.status === 404) references.doubt(place);
      if (error.status !== 403 || !tellsOfPlace || !closing.has(error.code)) return;
      if (!(await references.close(place, error.code, to.serviceUrl).catch(() => false))) return;
      note(place, error.code);
      log.warn('teams_conversation_closed', { ...place, code: error.code });
    },
    isRefused: () => isRefused,
    troubles: () => [
      ...(isRefused ? ['Microsoft refuses the bot’s credentials; check MicrosoftAppId and its secret.'] : []),
      ...(closed.size === 0 ? [] : [closedWords([...closed.values()])]),
    ],
  };
}

function roomKey({ tenant, id }: Conversation): string {
  return `${tenant} ${roomOf(id)}`;
}

/** How many, and the newest few; chats of one person are not told apart. */
function closedWords(closed: readonly Closed[]): string {
  const [count, rest] = [closed.length, closed.length - named];
  const newest = closed
    .slice(-named)
    .reverse()
    .map(({ place: { id }, code }) => `${isPersonal(id) ? 'a personal chat' : roomOf(id)} (${code})`);
  const names = [...newest, ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
  return `The bot may not write in ${count} conversation${count === 1 ? '' : 's'} any more: ${names}.`;
}
