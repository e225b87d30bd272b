import type { Clock } from '../observe/port.ts';

/** How many messages the bot takes within a minute; each process counts for itself. */
export interface CapLimits {
  /** Of one person, wherever they write. */
  readonly perUser: number;
  /** In one channel, whoever writes. */
  readonly perChannel: number;
}

export const defaultCaps: CapLimits = { perUser: 30, perChannel: 120 };

/** `refused_first`: the person is told, once for all that is refused within the same minute. */
export type Verdict = 'taken' | 'refused' | 'refused_first';

export interface Caps {
  /** Counts a message once, however often and as however many events it is delivered. */
  count(message: {
    readonly tenant: string;
    readonly user: string;
    readonly channel: string;
    readonly key: string;
  }): Verdict;
}

const windowMs = 60_000;
const mostVerdicts = 5000;

export function createCaps(clock: Clock, limits: CapLimits = defaultCaps): Caps {
  const taken = new Map<string, readonly number[]>();
  const told = new Map<string, number>();
  const verdicts = new Map<string, boolean>();

  /** When messages were taken within the last minute. Whoever was silent since is forgotten. */
  function recent(who: string): readonly number[] {
    const since = clock.now() - windowMs;
    const times = (taken.get(who) ?? []).filter((time) => time > since);
    if (times.length === 0) taken.delete(who);
    return times;
  }

  function take(who: string): void {
    const times = [...recent(who), clock.now()];
    taken.delete(who);
    taken.set(who, times);
    for (const oldest of taken.keys()) if (recent(oldest).length > 0) break;
  }

  function remember(key: string, isTaken: boolean): void {
    verdicts.set(key, isTaken);
    const [oldest] = verdicts.keys();
    if (verdicts.size > mostVerdicts && oldest !== undefined) verdicts.delete(oldest);
  }

  function isFirst(user: string): boolean {
    const now = clock.now();
    if ((told.get(user) ?? Number.NEGATIVE_INFINITY) > now - windowMs) return false;
    told.delete(user);
    told.set(user, now);
    for (const [other, time] of told) {
      if (time > now - windowMs) break;
      told.delete(other);
    }
    return true;
  }

  return {
    count({ tenant, user, channel, key }) {
      const known = verdicts.get(key);
      if (known !== undefined) return known ? 'taken' : 'refused';
      const [person, place] = [`${tenant} user ${user}`, `${tenant} channel ${channel}`];
      const isTaken = recent(person).length < limits.perUser && recent(place).length < limits.perChannel;
      remember(key, isTaken);
      if (!isTaken) return isFirst(person) ? 'refused_first' : 'refused';
      take(person);
      take(place);
      return 'taken';
    },
  };
}
