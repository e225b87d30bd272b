import { z } from 'zod';
import { digestOf, given, linksOf, listed, moment, readAs, readList, sorted, texts, words } from './parts.ts';
import type { Alert, Notification } from './port.ts';

/**
 * Version 4 of Alertmanager's webhook
 * (https://prometheus.io/docs/alerting/latest/configuration/#webhook_config), and what Grafana adds to it
 * (https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/).
 */
const fields = {
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
};

const alertSchema = z.looseObject(fields, { error: 'must be an object' });

const bodySchema = z.looseObject({
  groupKey: words,
  externalURL: words,
  commonLabels: texts,
  commonAnnotations: texts,
  alerts: listed,
});

type Body = z.infer<typeof bodySchema>;

/** Reads what Alertmanager sends. Throws `AlertFormatError`. */
export function alertmanagerNotification(body: unknown): Notification {
  return notificationOf(body, 'Alertmanager');
}

/** Reads what Grafana's unified alerting sends. Throws `AlertFormatError`. */
export function grafanaNotification(body: unknown): Notification {
  return notificationOf(body, 'Grafana');
}

function notificationOf(body: unknown, sender: string): Notification {
  const whole = readAs(bodySchema, body, sender);
  const { read, refused } = readList(alertSchema, whole.alerts, { sender, at: 'alerts.' });
  return { alerts: read.map((alert) => alertOf(alert, whole, sender)), refused };
}

function alertOf(sent: z.infer<typeof alertSchema>, body: Body, sender: string): Alert {
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
      [sender]: body.externalURL,
    }),
    ...given('groupKey', body.groupKey === '' ? undefined : body.groupKey),
  };
}

function valuesOf(values: string): string {
  return values === '' ? '' : `Values: ${values}`;
}
