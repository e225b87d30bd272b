import type { GroupNames } from './port.ts';

const mostNamed = 3;
const longest = 60;

/** A group's title: its alerts' name where they share it, else how many they are and the first few names. */
export function titleOf({ alerts, kinds, names }: GroupNames): string {
  const [only = ''] = names;
  if (kinds <= 1) return only;
  const named = names.slice(0, mostNamed);
  const rest = kinds - named.length;
  const list = named.map(clipped).join(', ');
  return `${alerts} alerts: ${list}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** Whether a title names several kinds of alerts. */
export function isOfSeveral(title: string, alerts: number): boolean {
  return title.startsWith(`${alerts} alerts: `);
}

function clipped(name: string): string {
  return name.length <= longest ? name : `${name.slice(0, longest - 1).toWellFormed()}…`;
}
