import { BusyError } from '../chat/errors.ts';
import { groupTitle } from './card.ts';
import { begun, ends, fires, goesOn, over, stormTurns, withDue } from './groups.ts';
import { openThread, replyFor, type Scene } from './opening.ts';
import {
  type AlertBooks,
  type AlertGroup,
  type AlertRoute,
  type Notification,
  type RouteState,
  stormKey,
} from './port.ts';
import { worseOf } from './severity.ts';
import { type Desk, sorting } from './sorting.ts';
import { titleOf } from './title.ts';

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
  for (const group of desk.forgotten) await supersede(books, route, group);
  await books.saveGroups([...desk.groups.values()].map(withDue));
  await books.saveAlerts([...desk.alerts.values()]);
  await nameGroups(books, desk);
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

/** What nobody said was over stays as it stands, and needs nobody any more: it is told of anew. */
async function supersede(books: AlertBooks, route: AlertRoute, group: AlertGroup): Promise<void> {
  if (group.noticeId === null) return;
  const note = '⏭️ Nothing more was heard of it. What fires now has a newer thread.';
  await books.resolve(
    group.noticeId,
    await replyFor(books, route, { ...group, note }, { noticeId: group.noticeId }),
  );
}

/** A group of several kinds of alerts is not called by one of them. */
async function nameGroups(books: AlertBooks, desk: Desk): Promise<void> {
  const groups = [...desk.renamed].flatMap((key) => desk.groups.get(key) ?? []);
  if (groups.length === 0) return;
  const names = await books.namesOf(groups.map(({ id }) => id));
  for (const group of groups) {
    const named = names.get(group.id);
    const title = named === undefined ? group.title : titleOf(named);
    if (title === group.title) continue;
    const after = { ...group, title, isStale: true };
    desk.groups.set(group.key, after);
    if (group.noticeId === null || desk.openings.has(group.key)) continue;
    await books.retitle(group.noticeId, groupTitle(after), groupTitle(group));
  }
}

/** Groups of which nothing fires any more are over; a storm hears of its members. */
async function endGroups(books: AlertBooks, desk: Desk): Promise<void> {
  const { now } = books;
  if (desk.endings.size === 0) return;
  const ended = [...desk.endings].flatMap((key) => desk.groups.get(key) ?? []);
  const firing = await books.stillFiring(ended.map(({ id }) => id));
  for (const group of ended) {
    const { key } = group;
    if (firing.has(group.id)) continue;
    desk.groups.set(key, over(group, now));
    const storm = desk.groups.get(stormKey);
    if (group.stormId !== null && storm?.id === group.stormId) desk.groups.set(stormKey, ends(storm, now));
  }
  await books.saveGroups([...desk.groups.values()].map(withDue));
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
  worsenStorm(desk);
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

/** What turns critical in a group of a storm, its storm tells. */
function worsenStorm(desk: Desk): void {
  for (const [key, group] of desk.groups) {
    if (group.stormId === null || group.turned.length === 0) continue;
    const storm = desk.groups.get(stormKey);
    desk.groups.set(key, { ...group, turned: [] });
    if (storm?.id === group.stormId) desk.groups.set(stormKey, stormTurns(storm, group));
  }
}

function asBadAsAll(storm: AlertGroup, groups: readonly AlertGroup[]): AlertGroup {
  return { ...storm, severity: groups.map(({ severity }) => severity).reduce(worseOf, storm.severity) };
}

function joinedBy(known: AlertGroup, groups: readonly AlertGroup[], now: number): AlertGroup {
  let storm = known;
  for (const group of groups) storm = stormTurns(fires(storm, now), group);
  return storm;
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
  if (isNew && known?.state === 'firing') await supersede(books, opening.route, known);
  const title = `Alert storm on ${opening.route.name}`;
  const begins = isNew ? begun({ key: stormKey, title, now }, known) : known;
  const joined = isNew ? asBadAsAll(begins, folded) : joinedBy(begins, folded, now);
  // What fired and ended within one delivery makes no storm that goes on.
  const storm = isNew && folded.every(({ state }) => state === 'resolved') ? over(joined, now) : joined;
  await books.saveGroups([storm]);
  for (const group of folded) desk.groups.set(group.key, { ...group, stormId: storm.id, noticeId: null });
  await books.saveGroups(folded.flatMap(({ key }) => desk.groups.get(key) ?? []).map(withDue));
  if (!isNew) {
    desk.groups.set(stormKey, storm);
    return { state: opening.state, opened: 0 };
  }
  const result = await openThread(books, opening, storm);
  desk.groups.set(stormKey, result.group);
  return { state: result.state, opened: 1 };
}
