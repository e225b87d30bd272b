import { UnavailableError } from '../../src/chat/errors.ts';
import { at, type Json, records, textOf } from '../../src/chat/json.ts';
import { remembering } from '../../src/chat/remembering.ts';
import type { Clock } from '../../src/observe/port.ts';
import type { SlackApi } from './api.ts';
import { SlackCallError } from './call-error.ts';
import type { Names } from './words.ts';

/** Somebody of a workspace. */
export interface Member {
  readonly name: string;
  readonly email?: string;
  /** A full member of this workspace: no guest, nobody of another one. */
  readonly isMember: boolean;
  /** Slack knows of nobody with this id. */
  readonly isNobody?: true;
}

/** A member, as pickers show them. */
export interface Listed {
  readonly user: string;
  readonly name: string;
  readonly email: string;
}

/** Who is who, and how channels are called; remembered for a while. */
export interface Directory {
  /** Throws `UnavailableError` while Slack cannot tell: who may do what depends on it. */
  member(team: string, user: string): Promise<Member>;
  /** As people call it: `#ops`, or whose direct messages it is. Undefined: Slack does not say. Never throws. */
  channelName(team: string, channel: string): Promise<string | undefined>;
  /** The ids of channels of this name that the bot is in. Throws `SlackCallError`. */
  channelsCalled(team: string, name: string): Promise<readonly string[]>;
  /** Full members of the workspace whose name or e-mail holds these words; of a large one, of the first. Never throws. */
  membersLike(team: string, words: string): Promise<readonly Listed[]>;
  /** Looks all of these up; who cannot be found keeps the id for a name. Never throws. */
  names(
    team: string,
    ids: { readonly users: readonly string[]; readonly channels: readonly string[] },
  ): Promise<Names>;
}

/** One of the two is empty. */
interface Channel {
  readonly name: string;
  readonly user: string;
}

const patienceMs = 1500;
/** Slack waits for 3 s for what there is to choose. */
const [mostPages, listMs] = [5, 2000];

export function createDirectory(api: SlackApi, clock: Clock): Directory {
  const members = remembering<Member>(clock);
  const channels = remembering<Channel>(clock);
  const lists = remembering<readonly Json[]>(clock);
  const signal = () => AbortSignal.timeout(patienceMs);

  async function askMember(team: string, user: string): Promise<Member> {
    try {
      const { user: found } = await api.call(team, 'users.info', { user }, { signal: signal() });
      const email = textOf(at(found, 'profile', 'email'));
      return {
        name: nameIn(found) || user,
        isMember: isFullMember(found, team),
        ...(email === '' ? {} : { email }),
      };
    } catch (error) {
      if (error instanceof SlackCallError && error.isRefused && error.retryAfterMs === undefined)
        return {
          name: user,
          isMember: false,
          ...(error.code === 'user_not_found' ? { isNobody: true as const } : {}),
        };
      throw new UnavailableError('Slack does not say who this is. Try again in a moment.', { cause: error });
    }
  }

  async function askChannel(team: string, channel: string): Promise<Channel> {
    const found = await api.attempt(team, 'conversations.info', { channel }, { signal: signal() });
    return { name: textOf(at(found, 'channel', 'name')), user: textOf(at(found, 'channel', 'user')) };
  }

  /** All pages of a list, up to as many as a person waits for. */
  async function pagesOf(team: string, method: string, args: Json): Promise<readonly Json[]> {
    const found: Json[] = [];
    const until = AbortSignal.timeout(listMs);
    let cursor = '';
    for (let page = 0; page < mostPages; page++) {
      const next = cursor === '' ? {} : { cursor };
      const told = await api.call(team, method, { ...args, ...next, limit: 200 }, { signal: until });
      found.push(...records(told.channels), ...records(told.members));
      cursor = textOf(at(told.response_metadata, 'next_cursor'));
      if (cursor === '') break;
    }
    return found;
  }

  const joined = (team: string) =>
    lists.of(`${team} channels`, () =>
      pagesOf(team, 'users.conversations', {
        types: 'public_channel,private_channel',
        exclude_archived: true,
      }),
    );
  const everybody = (team: string) => lists.of(`${team} members`, () => pagesOf(team, 'users.list', {}));

  const member = (team: string, user: string) => members.of(`${team} ${user}`, () => askMember(team, user));
  const room = (team: string, id: string) => channels.of(`${team} ${id}`, () => askChannel(team, id));

  return {
    member,
    async channelName(team, channel) {
      const { name, user } = await room(team, channel);
      if (name !== '') return `#${name}`;
      if (user === '') return undefined;
      const known = await member(team, user).catch(() => ({ name: user }));
      return `direct messages of ${known.name}`;
    },
    async channelsCalled(team, name) {
      const wanted = name.toLowerCase();
      return (await joined(team)).flatMap((one) => (textOf(one.name) === wanted ? [textOf(one.id)] : []));
    },
    async membersLike(team, words) {
      const wanted = words.replace(/^@/, '').toLowerCase();
      const all = await everybody(team).catch((): readonly Json[] => []);
      return all
        .filter((one) => isFullMember(one, team) && one.is_bot !== true && one.id !== 'USLACKBOT')
        .map((one) => ({ user: textOf(one.id), name: nameIn(one), email: textOf(at(one.profile, 'email')) }))
        .filter(({ name, email }) => `${name} ${email}`.toLowerCase().includes(wanted));
    },
    async names(team, ids) {
      const [users, rooms] = await Promise.all([
        Promise.all(
          [...new Set(ids.users)].map(
            async (id) => [id, (await member(team, id).catch(() => ({ name: id }))).name] as const,
          ),
        ),
        Promise.all(
          [...new Set(ids.channels)].map(async (id) => [id, (await room(team, id)).name || id] as const),
        ),
      ]);
      const [byUser, byChannel] = [new Map(users), new Map(rooms)];
      return { user: (id) => byUser.get(id) ?? id, channel: (id) => byChannel.get(id) ?? id };
    },
  };
}

function nameIn(told: unknown): string {
  const names = [at(told, 'profile', 'display_name'), at(told, 'real_name'), at(told, 'name')];
  return names.map(textOf).find((text) => text !== '') ?? '';
}

function isFullMember(told: unknown, team: string): boolean {
  const isGuest = ['is_restricted', 'is_ultra_restricted', 'is_stranger', 'deleted'].some(
    (flag) => at(told, flag) === true,
  );
  return !isGuest && textOf(at(told, 'team_id')) === team;
}
