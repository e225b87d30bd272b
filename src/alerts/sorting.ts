import { asBadAs, begun, ends, fires, goesOn, turns } from './groups.ts';
import { groupKeyOf, newsOf, saysMore } from './news.ts';
import {
  type Alert,
  type AlertBooks,
  type AlertGroup,
  type AlertRoute,
  type StoredAlert,
  stormKey,
} from './port.ts';
import { severityOf } from './severity.ts';

/** A delivery being sorted: groups by their keys, alerts by their fingerprints, both as they will be. */
export interface Desk {
  readonly groups: Map<string, AlertGroup>;
  readonly alerts: Map<string, StoredAlert>;
  /** Keys of groups that begin, and of those of which something has ended. */
  readonly openings: Set<string>;
  readonly endings: Set<string>;
  /** Keys of groups in which something is called otherwise than they are. */
  readonly renamed: Set<string>;
  /** Groups that nobody said were over, as they were before they began anew. */
  readonly forgotten: AlertGroup[];
  fired: number;
  ended: number;
  same: number;
}

/** Sorts a delivery into what is known of the route. */
export async function sorting(books: AlertBooks, route: AlertRoute, alerts: readonly Alert[]): Promise<Desk> {
  const known = new Map(await books.alerts([...new Set(alerts.map(({ fingerprint }) => fingerprint))]));
  const keys = alerts.map((alert) => groupKeyOf(alert, route));
  const ids = [...known.values()].map(({ groupId }) => groupId);
  const groups = await books.groups({ keys: [...new Set([...keys, stormKey])], ids: [...new Set(ids)] });
  const desk: Desk = {
    groups: new Map(groups.map((group) => [group.key, group])),
    alerts: new Map(),
    openings: new Set(),
    endings: new Set(),
    renamed: new Set(),
    forgotten: [],
    ...{ fired: 0, ended: 0, same: 0 },
  };
  const keysById = new Map(groups.map(({ id, key }) => [id, key]));
  for (const alert of alerts) {
    const before = desk.alerts.get(alert.fingerprint) ?? known.get(alert.fingerprint);
    sort(desk, { route, now: books.now, alert, before, keysById });
  }
  return desk;
}

interface Sorted {
  readonly route: AlertRoute;
  readonly now: number;
  readonly alert: Alert;
  readonly before: StoredAlert | undefined;
  readonly keysById: Map<string, string>;
}

function sort(desk: Desk, sorted: Sorted): void {
  const { alert, before, now } = sorted;
  const news = newsOf(alert, before, now);
  if (news === 'fires') return sortFiring(desk, sorted);
  if (news === 'unheard') noteEnd(desk, sorted);
  if (before === undefined || news === 'late' || news === 'unheard') {
    desk.same += 1;
    return;
  }
  const group = desk.groups.get(sorted.keysById.get(before.groupId) ?? '');
  if (group === undefined) return;
  desk.alerts.set(alert.fingerprint, { ...before, alert: begunWith(alert, before.alert), lastAt: now });
  if (news === 'ends') {
    desk.ended += 1;
    desk.endings.add(group.key);
    desk.groups.set(group.key, ends(group, now));
    return;
  }
  desk.same += 1;
  if (alert.status !== 'firing') return;
  if (alert.name !== before.alert.name) desk.renamed.add(group.key);
  desk.groups.set(group.key, heardAgain(group, before.alert, sorted));
}

/** Not every sender says again when it began. */
function begunWith(alert: Alert, { startsAt }: Alert): Alert {
  return startsAt === undefined ? alert : { startsAt, ...alert };
}

/** When something was heard of is known to so much. */
const heardEveryMs = 60_000;

function heardAgain(group: AlertGroup, before: Alert, { alert, route, now }: Sorted): AlertGroup {
  const heard = now - group.lastAt < heardEveryMs ? group : { ...group, lastAt: now };
  const isOther = saysMore(alert, before) || severityOf(alert, route) !== severityOf(before, route);
  return isOther ? { ...turns(heard, alert, route), isStale: true } : heard;
}

function sortFiring(desk: Desk, { route, now, alert, before, keysById }: Sorted): void {
  const key = groupKeyOf(alert, route);
  const known = desk.groups.get(key);
  const isNew = known === undefined || !goesOn(known, route, now);
  if (isNew) desk.openings.add(key);
  if (isNew && known?.state === 'firing') desk.forgotten.push(known);
  const isOpening = desk.openings.has(key);
  const group = isNew ? begun({ key, title: alert.name, now }, known) : known;
  keysById.set(group.id, key);
  if (group.title !== alert.name) desk.renamed.add(key);
  desk.groups.set(key, isOpening ? asBadAs(group, alert, route) : turns(fires(group, now), alert, route));
  desk.alerts.set(alert.fingerprint, {
    ...{ alert, groupId: group.id, firedAt: now, lastAt: now },
    times: (before?.times ?? 0) + 1,
  });
  desk.fired += 1;
}

/** What is over before anybody heard of it is kept, where its firing could still come and be taken for new. */
function noteEnd(desk: Desk, { route, now, alert, keysById }: Sorted): void {
  if (alert.order === undefined && alert.startsAt === undefined) return;
  const key = groupKeyOf(alert, route);
  const group = desk.groups.get(key) ?? unseen(key, alert.name, now);
  keysById.set(group.id, key);
  desk.groups.set(key, group);
  desk.alerts.set(alert.fingerprint, { alert, groupId: group.id, firedAt: now, lastAt: now, times: 0 });
}

/** A group of which nothing has fired. */
function unseen(key: string, title: string, now: number): AlertGroup {
  const group = begun({ key, title, now }, undefined);
  return { ...group, state: 'resolved', openedAt: 0, resolvedAt: 0, lineAt: null };
}
