import { z } from 'zod';
import { digestOf, given, linksOf, moment, readAs, sorted, texts, words } from './parts.ts';
import type { Alert, Notification } from './port.ts';

/**
 * Version 4 of Alertmanager's webhook
 * (https://prometheus.io/docs/alerting/latest/configuration/#webhook_config), and what Grafana adds to it
 * (https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/).
 */
const alertSchema = z.looseObject({
  status: z.enum(['firing', 'resolved'], { error: 'must be firing or resolved' }),
  labels: texts,
  annotations: texts,
  startsAt: moment,
  endsAt: moment,
  fingerprint: words,
  generatorURL: words,
  silenceURL: words,
  dashboardURL: words,
  panelURL: words,
  valueString: words,
});

const bodySchema = z.looseObject({
  groupKey: words,
  externalURL: words,
  commonLabels: texts,
  commonAnnotations: texts,
  alerts: z.array(alertSchema, { error: 'must be a list' }),
});

type Body = z.infer<typeof bodySchema>;

/** Reads what Alertmanager sends. Throws `AlertFormatError`. */
export function alertmanagerNotification(body: unknown): Notification {
  const read = readAs(bodySchema, body, 'Alertmanager');
  return { alerts: read.alerts.map((alert) => alertOf(alert, read)) };
}

/** Reads what Grafana's unified alerting sends. Throws `AlertFormatError`. */
export function grafanaNotification(body: unknown): Notification {
  const read = readAs(bodySchema, body, 'Grafana');
  return { alerts: read.alerts.map((alert) => alertOf(alert, read)) };
}

function alertOf(sent: Body['alerts'][number], body: Body): Alert {
  const { status, startsAt } = sent;
  const labels = { ...body.commonLabels, ...sent.labels };
  const annotations = { ...body.commonAnnotations, ...sent.annotations };
  const { summary = '', message = '' } = annotations;
  return {
    fingerprint: sent.fingerprint === '' ? digestOf(sorted(labels)) : sent.fingerprint,
    status,
    name: [labels.alertname ?? '', summary].find((word) => word.trim() !== '') ?? 'Alert',
    severity: labels.severity ?? '',
    summary: summary === '' ? message : summary,
    description: [annotations.description ?? '', valuesOf(sent.valueString)]
      .filter((part) => part !== '')
      .join('\n'),
    labels,
    annotations,
    ...given('startsAt', startsAt),
    ...given('endsAt', status === 'resolved' ? sent.endsAt : undefined),
    links: linksOf({
      Source: sent.generatorURL,
      Runbook: annotations.runbook_url ?? annotations.runbook,
      Dashboard: sent.dashboardURL === '' ? annotations.dashboard_url : sent.dashboardURL,
      Panel: sent.panelURL,
      Silence: sent.silenceURL,
      Sender: body.externalURL,
    }),
    ...given('groupKey', body.groupKey === '' ? undefined : body.groupKey),
  };
}

function valuesOf(values: string): string {
  return values === '' ? '' : `Values: ${values}`;
}
