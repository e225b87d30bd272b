import type { AlertFormat } from './port.ts';

/** What a sender would send of a made-up alert, for trying out a route; `at` is ISO 8601. */
export function sampleBody(format: AlertFormat, status: 'firing' | 'resolved', at: string): Buffer {
  return Buffer.from(JSON.stringify(samples[format](status, at)));
}

type Sample = (status: 'firing' | 'resolved', at: string) => object;

const labels = { alertname: 'TestAlert', severity: 'warning', instance: 'test.example' };
const summary = 'This is a test of the route';
const description = 'Somebody tries out where alerts of this route go. Nothing is wrong.';

const prometheus: Sample = (status, at) => ({
  version: '4',
  status,
  groupKey: '{}:{alertname="TestAlert"}',
  alerts: [
    {
      ...{ status, labels, annotations: { summary, description } },
      ...{ startsAt: at, endsAt: status === 'resolved' ? at : '0001-01-01T00:00:00Z' },
      fingerprint: 'a1e27e57a1e27e57',
    },
  ],
});

const samples: Readonly<Record<AlertFormat, Sample>> = {
  alertmanager: prometheus,
  grafana: prometheus,
  pagerduty: (status, at) => ({
    event: {
      id: `test-${at}`,
      event_type: status === 'resolved' ? 'incident.resolved' : 'incident.triggered',
      resource_type: 'incident',
      occurred_at: at,
      data: { id: 'TEST', type: 'incident', number: 1, title: summary, urgency: 'low', created_at: at },
    },
  }),
  json: (status, at) => ({ name: 'TestAlert', status, summary, description, labels, startsAt: at }),
};
