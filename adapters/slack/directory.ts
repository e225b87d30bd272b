import { UnavailableError } from '../../src/chat/errors.ts';
import { at, textOf } from '../../src/chat/json.ts';
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
}

/** Who is who, and how channels are called; remembered for a while. */
export interface Directory {
  /** Throws `UnavailableError` while Slack cannot tell: who may do what depends on it. */
  member(team: string, user: string): Promise<Member>;
  /** As people call it: `#ops`, or whose direct messages it is. Undefined: Slack does not say. Never throws. */
  channelName(team: string, channel: string): Promise<string | undefined>;
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

const keepMs = 10 * 60_000;
const mostKept = 5000;
const patienceMs = 1500;

export function createDirectory(api: SlackApi, clock: Clock): Directory {
  const members = remembering<Member>(clock);
  const channels = remembering<Channel>(clock);
  const signal = () => AbortSignal.timeout(patienceMs);

  async function askMember(team: string, user: string): Promise<Member> {
    try {
      const { user: found } = await api.call(team, 'users.info', { user }, { signal: signal() });
      const profile = at(found, 'profile');
      const name = [at(profile, 'display_name'), at(found, 'real_name'), at(found, 'name')]
        .map(textOf)
        .find((text) => text !== '');
      const email = textOf(at(profile, 'email'));
      const isGuest = ['is_restricted', 'is_ultra_restricted', 'is_stranger', 'deleted'].some(
        (flag) => at(found, flag) === true,
      );
      return {
        name: name ?? user,
        isMember: !isGuest && textOf(at(found, 'team_id')) === team,
        ...(email === '' ? {} : { email }),
      };
    } catch (error) {
      if (error instanceof SlackCallError && error.isRefused && error.retryAfterMs === undefined)
        return { name: user, isMember: false };
      throw new UnavailableError('Slack does not say who this is. Try again in a moment.', { cause: error });
    }
  }

  async function askChannel(team: string, channel: string): Promise<Channel> {
    const found = await api.attempt(team, 'conversations.info', { channel }, { signal: signal() });
    return { name: textOf(at(found, 'channel', 'name')), user: textOf(at(found, 'channel', 'user')) };
  }

  const member = (team: string, user: string) => members(`${team} ${user}`, () => askMember(team, user));
  const room = (team: string, id: string) => channels(`${team} ${id}`, () => askChannel(team, id));

  return {
    member,
    async channelName(team, channel) {
      const { name, user } = await room(team, channel);
      if (name !== '') return `#${name}`;
      if (user === '') return undefined;
      const known = await member(team, user).catch(() => ({ name: user }));
      return `direct messages of ${known.name}`;
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

/** Asks once for the same thing, and again when the answer is old. */
function remembering<T>(clock: Clock): (key: string, ask: () => Promise<T>) => Promise<T> {
  const known = new Map<string, { readonly value: Promise<T>; readonly until: number }>();
  return (key, ask) => {
    const found = known.get(key);
    if (found !== undefined && found.until > clock.now()) return found.value;
    const value = ask();
    known.set(key, { value, until: clock.now() + keepMs });
    value.catch(() => known.delete(key));
    const [oldest] = known.keys();
    if (known.size > mostKept && oldest !== undefined) known.delete(oldest);
    return value;
  };
}
