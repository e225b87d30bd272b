import type { ChatAdapter } from '../../src/chat/adapter.ts';
import type { Log } from '../../src/observe/port.ts';
import type { Directory } from './directory.ts';
import type { Installations } from './installations.ts';
import { userOf } from './thread-id.ts';

export interface KnowingOptions {
  readonly installations: Installations;
  readonly directory: Directory;
  readonly log: Log;
}

/** What Slack tells of people and channels that somebody names. */
export function createKnowing({
  installations,
  directory,
  log,
}: KnowingOptions): Required<Pick<ChatAdapter, 'placesCalled' | 'personOf'>> {
  return {
    async placesCalled(name, principal) {
      const own = userOf(principal);
      try {
        const teams = own === undefined ? await installations.teams() : [own.team];
        const found = teams.map(async (team) =>
          (await directory.channelsCalled(team, name)).map((id) => `slack:${team}:${id}`),
        );
        return (await Promise.all(found)).flat();
      } catch (error) {
        log.warn('slack_channels_not_listed', { error });
        return [];
      }
    },
    async personOf(principal) {
      const who = userOf(principal);
      const told = who && (await directory.member(who.team, who.user).catch(() => undefined));
      if (told === undefined) return undefined;
      return told.isNobody === true ? { type: 'nobody' } : { type: 'person', name: told.name };
    },
  };
}
