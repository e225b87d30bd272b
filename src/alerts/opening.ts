import { randomUUID } from 'node:crypto';
import type { Author } from '../chat/inbound.ts';
import type { Reply } from '../chat/reply.ts';
import type { Notice } from '../inbox/port.ts';
import { noticeFor, type Spot } from '../inbox/spot.ts';
import { cardAlerts, cardMembers, cardText, groupTitle, stormText } from './card.ts';
import { contextOf, investigationOf, stormContext } from './investigation.ts';
import {
  type Alert,
  type AlertBooks,
  type AlertGroup,
  type AlertRoute,
  type RouteState,
  stormKey,
} from './port.ts';

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
const evidenceGroups = 50;
/** A storm is investigated when so much of it has come in. */
const stormComesMs = 15_000;

/** What a group's notice says now. */
export async function replyFor(
  books: AlertBooks,
  route: AlertRoute,
  group: AlertGroup,
  { noticeId, isLeft = false }: { readonly noticeId: string; readonly isLeft?: boolean },
): Promise<Reply> {
  const mentions = isLeft ? [] : mentionsOf(route, group);
  return {
    ...{
      kind: 'answer',
      text: await textFor(books, route, { group, isLeft }),
      turnId: noticeId,
      isWithoutModel: true,
    },
    footer: 'Reply here to go on from this alert',
    ...(mentions.length === 0 ? {} : { mentions }),
  };
}

async function textFor(
  books: AlertBooks,
  route: AlertRoute,
  { group, isLeft }: { readonly group: AlertGroup; readonly isLeft: boolean },
): Promise<string> {
  const { now } = books;
  if (group.key === stormKey) {
    const found = await books.membersOf(group.id, cardMembers);
    const opened = await books.openedSince(now - minuteMs);
    return stormText({ group, route, ...found, opened, now, isLeft });
  }
  const counts = await books.countsOf(group);
  const alerts = await books.alertsOf(group, cardAlerts);
  return cardText({ group, route, counts, alerts, isLeft });
}

/** Only people are told, and only of what is critical. */
export function mentionsOf({ mentionOwner, owner }: AlertRoute, { severity }: AlertGroup): readonly Author[] {
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
  const isStorm = given.key === stormKey;
  const chance =
    given.state === 'resolved' ? none : chanceOf(route, scene, { state, now: books.now, isStorm });
  const note = [chance.note, scene.detour ?? ''].filter((part) => part !== '').join('\n\n');
  const investigateAt = isStorm && chance.isTaken ? books.now + stormComesMs : null;
  const group = { ...given, noticeId, note, investigateAt };
  const evidence = isStorm ? await stormEvidence(books) : contextOf(await evidenceOf(books, group));
  const title = groupTitle(group);
  const inbound = investigationOf(route, { key: `alert:${noticeId}`, context: evidence, isStorm });
  const reply = await replyFor(books, route, group, { noticeId });
  const notice: Notice = {
    ...noticeFor(scene.spot, {
      ...{ id: noticeId, title, text: reply.text, author: teller, evidence },
      ...(chance.isTaken && !isStorm ? { first: { turnId: randomUUID(), inbound } } : {}),
    }),
    reply,
    concern: { subject: `alert:${route.id}`, items: [{ key: group.key, verdict: group.severity }] },
  };
  await books.say(notice);
  const investigated = [...state.investigated, ...(chance.isTaken ? [books.now] : [])];
  return { group, state: { ...state, investigated } };
}

async function evidenceOf(books: AlertBooks, group: AlertGroup): Promise<readonly Alert[]> {
  return (await books.alertsOf(group, evidenceAlerts)).map(({ alert }) => alert);
}

/** All groups that fire on the route, and an alert of each: a storm is seen as one with what opened threads before it. */
export async function stormEvidence(books: AlertBooks): Promise<string> {
  const groups = await books.whole(evidenceGroups);
  const alerts = await books.firing(evidenceAlerts);
  return stormContext(
    groups,
    alerts.map(({ alert }) => alert),
  );
}

interface Chance {
  readonly isTaken: boolean;
  readonly note: string;
}

const none: Chance = { isTaken: false, note: '' };

/** Of several investigations an hour the last is kept for a storm, which its first groups would use up. */
function mostOf({ investigationsPerHour: most }: AlertRoute, isStorm: boolean): number {
  return isStorm || most < 2 ? most : most - 1;
}

/** Whether a thread gets an investigation, and what its card says of that. */
function chanceOf(
  route: AlertRoute,
  { refusal }: Scene,
  { state, now, isStorm }: { readonly state: RouteState; readonly now: number; readonly isStorm: boolean },
): Chance {
  const { investigate, investigationsPerHour } = route;
  if (!investigate) return none;
  if (refusal !== undefined) return { isTaken: false, note: `🔎 Nobody investigates this: ${refusal}` };
  const recent = state.investigated.filter((at) => at > now - hourMs).length;
  if (recent < mostOf(route, isStorm)) return { isTaken: true, note: isStorm ? lookingAtAll : looking };
  const limit = limitWords(investigationsPerHour, recent);
  const note = `🔎 Nobody investigates this by itself: the route has had ${limit}. Ask me here, and I look into it.`;
  return { isTaken: false, note };
}

export const looking = '🔎 What I find out about it follows in this thread.';
export const lookingAtAll =
  '🔎 I look into all of it together in a moment. What I find out follows in this thread.';

function limitWords(most: number, recent: number): string {
  if (most === 1) return 'its one investigation of this hour';
  if (recent >= most) return `its ${most} investigations of this hour`;
  return `${recent} of its ${most} investigations of this hour, and the last is kept for a storm`;
}
