import { BusyError } from '../chat/errors.ts';
import { asBadAs, begun, ends, fires, goesOn, over, withDue } from './groups.ts';
import { groupKeyOf, newsOf, saysMore } from './news.ts';
import { openThread, type Scene } from './opening.ts';
import {
  type Alert,
  type AlertBooks,
  type AlertGroup,
  type AlertRoute,
  type Notification,
  type RouteState,
  type StoredAlert,
  stormKey,
} from './port.ts';
import { worseOf } from './severity.ts';

/** What became of a delivery: how many of its alerts were what. */
export interface Taken {
  /** All of it was there before. */
  readonly isRepeated: boolean;
  readonly fired: number;
  readonly ended: number;
  /** Nothing new in them. */
  readonly same: number;
  /** Threads that were opened. */
  readonly opened: number;
  /** Groups that are told of with a storm. */
  readonly folded: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** So many times a route's alerts a minute are taken, and told of with a storm; beyond, senders must wait. */
const patience = 10;

/**
 * Takes a delivery into a route's books: alerts, the groups that they belong to, and the threads that these
 * open. What else is to be told of it is due after that. Throws `BusyError` when far too much comes.
 */
export async function take(
  books: AlertBooks,
  { route, scene }: { readonly route: AlertRoute; readonly scene: Scene },
  { alerts, key }: Notification,
): Promise<Taken> {
  const nothing = { fired: 0, ended: 0, same: 0, opened: 0, folded: 0 };
  const keepMs = route.dedupeMinutes * minuteMs;
  if (key !== undefined && (await books.isKnown(`${route.id} ${key}`, keepMs)))
    return { ...nothing, isRepeated: true };
  const { state, isCrowded } = paced(books, route, alerts.length);
  const desk = await sorting(books, route, alerts);
  await books.saveGroups([...desk.groups.values()]);
  await books.saveAlerts([...desk.alerts.values()]);
  await endGroups(books, desk);
  const told = await openAll(books, desk, { route, scene, state, isCrowded });
  await books.saveGroups([...desk.groups.values()].map(withDue));
  await books.saveState(told.state);
  const { fired, ended, same } = desk;
  return { ...{ fired, ended, same }, opened: told.opened, folded: told.folded, isRepeated: false };
}

/** Counts what comes within a minute. */
function paced({ state, now }: AlertBooks, { alertsPerMinute }: AlertRoute, count: number) {
  const isSameMinute = now - state.minute < minuteMs && now >= state.minute;
  const minute = isSameMinute ? state.minute : now;
  const alerts = (isSameMinute ? state.alerts : 0) + count;
  if (alerts > alertsPerMinute * patience && isSameMinute) {
    const waitSeconds = Math.max(1, Math.ceil((minute + minuteMs - now) / 1000));
    throw new BusyError(
      'Far more alerts come in on this route than it takes. Send them again later.',
      waitSeconds,
    );
  }
  const investigated = state.investigated.filter((at) => at > now - hourMs);
  return { state: { minute, alerts, investigated }, isCrowded: alerts > alertsPerMinute };
}

/** A delivery being sorted: groups by their keys, alerts by their fingerprints, both as they will be. */
interface Desk {
  readonly groups: Map<string, AlertGroup>;
  readonly alerts: Map<string, StoredAlert>;
  /** Keys of groups that begin, and of those of which something has ended. */
  readonly openings: Set<string>;
  readonly endings: Set<string>;
  fired: number;
  ended: number;
  same: number;
}

async function sorting(books: AlertBooks, route: AlertRoute, alerts: readonly Alert[]): Promise<Desk> {
  const known = new Map(await books.alerts([...new Set(alerts.map(({ fingerprint }) => fingerprint))]));
  const keys = alerts.map((alert) => groupKeyOf(alert, route));
  const ids = [...known.values()].map(({ groupId }) => groupId);
  const groups = await books.groups({ keys: [...new Set([...keys, stormKey])], ids: [...new Set(ids)] });
  const desk: Desk = {
    groups: new Map(groups.map((group) => [group.key, group])),
    alerts: new Map(),
    openings: new Set(),
    endings: new Set(),
    ...{ fired: 0, ended: 0, same: 0 },
  };
  for (const alert of alerts) {
    const before = desk.alerts.get(alert.fingerprint) ?? known.get(alert.fingerprint);
    sort(desk, { route, now: books.now, alert, before });
  }
  return desk;
}

interface Sorted {
  readonly route: AlertRoute;
  readonly now: number;
  readonly alert: Alert;
  readonly before: StoredAlert | undefined;
}

function sort(desk: Desk, sorted: Sorted): void {
  const { alert, before } = sorted;
  const news = newsOf(alert, before);
  if (news === 'fires') return sortFiring(desk, sorted);
  if (before === undefined || news === 'late' || news === 'unheard') {
    desk.same += 1;
    return;
  }
  const group = [...desk.groups.values()].find(({ id }) => id === before.groupId);
  if (group === undefined) return;
  const { now, route } = sorted;
  desk.alerts.set(alert.fingerprint, { ...before, alert, lastAt: now });
  if (news === 'ends') {
    desk.ended += 1;
    desk.endings.add(group.key);
    desk.groups.set(group.key, ends(group, now));
    return;
  }
  desk.same += 1;
  if (alert.status !== 'firing' || !saysMore(alert, before.alert)) return;
  desk.groups.set(group.key, { ...asBadAs(group, alert, route), lastAt: now, isStale: true });
}

function sortFiring(desk: Desk, { route, now, alert, before }: Sorted): void {
  const key = groupKeyOf(alert, route);
  const known = desk.groups.get(key);
  const isNew = known === undefined || !goesOn(known, route, now);
  if (isNew) desk.openings.add(key);
  const isOpening = desk.openings.has(key);
  const group = isNew ? begun({ key, title: alert.name, now }, known) : known;
  desk.groups.set(key, asBadAs(isOpening ? group : fires(group, now), alert, route));
  desk.alerts.set(alert.fingerprint, {
    ...{ alert, groupId: group.id, firedAt: now, lastAt: now },
    times: (before?.times ?? 0) + 1,
  });
  desk.fired += 1;
}

/** Groups of which nothing fires any more are over; a storm hears of its members. */
async function endGroups(books: AlertBooks, desk: Desk): Promise<void> {
  const { now } = books;
  for (const key of desk.endings) {
    const group = desk.groups.get(key);
    if (group === undefined || (await books.countsOf(group)).firing > 0) continue;
    desk.groups.set(key, over(group, now));
    const storm = desk.groups.get(stormKey);
    if (group.stormId !== null && storm?.id === group.stormId) desk.groups.set(stormKey, ends(storm, now));
  }
  await books.saveGroups([...desk.groups.values()]);
  const storm = desk.groups.get(stormKey);
  if (storm?.state !== 'firing' || storm.unsaidResolved === 0) return;
  if ((await books.membersOf(storm.id, 0)).firing === 0) desk.groups.set(stormKey, over(storm, now));
}

interface Opening {
  readonly route: AlertRoute;
  readonly scene: Scene;
  readonly state: RouteState;
  readonly isCrowded: boolean;
}

/** Each group that begins opens a thread, or joins a storm when too many begin within a minute. */
async function openAll(books: AlertBooks, desk: Desk, opening: Opening) {
  const { route, isCrowded } = opening;
  const { now } = books;
  rejoin(desk, now);
  const mine = desk.openings.size;
  const before = (await books.openedSince(now - minuteMs)) - mine;
  let { state } = opening;
  let opened = 0;
  const folded: AlertGroup[] = [];
  for (const key of desk.openings) {
    const group = desk.groups.get(key);
    if (group === undefined) continue;
    if (isCrowded || before + opened >= route.groupsPerMinute) {
      folded.push(group);
      continue;
    }
    const result = await openThread(books, { ...opening, state }, group);
    desk.groups.set(key, result.group);
    state = result.state;
    opened += 1;
  }
  if (folded.length === 0) return { state, opened, folded: 0 };
  const storm = await joinStorm(books, desk, { ...opening, state }, folded);
  return { state: storm.state, opened: opened + storm.opened, folded: folded.length };
}

/** A storm whose member fires again goes on. */
function rejoin(desk: Desk, now: number): void {
  const storm = desk.groups.get(stormKey);
  const isBack = [...desk.groups.values()].some(
    ({ stormId, isAgain, state }) =>
      stormId !== null && stormId === storm?.id && isAgain && state === 'firing',
  );
  if (storm === undefined || !isBack) return;
  desk.groups.set(stormKey, fires(storm, now));
  for (const [key, group] of desk.groups)
    if (group.stormId === storm.id) desk.groups.set(key, { ...group, isAgain: false });
}

async function joinStorm(
  books: AlertBooks,
  desk: Desk,
  opening: Opening,
  folded: readonly AlertGroup[],
): Promise<{ readonly state: RouteState; readonly opened: number }> {
  const { now } = books;
  const known = desk.groups.get(stormKey);
  const isNew = known === undefined || !goesOn(known, opening.route, now);
  const title = `Alert storm on ${opening.route.name}`;
  const begins = isNew ? begun({ key: stormKey, title, now }, known) : known;
  const storm = folded.reduce((sum, group) => {
    const joined = isNew ? sum : fires(sum, now);
    return { ...joined, severity: worseOf(sum.severity, group.severity) };
  }, begins);
  await books.saveGroups([storm]);
  for (const group of folded) desk.groups.set(group.key, { ...group, stormId: storm.id, noticeId: null });
  await books.saveGroups(
    folded.map(({ key }) => desk.groups.get(key)).filter((group) => group !== undefined),
  );
  if (!isNew) {
    desk.groups.set(stormKey, storm);
    return { state: opening.state, opened: 0 };
  }
  const result = await openThread(books, opening, storm);
  desk.groups.set(stormKey, result.group);
  return { state: result.state, opened: 1 };
}
