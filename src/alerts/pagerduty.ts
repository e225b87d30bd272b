import { z } from 'zod';
import { given, linksOf, moment, readAs, words } from './parts.ts';
import type { Alert, Notification } from './port.ts';

const reference = z.looseObject({ id: words, summary: words, html_url: words }).nullish();

/** A V3 webhook of PagerDuty (https://developer.pagerduty.com/docs/webhooks/v3-overview/). */
const bodySchema = z.looseObject({
  event: z.looseObject({
    id: z.string().min(1),
    event_type: z.string().min(1),
    resource_type: words,
    occurred_at: moment,
    agent: reference,
    data: z.looseObject({
      id: words,
      type: words,
      html_url: words,
      number: z.union([z.number(), z.string()]).nullish(),
      status: words,
      created_at: moment,
      title: words,
      urgency: words,
      service: reference,
      priority: reference,
      escalation_policy: reference,
      incident: reference,
    }),
  }),
});

type Event = z.infer<typeof bodySchema>['event'];

/** Of incidents; others are about what is around them and change no alert. */
const firing: Readonly<Record<string, string>> = {
  'incident.triggered': '',
  'incident.reopened': 'Reopened in PagerDuty',
  'incident.acknowledged': 'Acknowledged in PagerDuty',
  'incident.unacknowledged': 'No longer acknowledged in PagerDuty',
  'incident.escalated': 'Escalated in PagerDuty',
  'incident.reassigned': 'Reassigned in PagerDuty',
  'incident.delegated': 'Delegated in PagerDuty',
  'incident.priority_updated': 'Its priority was changed in PagerDuty',
};

/** Reads an event of PagerDuty; one that changes no incident has no alerts. Throws `AlertFormatError`. */
export function pagerdutyNotification(body: unknown): Notification {
  const { event } = readAs(bodySchema, body, 'PagerDuty');
  const isResolved = event.event_type === 'incident.resolved';
  const known = isResolved || Object.hasOwn(firing, event.event_type);
  return { alerts: known && event.data.id !== '' ? [alertOf(event, isResolved)] : [], key: event.id };
}

function alertOf(event: Event, isResolved: boolean): Alert {
  const { data, agent, occurred_at: occurredAt } = event;
  const labels = labelsOf(event);
  const service = data.service?.summary ?? '';
  const said = firing[event.event_type] ?? '';
  const by = agent?.summary ?? '';
  return {
    fingerprint: data.id,
    status: isResolved ? 'resolved' : 'firing',
    name: data.title === '' ? `Incident ${data.number ?? data.id}` : data.title,
    severity: severityOf(event),
    summary: service === '' ? '' : `On ${service}`,
    description: '',
    labels,
    annotations: {},
    ...given('startsAt', data.created_at ?? occurredAt),
    ...given('endsAt', isResolved ? occurredAt : undefined),
    links: linksOf({ Incident: data.html_url, Service: data.service?.html_url }),
    groupKey: data.id,
    ...given('order', occurredAt === undefined ? undefined : Date.parse(occurredAt)),
    ...given('remark', said === '' ? undefined : `${said}${by === '' ? '' : ` by ${by}`}.`),
  };
}

function labelsOf({ data }: Event): Readonly<Record<string, string>> {
  const all = {
    service: data.service?.summary ?? '',
    urgency: data.urgency,
    priority: data.priority?.summary ?? '',
    escalation_policy: data.escalation_policy?.summary ?? '',
    incident: String(data.number ?? ''),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
}

/** A priority says more than an urgency. */
function severityOf({ data }: Event): string {
  const priority = data.priority?.summary ?? '';
  if (priority !== '') return priority;
  return data.urgency === 'high' ? 'critical' : data.urgency;
}
