import { randomUUID } from 'node:crypto';
import { noticeFor, type Spot } from '../inbox/spot.ts';
import { groupTitle } from './card.ts';
import { hasLine, mayRestate, maySay, withDue } from './groups.ts';
import { lineText } from './lines.ts';
import { openThread, replyFor, teller } from './opening.ts';
import { type AlertBooks, type AlertGroup, type AlertRoute, stormKey } from './port.ts';

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
  const { concern, threadId, isLost } = await books.standing(group.noticeId);
  if (isLost) return await tellElsewhere(books, route, { parts, group });
  const drawn = mayRestate(group, books.now) ? await redraw(books, route, group) : group;
  if (!maySay(drawn, books.now)) return withDue(drawn);
  const spot = threadId === undefined ? undefined : parts.spotOfThread(threadId);
  if (spot === undefined) return later(drawn, books.now);
  const isQuiet = concern === 'snoozed' || (concern === 'acknowledged' && drawn.state === 'firing');
  if (!isQuiet) await sayLine(books, drawn, spot);
  return withDue({
    ...drawn,
    ...{ unsaidFiring: 0, unsaidResolved: 0, isAgain: false, lineAt: books.now },
    lines: drawn.lines + (isQuiet ? 0 : 1),
  });
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
  return withDue({ ...opened.group, unsaidFiring: 0, unsaidResolved: 0, isAgain: false, isStale: false });
}

async function redraw(books: AlertBooks, route: AlertRoute, group: AlertGroup): Promise<AlertGroup> {
  const noticeId = group.noticeId ?? '';
  await books.retitle(noticeId, groupTitle(group));
  const reply = await replyFor(books, route, group, noticeId);
  if (group.state === 'resolved' && route.autoClose) await books.resolve(noticeId, reply);
  else if (group.isAgain) await books.reopen(noticeId, reply);
  else await books.restate(noticeId, reply);
  return { ...group, isStale: false, restatedAt: books.now };
}

async function sayLine(books: AlertBooks, group: AlertGroup, spot: Spot): Promise<void> {
  const isStorm = group.key === stormKey;
  const counts = isStorm ? await memberCounts(books, group) : await books.countsOf(group);
  const text = lineText(group, counts, isStorm ? 'group' : 'alert');
  if (text === undefined) return;
  await books.say(noticeFor(spot, { id: randomUUID(), title: groupTitle(group), text, author: teller }));
}

async function memberCounts(books: AlertBooks, { id }: AlertGroup) {
  const { firing, all } = await books.membersOf(id, 0);
  return { firing, resolved: all - firing };
}

/** Nobody could hear it now. */
function later(group: AlertGroup, now: number): AlertGroup {
  const isHopeless = now - Math.max(group.openedAt, group.lastAt) > giveUpMs;
  if (isHopeless) return withDue({ ...group, unsaidFiring: 0, unsaidResolved: 0, isAgain: false });
  const { dueAt } = withDue({ ...group, unsaidFiring: 0, unsaidResolved: 0, isAgain: false });
  const again = hasLine(group) ? [now + lookAgainMs] : [];
  const times = [...(dueAt === null ? [] : [dueAt]), ...again];
  return { ...group, dueAt: times.length === 0 ? null : Math.min(...times) };
}
