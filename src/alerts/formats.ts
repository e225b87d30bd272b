import { pagerdutyNotification } from './pagerduty.ts';
import { AlertFormatError } from './parts.ts';
import { plainNotification } from './plain.ts';
import type { Alert, AlertFormat, Notification } from './port.ts';
import { alertmanagerNotification, grafanaNotification } from './prometheus.ts';

const parsers: Readonly<Record<AlertFormat, (body: unknown) => Notification>> = {
  alertmanager: alertmanagerNotification,
  grafana: grafanaNotification,
  pagerduty: pagerdutyNotification,
  json: plainNotification,
};

/** Reads the bytes of a delivery. Throws `AlertFormatError`: one sentence. */
export function readNotification(format: AlertFormat, bytes: Buffer): Notification {
  const { alerts, ...rest } = parsers[format](parsed(bytes));
  return { ...rest, alerts: alerts.map(limited) };
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new AlertFormatError('The body is not JSON.');
  }
}

const longest = { name: 200, severity: 60, summary: 1000, description: 4000, label: 300, fingerprint: 200 };
const mostLabels = 60;

/** What is stored and shown of a stranger's words has an end. */
function limited(alert: Alert): Alert {
  return {
    ...alert,
    fingerprint: clean(alert.fingerprint, longest.fingerprint),
    name: clean(alert.name.replaceAll(/\s+/g, ' '), longest.name),
    severity: clean(alert.severity, longest.severity),
    summary: clean(alert.summary, longest.summary),
    description: clean(alert.description, longest.description),
    labels: limitedTexts(alert.labels),
    annotations: limitedTexts(alert.annotations),
    ...(alert.groupKey === undefined ? {} : { groupKey: clean(alert.groupKey, longest.description) }),
  };
}

function limitedTexts(found: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(found)
      .slice(0, mostLabels)
      .map(([name, value]) => [clean(name, longest.label), clean(value, longest.summary)]),
  );
}

function clean(text: string, most: number): string {
  const plain = text.replaceAll('\0', '').toWellFormed();
  return plain.length <= most ? plain : `${plain.slice(0, most - 1).toWellFormed()}…`;
}
