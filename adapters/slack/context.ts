import type { Administration } from '../../src/chat/admin/administration.ts';
import type { Bot } from '../../src/chat/bot.ts';
import type { Desk, DeskCaller } from '../../src/chat/desk.ts';
import { UnavailableError } from '../../src/chat/errors.ts';
import type { CommandClaims } from '../../src/chat/heard-once.ts';
import type { People, PlatformPerson } from '../../src/chat/people.ts';
import type { ThreadSwitches } from '../../src/chat/thread-switches.ts';
import type { ToolLine } from '../../src/chat/tool-line.ts';
import type { Clock, Log } from '../../src/observe/port.ts';
import type { SlackApi } from './api.ts';
import type { Background } from './background.ts';
import type { Directory } from './directory.ts';
import { isAskedHere } from './elsewhere.ts';
import type { Installations } from './installations.ts';

/** Which emoji on an answer say how it was, by name. */
export interface FeedbackEmoji {
  readonly good: ReadonlySet<string>;
  readonly bad: ReadonlySet<string>;
}

/** What the listeners share. */
export interface SlackContext {
  readonly bot: Bot;
  readonly people: People;
  readonly desk: Desk;
  readonly administration: Administration;
  readonly switches: ThreadSwitches;
  readonly claims: CommandClaims;
  readonly status: () => Promise<string>;
  readonly tools: () => readonly ToolLine[];
  readonly feedbackEmoji: () => Promise<FeedbackEmoji>;
  readonly installations: Installations;
  readonly api: SlackApi;
  /** Another Web API, for tests. */
  readonly apiUrl?: string;
  readonly directory: Directory;
  readonly background: Background;
  readonly clock: Clock;
  readonly log: Log;
}

/** Somebody who does something, with what they may do. */
export interface Person extends DeskCaller {
  readonly team: string;
  readonly user: string;
}

export function principalOf({ team, user }: { readonly team: string; readonly user: string }): string {
  return `slack:${team}:${user}`;
}

/** Who this is and what they may do there. Throws `UnavailableError`. */
export async function personOf(
  { directory, people }: Pick<SlackContext, 'directory' | 'people'>,
  where: { readonly team: string; readonly user: string; readonly channel?: string },
): Promise<Person> {
  const { team, user, channel } = where;
  const { name, email, isMember } = await directory.member(team, user);
  const author = { principal: principalOf({ team, user }), name };
  const known: PlatformPerson = {
    author,
    tenant: { platform: 'slack', id: team, isMember },
    groups: [],
    // Slack confirms its members' addresses; those of other workspaces are theirs to claim.
    isVerified: isMember && email !== undefined,
    ...(email === undefined ? {} : { email }),
  };
  const permissions = await people.permissionsOf({
    ...known,
    ...(channel === undefined ? {} : { channel: `slack:${team}:${channel}` }),
  });
  const place = {
    isHere: (threadId: string) => channel !== undefined && isAskedHere(threadId, { team, channel }),
    elsewhere: () => people.permissionsOf(known),
  };
  return { team, user, author, permissions, source: 'slack', place };
}

/**
 * The same for who only talks. While Slack does not say who this is, they are who they were lately: a question
 * is not lost because of that. Throws `UnavailableError` for who was never seen.
 */
export async function talkerOf(
  context: Pick<SlackContext, 'directory' | 'people'>,
  where: { readonly team: string; readonly user: string; readonly channel: string },
): Promise<Person> {
  try {
    return await personOf(context, where);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    const { team, user, channel } = where;
    const known = await context.people.lately({
      principal: principalOf({ team, user }),
      tenant: { platform: 'slack', id: team },
      channel: `slack:${team}:${channel}`,
    });
    if (known === undefined) throw error;
    return { team, user, ...known, source: 'slack' };
  }
}
