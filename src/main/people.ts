import { nowAndThen } from '../access/now-and-then.ts';
import type { AccessStore } from '../access/port.ts';
import type { Rights } from '../access/rights.ts';
import type { People, PlatformPerson } from '../chat/people.ts';
import { reachable } from '../chat/reachable.ts';
import type { AuditEntry, Clock, Log } from '../observe/port.ts';

export interface PeopleOptions {
  readonly access: Pick<AccessStore, 'remember' | 'known'>;
  readonly rights: Rights;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: (entry: AuditEntry) => void;
}

/** The same person is noted once in so long. */
const rememberEveryMs = 3_600_000;

/** Whoever was seen within this time is believed to be who they were. */
const latelyMs = 30 * 24 * 3_600_000;

/** People of chat platforms, with their rights. */
export function createPeople({ access, rights, clock, log, audit }: PeopleOptions): People {
  const isFirst = nowAndThen({ clock, everyMs: rememberEveryMs });

  function remember({ author, tenant, groups, email, isVerified }: PlatformPerson): void {
    const seen = {
      author,
      groups,
      isVerified,
      ...(email === undefined ? {} : { email }),
      ...(tenant.isMember ? { tenant: `${tenant.platform}:${tenant.id}` } : {}),
    };
    if (!isFirst(`${author.principal} ${author.name} ${email ?? ''} ${tenant.isMember}`)) return;
    access
      .remember(seen, new Date(clock.now()))
      .catch((error: unknown) => log.warn('person_not_remembered', { error }));
  }

  return {
    permissionsOf: reachable(async (person: PlatformPerson) => {
      remember(person);
      const { author, tenant, groups, channel } = person;
      const subject = { principal: author.principal, groups, tenant };
      return await rights.rightsOf({ ...subject, ...(channel === undefined ? {} : { channel }) });
    }),
    lately: reachable(async ({ principal, tenant, channel }) => {
      const known = await access.known(principal, new Date(clock.now() - latelyMs));
      if (known === undefined) return undefined;
      const isMember = known.tenant === `${tenant.platform}:${tenant.id}`;
      const subject = { principal, groups: [], tenant: { ...tenant, isMember } };
      const held = await rights.rightsOf({ ...subject, ...(channel === undefined ? {} : { channel }) });
      const permissions = new Set(held.has('chat') ? ['chat'] : []);
      return { author: { principal, name: known.name }, permissions };
    }),
    feedback(turnId, by, isGood, words = '') {
      audit({
        actor: by.principal,
        action: isGood ? 'feedback.good' : 'feedback.bad',
        target: `turns/${turnId}`,
        source: by.principal.split(':')[0] ?? '',
        ...(words === '' ? {} : { detail: { words: words.slice(0, 2000) } }),
        ...(/^[0-9a-f-]{36}$/.test(turnId) ? { turnId } : {}),
      });
    },
  };
}
