import type { ApprovalCard } from './reply.ts';

/**
 * What a person changed of a call's arguments: lines of `- name: before` and `+ name: after`. Empty where nobody
 * changed it.
 */
export function changesText({
  arguments: before,
  edited,
}: Pick<ApprovalCard, 'arguments' | 'edited'>): string {
  if (edited === undefined) return '';
  const [old, now] = [valuesIn(before), valuesIn(edited)];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  const changed = names.filter((name) => old[name] !== now[name]);
  return changed.flatMap((name) => [...line('-', name, old[name]), ...line('+', name, now[name])]).join('\n');
}

function line(sign: string, name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [`${sign} ${name}: ${value}`];
}

/** Each as JSON on one line. */
function valuesIn(json: string): Readonly<Record<string, string>> {
  const value: unknown = JSON.parse(json);
  const entries = Object.entries(typeof value === 'object' && value !== null ? value : {});
  return Object.fromEntries(entries.map(([name, one]) => [name, JSON.stringify(one)]));
}
