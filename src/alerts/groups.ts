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
    ...{ isAgain: false, isStale: false, dueAt: null },
  };
}

/** It fires and was heard of lately, or was over so shortly ago that it goes on where it was told of. */
export function goesOn(group: AlertGroup, { reopenMinutes }: AlertRoute, now: number): boolean {
  if (group.state === 'firing') return now - group.lastAt < silenceMs;
  return now - (group.resolvedAt ?? 0) <= reopenMinutes * 60_000;
}

/** One more of it fires. */
export function fires(group: AlertGroup, now: number): AlertGroup {
  const isAgain = group.isAgain || group.state === 'resolved';
  return {
    ...group,
    ...{ state: 'firing', resolvedAt: null, lastAt: now, isAgain, isStale: true },
    unsaidFiring: group.unsaidFiring + 1,
  };
}

/** One of it is over; the group itself may go on. */
export function ends(group: AlertGroup, now: number): AlertGroup {
  return { ...group, lastAt: now, isStale: true, unsaidResolved: group.unsaidResolved + 1 };
}

/** Nothing of it fires any more. */
export function over(group: AlertGroup, now: number): AlertGroup {
  return { ...group, state: 'resolved', resolvedAt: now, isStale: true };
}

/** As bad as the worst that it has seen. */
export function asBadAs(group: AlertGroup, alert: Alert, route: AlertRoute): AlertGroup {
  return { ...group, severity: worseOf(group.severity, severityOf(alert, route)) };
}

/** Whether its thread is to hear something. */
export function hasLine({ unsaidFiring, unsaidResolved, isAgain }: AlertGroup): boolean {
  return unsaidFiring > 0 || unsaidResolved > 0 || isAgain;
}

/** When something of it is to be told next; a storm's members are told of with it. */
export function withDue(group: AlertGroup): AlertGroup {
  if (group.noticeId === null) return { ...group, dueAt: null };
  const isOver = group.state === 'resolved';
  const times = [
    ...(group.isStale ? [isOver ? 0 : (group.restatedAt ?? 0) + restateEveryMs] : []),
    ...(hasLine(group) ? [isOver || group.isAgain ? 0 : (group.lineAt ?? 0) + lineEveryMs] : []),
  ];
  return { ...group, dueAt: times.length === 0 ? null : Math.min(...times) };
}

/** Whether its card may be drawn now. */
export function mayRestate(group: AlertGroup, now: number): boolean {
  if (!group.isStale) return false;
  return group.state === 'resolved' || now - (group.restatedAt ?? 0) >= restateEveryMs;
}

/** Whether its thread may get a line now. */
export function maySay(group: AlertGroup, now: number): boolean {
  if (!hasLine(group)) return false;
  return group.state === 'resolved' || group.isAgain || now - (group.lineAt ?? 0) >= lineEveryMs;
}
