import { randomUUID } from 'node:crypto';
import { noticeFor, type Spot } from '../inbox/spot.ts';
import { alertLine, groupLine, groupTitle } from './card.ts';
import { hasLine, mayRestate, maySay, said, withDue } from './groups.ts';
import { investigationOf } from './investigation.ts';
import { lineText } from './lines.ts';
import { looking, lookingAtAll, mentionsOf, openThread, replyFor, stormEvidence, teller } from './opening.ts';
import {
  type AlertBooks,
  type AlertGroup,
  type AlertRoute,
  type GroupStanding,
  type Standing,
  stormKey,
} from './port.ts';
import { plural } from './words.ts';

export interface TellParts {
  /** A thread that is there; undefined: its platform is not connected. */
  readonly spotOfThread: (threadId: string) => Spot | undefined;
  /** Where something is told of that could not be posted. */
  readonly lastResort: () => Spot | undefined;
}

const atOnce = 20;
/** A thread whose first message is not out is looked for again after this long, and given up after that. */
const lookAgainMs = 5000;
const giveUpMs = 60 * 60_000;

/** Tells what is due of a route's groups: cards as they are now, and a line in a thread. How many were due. */
export async function tell(books: AlertBooks, route: AlertRoute, parts: TellParts): Promise<number> {
  const groups = await books.dueGroups(atOnce);
  const told: AlertGroup[] = [];
  for (const group of groups) told.push(await tellOne(books, route, { parts, group }));
  await books.saveGroups(told);
  return groups.length;
}

async function tellOne(
  books: AlertBooks,
  route: AlertRoute,
  { parts, group }: { readonly parts: TellParts; readonly group: AlertGroup },
): Promise<AlertGroup> {
  if (group.noticeId === null) return withDue(group);
  const standing = await books.standing(group.noticeId);
  if (standing.isLost) return await tellElsewhere(books, route, { parts, group });
  const isWorse = group.turned.length > 0 && group.state === 'firing';
  const isBack = group.state === 'firing' && standing.concern === 'resolved';
  const isDrawn = mayRestate(group, books.now);
  const drawn = isDrawn ? await redraw(books, route, { group, isWorse, isBack }) : group;
  const isSaid = maySay(drawn, books.now);
  if (!isSaid && !isDueForLook(drawn, books.now)) return withDue(drawn);
  const { threadId } = standing;
  const spot = threadId === undefined ? undefined : parts.spotOfThread(threadId);
  if (spot === undefined) return later(drawn, books.now);
  const looked = await investigate(books, route, { group: drawn, spot });
  if (!isSaid) return withDue(looked);
  const { concern } = isBack && isDrawn ? await books.standing(group.noticeId) : standing;
  const isQuiet = isSeenTo(concern, group) && !isWorse;
  if (!isQuiet) await sayLine(books, route, { group: looked, spot });
  return withDue({ ...said(looked), lineAt: books.now, lines: looked.lines + (isQuiet ? 0 : 1) });
}

function isSeenTo(concern: Standing['concern'], { state }: AlertGroup): boolean {
  return concern === 'snoozed' || (concern === 'acknowledged' && state === 'firing');
}

function isDueForLook({ investigateAt }: AlertGroup, now: number): boolean {
  return investigateAt !== null && investigateAt <= now;
}

/** Begins the investigation of a storm, when most of it is known. */
async function investigate(
  books: AlertBooks,
  route: AlertRoute,
  { group, spot }: { readonly group: AlertGroup; readonly spot: Spot },
): Promise<AlertGroup> {
  if (!isDueForLook(group, books.now)) return group;
  const [id, context] = [randomUUID(), await stormEvidence(books)];
  const inbound = investigationOf(route, { key: `alert:${id}`, context, isStorm: true });
  const { firing } = await books.whole(0);
  const text = `🔎 I look into ${plural(firing, 'group')} of alerts as one.`;
  const title = groupTitle(group);
  const first = { turnId: randomUUID(), inbound };
  await books.say(noticeFor(spot, { id, title, text, author: teller, first }));
  const note = group.note.replace(lookingAtAll, looking);
  return { ...group, investigateAt: null, note, isStale: true };
}

/** Its channel took no message: the bot was removed, or the channel is gone. Nobody has investigated it yet. */
async function tellElsewhere(
  books: AlertBooks,
  route: AlertRoute,
  { parts, group }: { readonly parts: TellParts; readonly group: AlertGroup },
): Promise<AlertGroup> {
  const spot = parts.lastResort();
  if (spot === undefined) return withDue({ ...group, noticeId: null });
  const refusal = `it could not be posted to “${route.target}”. Ask me here, and I look into it.`;
  const opened = await openThread(books, { route, scene: { spot, refusal }, state: books.state }, group);
  return withDue({ ...said(opened.group), isStale: false, investigateAt: null });
}

async function redraw(
  books: AlertBooks,
  route: AlertRoute,
  {
    group,
    isWorse,
    isBack,
  }: { readonly group: AlertGroup; readonly isWorse: boolean; readonly isBack: boolean },
): Promise<AlertGroup> {
  const noticeId = group.noticeId ?? '';
  await books.retitle(noticeId, groupTitle(group));
  const reply = await replyFor(books, route, group, { noticeId });
  if (group.state === 'resolved' && route.autoClose) await books.resolve(noticeId, reply);
  else if (isWorse) await books.worsen(noticeId, group, reply);
  else if (isBack) await books.reopen(noticeId, reply);
  else await books.restate(noticeId, reply);
  return { ...group, isStale: false, restatedAt: books.now };
}

/** Its owner is told by name of what is worse than before, and of what was put off until now. */
async function sayLine(
  books: AlertBooks,
  route: AlertRoute,
  { group, spot }: { readonly group: AlertGroup; readonly spot: Spot },
): Promise<void> {
  const isStorm = group.key === stormKey;
  const counts = isStorm ? await memberCounts(books, group) : await books.countsOf(group);
  const turned = await turnedLines(books, route, group);
  const text = lineText(group, counts, { what: isStorm ? 'group' : 'alert', turned });
  if (text === undefined) return;
  const isUrgent = group.state === 'firing' && (turned.length > 0 || group.isAwake);
  const mentions = isUrgent ? mentionsOf(route, group) : [];
  const title = groupTitle(group);
  await books.say(noticeFor(spot, { id: randomUUID(), title, text, author: teller, mentions }));
}

async function turnedLines(
  books: AlertBooks,
  route: AlertRoute,
  { key, turned }: AlertGroup,
): Promise<readonly string[]> {
  if (turned.length === 0) return [];
  if (key === stormKey) return (await books.groups({ keys: turned })).map(groupLine);
  const alerts = await books.alerts(turned);
  return turned.flatMap((fingerprint) => {
    const stored = alerts.get(fingerprint);
    return stored === undefined ? [] : [alertLine(stored, route)];
  });
}

async function memberCounts(books: AlertBooks, group: AlertGroup): Promise<GroupStanding> {
  const { firing, all } = await books.membersOf(group.id, 0);
  const until = group.resolvedAt ?? books.now;
  return { firing, resolved: all - firing, since: group.openedAt, until };
}

/** Nobody could hear it now. */
function later(group: AlertGroup, now: number): AlertGroup {
  const isHopeless = now - Math.max(group.openedAt, group.lastAt) > giveUpMs;
  if (isHopeless) return withDue({ ...said(group), investigateAt: null });
  const { dueAt } = withDue({ ...said(group), investigateAt: null });
  const again = hasLine(group) || group.investigateAt !== null ? [now + lookAgainMs] : [];
  const times = [...(dueAt === null ? [] : [dueAt]), ...again];
  return { ...group, dueAt: times.length === 0 ? null : Math.min(...times) };
}
