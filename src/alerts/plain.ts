import { z } from 'zod';
import { digestOf, given, linksOf, moment, readAs, sorted, texts, words } from './parts.ts';
import type { Alert, Notification } from './port.ts';

const resolvedWords = ['resolved', 'ok', 'closed', 'recovered', 'recovery'];

const status = z
  .string()
  .nullable()
  .default(null)
  .transform((word) => (resolvedWords.includes((word ?? '').toLowerCase()) ? 'resolved' : 'firing'));

const alertSchema = z.looseObject({
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
});

/** One alert, a list of them, or an object with a list `alerts`. */
const bodySchema = z.union(
  [
    z.array(alertSchema),
    z.looseObject({ alerts: z.array(alertSchema) }).transform(({ alerts }) => alerts),
    alertSchema.transform((alert) => [alert]),
  ],
  { error: 'must be an object with a name, or a list of such objects' },
);

/** Reads what scripts send. Throws `AlertFormatError`. */
export function plainNotification(body: unknown): Notification {
  return { alerts: readAs(bodySchema, body, 'a plain sender').map(alertOf) };
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
