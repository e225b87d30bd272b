import { randomUUID } from 'node:crypto';
import { silenceMs } from './news.ts';
import type { Alert, AlertGroup, AlertRoute } from './port.ts';
import { severityOf, worseOf } from './severity.ts';

/** A card is drawn anew at most so often, unless it is over: platforms allow few edits. */
const restateEveryMs = 15_000;
/** A thread gets at most one line in so long. */
const lineEveryMs = 60_000;

/** A group that begins; `before` is the same one as it was known, which is over. */
export function begun(
  first: { readonly key: string; readonly title: string; readonly now: number },
  before: AlertGroup | undefined,
): AlertGroup {
  const { key, title, now } = first;
  return {
    ...{ id: before?.id ?? randomUUID(), key, title, severity: 'info', state: 'firing' },
    ...{ noticeId: null, stormId: null, note: '', openedAt: now, resolvedAt: null, lastAt: now },
    ...{ restatedAt: null, lineAt: now, lines: 0, unsaidFiring: 0, unsaidResolved: 0 },
    ...{ isAgain: false, isStale: false, dueAt: null, turned: [], isAwake: false },
    ...{ investigateAt: null, returns: 0 },
  };
}

/** It fires and was heard of lately, or was over so shortly ago that it goes on where it was told of. */
export function goesOn(group: AlertGroup, { reopenMinutes }: AlertRoute, now: number): boolean {
  if (group.state === 'firing') return now - group.lastAt < silenceMs;
  return now - (group.resolvedAt ?? 0) <= reopenMinutes * 60_000;
}

/** One more of it fires. */
export function fires(group: AlertGroup, now: number): AlertGroup {
  const isBack = group.state === 'resolved';
  return {
    ...group,
    ...{ state: 'firing', resolvedAt: null, lastAt: now, isStale: true },
    ...{ isAgain: group.isAgain || isBack, returns: group.returns + (isBack ? 1 : 0) },
    unsaidFiring: group.unsaidFiring + 1,
  };
}

/** One of it is over; the group itself may go on. */
export function ends(group: AlertGroup, now: number): AlertGroup {
  return { ...group, lastAt: now, isStale: true, unsaidResolved: group.unsaidResolved + 1 };
}

/** Nothing of it fires any more. */
export function over(group: AlertGroup, now: number): AlertGroup {
  const unseen = group.investigateAt === null ? {} : { investigateAt: null, note: overBefore };
  return { ...group, state: 'resolved', resolvedAt: now, isStale: true, ...unseen };
}

const overBefore = '🔎 It was over before I looked into it. Ask me here, and I still do.';

/** As bad as the worst that it has seen. */
export function asBadAs(group: AlertGroup, alert: Alert, route: AlertRoute): AlertGroup {
  return { ...group, severity: worseOf(group.severity, severityOf(alert, route)) };
}

/** More of what turned critical are not named. */
const mostTurned = 100;

/** The same, and where that makes it critical, what did. */
export function turns(group: AlertGroup, alert: Alert, route: AlertRoute): AlertGroup {
  const isWorse = group.severity !== 'critical' || group.turned.length > 0;
  const after = asBadAs(group, alert, route);
  return isWorse && severityOf(alert, route) === 'critical' ? withTurned(after, alert.fingerprint) : after;
}

/** A storm is as bad as the worst of its groups. */
export function stormTurns(storm: AlertGroup, { key, severity }: AlertGroup): AlertGroup {
  const isWorse = storm.severity !== 'critical' || storm.turned.length > 0;
  const after = { ...storm, severity: worseOf(storm.severity, severity), isStale: true };
  return isWorse && severity === 'critical' ? withTurned(after, key) : after;
}

function withTurned(group: AlertGroup, what: string): AlertGroup {
  const isNamed = group.turned.includes(what) || group.turned.length >= mostTurned;
  return { ...group, turned: isNamed ? group.turned : [...group.turned, what], isStale: true };
}

/** All is said that its thread was to hear. */
export function said(group: AlertGroup): AlertGroup {
  return { ...group, unsaidFiring: 0, unsaidResolved: 0, isAgain: false, turned: [], isAwake: false };
}

/** Whether its thread is to hear something. */
export function hasLine(group: AlertGroup): boolean {
  const { unsaidFiring, unsaidResolved, isAgain, turned, isAwake } = group;
  return unsaidFiring > 0 || unsaidResolved > 0 || isAgain || turned.length > 0 || isAwake;
}

/** What comes and goes is told of at once so often; beyond that, no more often than all else. */
const returnsAtOnce = 1;

/** It is over or back, which does not wait. */
function isTurning({ state, isAgain, returns }: AlertGroup): boolean {
  return (state === 'resolved' || isAgain) && returns <= returnsAtOnce;
}

/** From when its thread may get a line. */
function lineFrom(group: AlertGroup): number {
  const isUrgent = group.turned.length > 0 || group.isAwake || isTurning(group);
  return isUrgent ? 0 : (group.lineAt ?? 0) + lineEveryMs;
}

/** From when its card may be drawn. */
function cardFrom(group: AlertGroup): number {
  const isUrgent = group.turned.length > 0 || isTurning(group);
  return isUrgent ? 0 : (group.restatedAt ?? 0) + restateEveryMs;
}

/** When something of it is to be told next; a storm's members are told of with it. */
export function withDue(group: AlertGroup): AlertGroup {
  if (group.noticeId === null) return { ...group, dueAt: null };
  const times = [
    ...(group.isStale ? [cardFrom(group)] : []),
    ...(hasLine(group) ? [lineFrom(group)] : []),
    ...(group.investigateAt === null ? [] : [group.investigateAt]),
  ];
  return { ...group, dueAt: times.length === 0 ? null : Math.min(...times) };
}

/** Whether its card may be drawn now. */
export function mayRestate(group: AlertGroup, now: number): boolean {
  return group.isStale && now >= cardFrom(group);
}

/** Whether its thread may get a line now. */
export function maySay(group: AlertGroup, now: number): boolean {
  return hasLine(group) && now >= lineFrom(group);
}
