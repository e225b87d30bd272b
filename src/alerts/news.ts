import { digestOf } from './parts.ts';
import type { Alert, AlertRoute, StoredAlert } from './port.ts';

/**
 * What an alert says that was not known. `fires`: it begins to. `same`: nothing but perhaps its words. `late`:
 * it is older than what is known. `unheard`: it is over, and nobody knew of it.
 */
export type News = 'fires' | 'ends' | 'same' | 'late' | 'unheard';

/** Not every sender says that something is over: what was silent for so long fires anew. Milliseconds. */
export const silenceMs = 12 * 3_600_000;

/** A firing that is delivered so shortly after its end is its echo; later, it was wrongly taken for over. */
const echoMs = 30_000;

/** Compares what came in with what is known. `now`: milliseconds since 1970. */
export function newsOf(alert: Alert, known: StoredAlert | undefined, now: number): News {
  if (known === undefined) return alert.status === 'firing' ? 'fires' : 'unheard';
  if (isLate(alert, known, now)) return 'late';
  if (alert.status === 'resolved') return known.alert.status === 'resolved' ? 'same' : 'ends';
  if (known.alert.status === 'resolved') return 'fires';
  const isForgotten = alert.order === undefined && now - known.lastAt >= silenceMs;
  return isForgotten ? 'fires' : 'same';
}

function isLate(alert: Alert, known: StoredAlert, now: number): boolean {
  const isFiringAfterEnd = alert.status === 'firing' && known.alert.status === 'resolved';
  if (alert.order !== undefined && known.alert.order !== undefined) {
    if (alert.order !== known.alert.order) return alert.order < known.alert.order;
    return isFiringAfterEnd;
  }
  const [began, begun] = [timeOf(alert.startsAt), timeOf(known.alert.startsAt)];
  if (began === undefined || begun === undefined) return false;
  if (isFiringAfterEnd) return began <= begun && now - known.lastAt < echoMs;
  // Senders may learn later that something began earlier; only what ended before the other began is old.
  return alert.status === 'resolved' && began < begun && (timeOf(alert.endsAt) ?? began) <= begun;
}

function timeOf(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time);
}

/** Whether people should see other words than before. */
export function saysMore(alert: Alert, known: Alert): boolean {
  const words = ({ name, severity, summary, description, remark = '' }: Alert) =>
    JSON.stringify([name, severity, summary, description, remark]);
  return words(alert) !== words(known);
}

/** What belongs together: by the route's labels, else by its sender's key, else by name. */
export function groupKeyOf(alert: Alert, { groupBy }: Pick<AlertRoute, 'groupBy'>): string {
  if (groupBy.length > 0) {
    const values = groupBy.map((label) => [label, alert.labels[label] ?? '']);
    return `labels:${digestOf(values)}`;
  }
  if (alert.groupKey !== undefined) return `sender:${digestOf(alert.groupKey)}`;
  return alert.name === '' ? `fingerprint:${alert.fingerprint}` : `name:${digestOf(alert.name)}`;
}
