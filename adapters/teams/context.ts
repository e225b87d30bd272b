import type { AdapterMemory } from '../../src/chat/adapter-memory.ts';
import type { Administration } from '../../src/chat/admin/administration.ts';
import type { Bot } from '../../src/chat/bot.ts';
import type { Desk, DeskCaller } from '../../src/chat/desk.ts';
import { UnavailableError } from '../../src/chat/errors.ts';
import type { CommandClaims } from '../../src/chat/heard-once.ts';
import type { People, PlatformPerson } from '../../src/chat/people.ts';
import type { ThreadSwitches } from '../../src/chat/thread-switches.ts';
import type { ToolLine } from '../../src/chat/tool-line.ts';
import type { Clock, Log } from '../../src/observe/port.ts';
import type { TeamsApi } from './api.ts';
import type { Directory } from './directory.ts';
import { isAskedHere } from './elsewhere.ts';
import type { PersonalChats } from './personal-chats.ts';
import { type Conversation, channelOf, encodeThreadId } from './thread-id.ts';

/** What all that listens shares. */
export interface TeamsContext {
  readonly bot: Bot;
  readonly people: People;
  readonly desk: Desk;
  readonly administration: Administration;
  readonly switches: ThreadSwitches;
  readonly claims: CommandClaims;
  readonly memory: AdapterMemory;
  /** Markdown about the state of the bot. */
  readonly status: () => Promise<string>;
  readonly tools: () => readonly ToolLine[];
  readonly api: TeamsApi;
  readonly directory: Directory;
  readonly chats: PersonalChats;
  readonly clock: Clock;
  readonly log: Log;
}

/** Somebody who does something, with what they may do. */
export interface Person extends DeskCaller {
  readonly tenant: string;
  /** Of Entra; what principals are made of. */
  readonly aadObjectId: string;
  /** `29:…`, as Teams names them towards this bot. */
  readonly userId: string;
}

/** `teams:<tenant>:<aadObjectId>`; Entra's ids are compared in lower case. */
export function principalOf({
  tenant,
  aadObjectId,
}: {
  readonly tenant: string;
  readonly aadObjectId: string;
}) {
  return `teams:${tenant}:${aadObjectId.toLowerCase()}`;
}

/** Who this is and what they may do there. Undefined: nobody of Entra. Throws `UnavailableError`. */
export async function personOf(
  { directory, people }: Pick<TeamsContext, 'directory' | 'people'>,
  { conversation, userId, aadObjectId: told }: Where,
): Promise<Person | undefined> {
  const { tenant } = conversation;
  const channel = channelOf(encodeThreadId(conversation));
  const { name, email, isMember, aadObjectId: known } = await directory.member(conversation, userId);
  const aadObjectId = (told || known || '').toLowerCase();
  if (aadObjectId === '') return undefined;
  const author = { principal: principalOf({ tenant, aadObjectId }), name };
  const person: PlatformPerson = {
    author,
    tenant: { platform: 'teams', id: tenant, isMember },
    groups: [],
    // Entra knows its members' addresses; those of other organisations are theirs to claim.
    isVerified: isMember && email !== undefined,
    ...(email === undefined ? {} : { email }),
  };
  const permissions = await people.permissionsOf({
    ...person,
    ...(channel === undefined ? {} : { channel }),
  });
  const place = {
    isHere: (threadId: string) => isAskedHere(threadId, conversation),
    elsewhere: () => people.permissionsOf(person),
  };
  return { tenant, aadObjectId, userId, author, permissions, source: 'teams', place };
}

/**
 * The same for who only talks. While Teams does not say who this is, they are who they were lately: a question
 * is not lost because of that. Throws `UnavailableError` for who was never seen.
 */
export async function talkerOf(
  context: Pick<TeamsContext, 'directory' | 'people'>,
  where: Where,
): Promise<Person | undefined> {
  try {
    return await personOf(context, where);
  } catch (error) {
    if (!(error instanceof UnavailableError) || where.aadObjectId === '') throw error;
    const { conversation, userId, aadObjectId } = where;
    const { tenant } = conversation;
    const channel = channelOf(encodeThreadId(conversation));
    const known = await context.people.lately({
      principal: principalOf({ tenant, aadObjectId }),
      tenant: { platform: 'teams', id: tenant },
      ...(channel === undefined ? {} : { channel }),
    });
    if (known === undefined) throw error;
    return { tenant, aadObjectId: aadObjectId.toLowerCase(), userId, ...known, source: 'teams' };
  }
}

/** Somebody of a conversation, as an activity names them. */
export interface Where {
  readonly conversation: Conversation;
  readonly userId: string;
  /** Empty where the activity does not say. */
  readonly aadObjectId: string;
}
