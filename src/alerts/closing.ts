import { randomUUID } from 'node:crypto';
import { noticeFor } from '../inbox/spot.ts';
import { groupTitle, leftIcon } from './card.ts';
import { over, said } from './groups.ts';
import { replyFor, teller } from './opening.ts';
import { type AlertBooks, type AlertGroup, type LeftRoute, stormKey } from './port.ts';
import type { TellParts } from './tell.ts';

const atOnce = 20;

/**
 * Closes what a route has left open that takes nothing any more: nobody would ever hear of its end. Cards and
 * threads say so, and what is being investigated is stopped. How many groups were closed; call again until none.
 */
export async function closeLeft(
  books: AlertBooks,
  left: LeftRoute,
  parts: Pick<TellParts, 'spotOfThread'>,
): Promise<number> {
  const groups = await books.firingGroups(atOnce);
  for (const group of groups) await closeGroup(books, left, { group, parts });
  await books.forget(groups.map(({ id }) => id));
  await books.saveGroups(groups.map((group) => ({ ...closed(group, books.now), note: noteOf(left, group) })));
  return groups.length;
}

/** Nothing of it is to be told any more. */
function closed(group: AlertGroup, now: number): AlertGroup {
  return { ...said(over(group, now)), isStale: false, dueAt: null };
}

function noteOf({ route, how, by }: LeftRoute, { key }: Pick<AlertGroup, 'key'>): string {
  const what = key === stormKey ? 'these still fire' : 'this still fires';
  return `${leftIcon} Route \`${route.name}\` ${how} by ${by}: nobody hears here whether ${what}.`;
}

async function closeGroup(
  books: AlertBooks,
  left: LeftRoute,
  { group, parts }: { readonly group: AlertGroup; readonly parts: Pick<TellParts, 'spotOfThread'> },
): Promise<void> {
  const { noticeId } = group;
  if (noticeId === null) return;
  const note = noteOf(left, group);
  const title = `${leftIcon} ${groupTitle(group).replace(/^\S+ /, '')}`;
  await books.retitle(noticeId, title);
  const reply = await replyFor(books, left.route, { ...group, note }, { noticeId, isLeft: true });
  const { footer: _reply, ...words } = reply;
  await books.leave(noticeId, words, left.by);
  const { threadId, isLost } = await books.standing(noticeId);
  const spot = threadId === undefined || isLost ? undefined : parts.spotOfThread(threadId);
  if (spot !== undefined)
    await books.say(noticeFor(spot, { id: randomUUID(), title, text: note, author: teller }));
}
