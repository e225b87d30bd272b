import type { Alert, AlertRoute, Severity } from './port.ts';

const known: readonly (readonly [RegExp, Severity])[] = [
  [/^(critical|crit|emergency|emerg|fatal|disaster|page|high|sev-?[01]|p[01]|error)$/i, 'critical'],
  [/^(warning|warn|medium|minor|average|sev-?[23]|p[23])$/i, 'warning'],
  [/^(info|information|informational|notice|low|none|debug|sev-?[45]|p[45])$/i, 'info'],
];

/** How bad an alert is, by the label that its route names, else as its sender says. */
export function severityOf(alert: Alert, { severityLabel }: Pick<AlertRoute, 'severityLabel'>): Severity {
  const said = Object.hasOwn(alert.labels, severityLabel) ? alert.labels[severityLabel] : undefined;
  const word = (said ?? alert.severity).trim();
  return known.find(([words]) => words.test(word))?.[1] ?? 'unknown';
}

const order: readonly Severity[] = ['info', 'unknown', 'warning', 'critical'];

export function worseOf(one: Severity, other: Severity): Severity {
  return order.indexOf(one) >= order.indexOf(other) ? one : other;
}

export const severityIcons: Readonly<Record<Severity, string>> = {
  critical: '🔴',
  warning: '🟠',
  info: '🔵',
  unknown: '🟡',
};
