import type { AlertGroup, GroupCounts, GroupStanding } from './port.ts';
import { countWords, durationWords, plural } from './words.ts';

export interface Line {
  readonly what: 'alert' | 'group';
  /** What has turned critical, a line for each. */
  readonly turned: readonly string[];
}

/** What is said in a group's thread. Undefined: nothing that is worth a line. */
export function lineText(group: AlertGroup, counts: GroupStanding, line: Line): string | undefined {
  const { what, turned } = line;
  if (group.state === 'resolved') return closingLine(group, counts, what);
  const news = newsLine(group, counts, what);
  if (turned.length === 0) return news;
  return [`🔴 **Turned critical:**\n${listOf(turned)}`, news ?? `${all(counts, what)}.`].join('\n\n');
}

const mostNamed = 5;

function listOf(turned: readonly string[]): string {
  const rest = turned.length - mostNamed;
  const lines = turned.slice(0, mostNamed).map((line) => `- ${line}`);
  return [...lines, ...(rest > 0 ? [`- … and ${rest} more`] : [])].join('\n');
}

function newsLine(group: AlertGroup, counts: GroupStanding, what: Line['what']): string | undefined {
  const { unsaidFiring, unsaidResolved, isAgain, isAwake } = group;
  const parts = [
    ...(unsaidFiring > 0
      ? [`${plural(unsaidFiring, `more ${what}`)} ${unsaidFiring === 1 ? 'fires' : 'fire'}`]
      : []),
    ...(unsaidResolved > 0 ? [`${plural(unsaidResolved, what)} resolved`] : []),
  ];
  if (isAwake)
    return `🔔 The snooze is over, and it still fires after ${durationWords(counts.until - counts.since)}. ${all(counts, what)}.`;
  if (isAgain) return `🔁 It fires again. ${all(counts, what)}.${often(group)}`;
  return parts.length === 0 ? undefined : `${parts.join(', ')}. ${all(counts, what)}.`;
}

/** What comes and goes is told of seldom, and says how often it did. */
function often({ returns }: AlertGroup): string {
  return returns > 1 ? ` It came back ${returns} times.` : '';
}

function closingLine(group: AlertGroup, counts: GroupStanding, what: Line['what']): string {
  const lasted = durationWords(counts.until - counts.since);
  return `🟢 Resolved after ${lasted}: ${plural(counts.firing + counts.resolved, what)}.${often(group)}`;
}

function all(counts: GroupCounts, what: Line['what']): string {
  if (what === 'alert') return `In all ${countWords(counts)}`;
  const groups = counts.firing + counts.resolved;
  return `In all ${plural(groups, 'group')}, ${counts.resolved} resolved`;
}
