import type { AlertGroup, GroupCounts } from './port.ts';
import { countWords, durationWords, plural } from './words.ts';

/** What is said in a group's thread, at most once a minute. Undefined: nothing that is worth a line. */
export function lineText(
  group: AlertGroup,
  counts: GroupCounts,
  what: 'alert' | 'group',
): string | undefined {
  const { unsaidFiring, unsaidResolved, isAgain } = group;
  if (group.state === 'resolved') return closingLine(group, counts, what);
  const parts = [
    ...(unsaidFiring > 0
      ? [`${plural(unsaidFiring, `more ${what}`)} ${unsaidFiring === 1 ? 'fires' : 'fire'}`]
      : []),
    ...(unsaidResolved > 0 ? [`${plural(unsaidResolved, what)} resolved`] : []),
  ];
  if (isAgain) return `🔁 It fires again. ${all(counts, what)}.`;
  return parts.length === 0 ? undefined : `${parts.join(', ')}. ${all(counts, what)}.`;
}

function closingLine(group: AlertGroup, counts: GroupCounts, what: 'alert' | 'group'): string {
  const lasted = durationWords((group.resolvedAt ?? group.lastAt) - group.openedAt);
  return `🟢 Resolved after ${lasted}: ${plural(counts.firing + counts.resolved, what)}.`;
}

function all(counts: GroupCounts, what: 'alert' | 'group'): string {
  if (what === 'alert') return `In all ${countWords(counts)}`;
  const groups = counts.firing + counts.resolved;
  return `In all ${plural(groups, 'group')}, ${counts.resolved} resolved`;
}
