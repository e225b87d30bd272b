import { randomUUID } from 'node:crypto';
import type { Author } from '../chat/inbound.ts';
import type { Reply } from '../chat/reply.ts';
import type { Notice } from '../inbox/port.ts';
import { noticeFor, type Spot } from '../inbox/spot.ts';
import { cardAlerts, cardMembers, cardText, groupTitle, stormText } from './card.ts';
import { contextOf, investigationOf } from './investigation.ts';
import { type AlertBooks, type AlertGroup, type AlertRoute, type RouteState, stormKey } from './port.ts';

/** Where a route's alerts are told of, and who can look into them. Found out before the books are opened. */
export interface Scene {
  readonly spot: Spot;
  /** Why it is not where the route says, as a sentence. */
  readonly detour?: string;
  /** Why nobody can investigate now, as a sentence. */
  readonly refusal?: string;
}

export const teller: Author = { principal: 'bot', name: 'AI Ops Bot' };

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const evidenceAlerts = 20;

/** What a group's notice says now. */
export async function replyFor(
  books: AlertBooks,
  route: AlertRoute,
  group: AlertGroup,
  noticeId: string,
): Promise<Reply> {
  const mentions = mentionsOf(route, group);
  return {
    ...{ kind: 'answer', text: await textFor(books, route, group), turnId: noticeId, isWithoutModel: true },
    footer: 'Reply here to go on from this alert',
    ...(mentions.length === 0 ? {} : { mentions }),
  };
}

async function textFor(books: AlertBooks, route: AlertRoute, group: AlertGroup): Promise<string> {
  const { now } = books;
  if (group.key === stormKey) {
    const found = await books.membersOf(group.id, cardMembers);
    const opened = await books.openedSince(now - minuteMs);
    return stormText({ group, route, ...found, opened, now });
  }
  const counts = await books.countsOf(group);
  const alerts = await books.alertsOf(group, cardAlerts);
  return cardText({ group, route, counts, alerts, now });
}

/** Only people are told, and only of what is critical. */
function mentionsOf({ mentionOwner, owner }: AlertRoute, { severity }: AlertGroup): readonly Author[] {
  const isPerson = /^(slack|teams|web):/.test(owner.principal);
  return mentionOwner && isPerson && severity === 'critical' ? [owner] : [];
}

interface Opened {
  readonly group: AlertGroup;
  readonly state: RouteState;
}

/** Opens a group's thread, with its investigation where there is to be one. */
export async function openThread(
  books: AlertBooks,
  { route, scene, state }: { readonly route: AlertRoute; readonly scene: Scene; readonly state: RouteState },
  given: AlertGroup,
): Promise<Opened> {
  const noticeId = randomUUID();
  const chance = chanceOf(route, scene, { state, now: books.now });
  const note = [chance.note, scene.detour ?? ''].filter((part) => part !== '').join('\n\n');
  const group = { ...given, noticeId, note };
  const isStorm = group.key === stormKey;
  const stored = isStorm ? await books.firing(evidenceAlerts) : await books.alertsOf(group, evidenceAlerts);
  const alerts = stored.map(({ alert }) => alert);
  const title = groupTitle(group);
  const inbound = investigationOf(route, { key: `alert:${noticeId}`, alerts, isStorm });
  const reply = await replyFor(books, route, group, noticeId);
  const notice: Notice = {
    ...noticeFor(scene.spot, {
      ...{ id: noticeId, title, text: reply.text, author: teller, evidence: contextOf(alerts) },
      ...(chance.isTaken ? { first: { turnId: randomUUID(), inbound } } : {}),
    }),
    reply,
    concern: { subject: `alert:${route.id}`, items: [{ key: group.key, verdict: group.severity }] },
  };
  await books.say(notice);
  const investigated = [...state.investigated, ...(chance.isTaken ? [books.now] : [])];
  return { group, state: { ...state, investigated } };
}

interface Chance {
  readonly isTaken: boolean;
  readonly note: string;
}

/** Whether a thread gets an investigation, and what its card says of that. */
function chanceOf(
  { investigate, investigationsPerHour: most }: AlertRoute,
  { refusal }: Scene,
  { state, now }: { readonly state: RouteState; readonly now: number },
): Chance {
  if (!investigate) return { isTaken: false, note: '' };
  if (refusal !== undefined) return { isTaken: false, note: `🔎 Nobody investigates this: ${refusal}` };
  const recent = state.investigated.filter((at) => at > now - hourMs).length;
  if (recent >= most) {
    const limit = most === 1 ? 'one investigation' : `${most} investigations`;
    const note = `🔎 Nobody investigates this by itself: the route has had its ${limit} of this hour. Ask me here, and I look into it.`;
    return { isTaken: false, note };
  }
  return { isTaken: true, note: '🔎 What I find out about it follows in this thread.' };
}
