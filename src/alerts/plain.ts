import { z } from 'zod';
import {
  AlertFormatError,
  digestOf,
  given,
  linksOf,
  listed,
  moment,
  readList,
  sorted,
  texts,
  words,
} from './parts.ts';
import type { Alert, Notification } from './port.ts';

const resolvedWords = ['resolved', 'ok', 'closed', 'recovered', 'recovery'];

const status = z
  .string()
  .nullable()
  .default(null)
  .transform((word) => (resolvedWords.includes((word ?? '').toLowerCase()) ? 'resolved' : 'firing'));

const fields = {
  name: z.string({ error: 'must be a text that says what fires' }).trim().min(1),
  status,
  id: words,
  fingerprint: words,
  severity: words,
  summary: words,
  description: words,
  labels: texts,
  annotations: texts,
  startsAt: moment,
  endsAt: moment,
  url: words,
  runbook: words,
  group: words,
};

const alertSchema = z.looseObject(fields, { error: 'must be an object with a name' });

const sender = 'a plain sender';

/** Reads what scripts send: one alert, a list of them, or an object with a list `alerts`. Throws `AlertFormatError`. */
export function plainNotification(body: unknown): Notification {
  const list = listSchema.safeParse(body);
  if (!list.success) return { alerts: [alertOf(oneOf(body))] };
  const { read, refused } = readList(alertSchema, list.data, { sender, at: '' });
  return { alerts: read.map(alertOf), refused };
}

const listSchema = z.union([listed, z.looseObject({ alerts: listed }).transform(({ alerts }) => alerts)]);

function oneOf(body: unknown): z.infer<typeof alertSchema> {
  const read = alertSchema.safeParse(body);
  if (read.success) return read.data;
  throw new AlertFormatError(
    `This is not what ${sender} sends: the body must be an object with a name, or a list of such objects.`,
  );
}

function alertOf(sent: z.infer<typeof alertSchema>): Alert {
  const { name, labels, startsAt } = sent;
  const named = [sent.fingerprint, sent.id].find((id) => id !== '');
  return {
    fingerprint: named ?? digestOf([name, sorted(labels)]),
    status: sent.status,
    name,
    severity: sent.severity === '' ? (labels.severity ?? '') : sent.severity,
    summary: sent.summary,
    description: sent.description,
    labels,
    annotations: sent.annotations,
    ...given('startsAt', startsAt),
    ...given('endsAt', sent.status === 'resolved' ? sent.endsAt : undefined),
    links: linksOf({ Source: sent.url, Runbook: sent.runbook }),
    ...given('groupKey', sent.group === '' ? undefined : sent.group),
  };
}
