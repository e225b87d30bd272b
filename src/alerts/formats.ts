import { pagerdutyNotification } from './pagerduty.ts';
import { AlertFormatError, digestOf } from './parts.ts';
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
    fingerprint: digested(alert.fingerprint, longest.fingerprint),
    name: clean(alert.name.replaceAll(hidden, '').replaceAll(/\s+/g, ' '), longest.name),
    severity: clean(alert.severity, longest.severity),
    summary: clean(alert.summary, longest.summary),
    description: clean(alert.description, longest.description),
    labels: limitedTexts(alert.labels),
    annotations: limitedTexts(alert.annotations),
    ...(alert.remark === undefined ? {} : { remark: clean(alert.remark, longest.summary) }),
    ...(alert.groupKey === undefined ? {} : { groupKey: digested(alert.groupKey, longest.description) }),
  };
}

function limitedTexts(found: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(found)
      .slice(0, mostLabels)
      .map(([name, value]) => [clean(name, longest.label), clean(value, longest.summary)]),
  );
}

/** What names something may be shortened, but never to what names something else. */
function digested(text: string, most: number): string {
  return text.length <= most ? clean(text, most) : digestOf(text);
}

/** Characters that are not seen, and those that turn the direction of the words after them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
const unseen = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
/** Characters without width, and tags, in which words can be hidden from people and not from a model. */
const hidden = /[\u200b\u2060\ufeff\u{e0000}-\u{e007f}]/gu;

function clean(text: string, most: number): string {
  const plain = text.replaceAll(unseen, '').replaceAll(hidden, '').toWellFormed();
  return plain.length <= most ? plain : `${plain.slice(0, most - 1).toWellFormed()}…`;
}
