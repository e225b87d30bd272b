import { digestOf } from './parts.ts';
import type { Alert, AlertRoute, StoredAlert } from './port.ts';

/**
 * What an alert says that was not known. `fires`: it begins to. `same`: nothing but perhaps its words. `late`:
 * it is older than what is known. `unheard`: it is over, and nobody knew of it.
 */
export type News = 'fires' | 'ends' | 'same' | 'late' | 'unheard';

/** Compares what came in with what is known. */
export function newsOf(alert: Alert, known: StoredAlert | undefined): News {
  if (known === undefined) return alert.status === 'firing' ? 'fires' : 'unheard';
  if (isLate(alert, known.alert)) return 'late';
  if (alert.status === known.alert.status) return 'same';
  return alert.status === 'firing' ? 'fires' : 'ends';
}

function isLate(alert: Alert, known: Alert): boolean {
  if (alert.order === undefined || known.order === undefined) return false;
  if (alert.order !== known.order) return alert.order < known.order;
  return known.status === 'resolved' && alert.status === 'firing';
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
