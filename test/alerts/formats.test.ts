import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readNotification } from '../../src/alerts/formats.ts';
import { AlertFormatError } from '../../src/alerts/parts.ts';
import type { AlertFormat } from '../../src/alerts/port.ts';
import { alertFormats } from '../../src/alerts/port.ts';
import { sampleBody } from '../../src/alerts/samples.ts';
import { severityOf } from '../../src/alerts/severity.ts';

async function example(format: AlertFormat, file: string = format) {
  return readNotification(
    format,
    await readFile(new URL(`../fixtures/alerts/${file}.json`, import.meta.url)),
  );
}

const read = (format: AlertFormat, body: unknown) =>
  readNotification(format, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));

describe('what senders say of their alerts', () => {
  it('is read of Alertmanager', async () => {
    const { alerts, key } = await example('alertmanager');
    expect(key).toBeUndefined();
    expect(alerts).toHaveLength(2);
    expect(alerts[0]).toMatchObject({
      ...{ fingerprint: '1a30ba71cca2921f', status: 'firing', name: 'InstanceDown', severity: 'critical' },
      summary: 'Instance web-1:9100 down',
      labels: { instance: 'web-1:9100', job: 'node' },
      startsAt: '2026-11-20T08:11:12.345Z',
      groupKey: '{}/{severity="critical"}:{alertname="InstanceDown"}',
      links: [
        { title: 'Source', url: 'http://prometheus.example.org:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1' },
        { title: 'Runbook', url: 'https://runbooks.example.org/InstanceDown' },
        { title: 'Alertmanager', url: 'http://alertmanager.example.org:9093/' },
      ],
    });
    expect(alerts[0]?.endsAt).toBeUndefined();
  });

  it('is read of Grafana', async () => {
    const { alerts } = await example('grafana');
    expect(alerts.map(({ name }) => name)).toEqual(['High memory usage', 'High CPU usage']);
    expect(alerts[1]).toMatchObject({
      fingerprint: 'bc97ff14869b13e3',
      startsAt: '2026-11-20T07:56:03.157Z',
      description: expect.stringContaining('value=44.23943737541908'),
    });
    expect(alerts[1]?.links.map(({ title }) => title)).toEqual([
      ...['Source', 'Runbook', 'Dashboard', 'Panel', 'Silence', 'Grafana'],
    ]);
  });

  it('is read of PagerDuty, each event by its id', async () => {
    const triggered = await example('pagerduty', 'pagerduty-triggered');
    expect(triggered).toMatchObject({
      key: '01EEXKNZSU8HKWUWD3ZBHMH6M0',
      alerts: [{ fingerprint: 'PGR0VU2', status: 'firing', severity: 'P1', summary: 'On API Service' }],
    });
    const acknowledged = await example('pagerduty', 'pagerduty-acknowledged');
    expect(acknowledged.alerts).toMatchObject([
      { status: 'firing', remark: 'Acknowledged in PagerDuty by Tenex Engineer.' },
    ]);
    const resolved = await example('pagerduty', 'pagerduty-resolved');
    expect(resolved.alerts).toMatchObject([{ status: 'resolved', endsAt: '2026-11-20T15:30:29.000Z' }]);
    const other = { event: { id: 'E', event_type: 'service.updated', data: { id: 'S' } } };
    expect(read('pagerduty', other)).toEqual({ key: 'E', alerts: [] });
  });

  it('is read of plain JSON: one alert, or many', async () => {
    const { alerts } = await example('json');
    expect(alerts).toMatchObject([
      {
        ...{ name: 'Backup failed', status: 'firing', severity: 'warning' },
        labels: { host: 'db-1', attempt: '3' },
        links: [{ title: 'Source', url: 'https://backup.example.org/jobs/17' }],
      },
    ]);
    expect(read('json', [{ name: 'A' }, { name: 'B', status: 'OK' }]).alerts).toMatchObject([
      { name: 'A', status: 'firing' },
      { name: 'B', status: 'resolved' },
    ]);
    expect(read('json', { alerts: [{ name: 'A', id: '7' }] }).alerts[0]?.fingerprint).toBe('7');
  });

  it('is read of the samples that try out a route', () => {
    for (const format of alertFormats)
      for (const status of ['firing', 'resolved'] as const)
        expect(
          readNotification(format, sampleBody(format, status, '2026-11-20T08:00:00.000Z')).alerts,
        ).toMatchObject([{ status }]);
  });

  it('gives no links that are no web pages, and has an end', () => {
    const long = 'x'.repeat(100_000);
    const [alert] = read('json', { name: long, url: 'javascript:alert(1)', labels: { a: long } }).alerts;
    expect(alert?.links).toEqual([]);
    expect(JSON.stringify(alert).length).toBeLessThan(5000);
    const nul = read('json', { name: 'a\0b' }).alerts[0]?.name;
    expect(nul).toBe('ab');
    expect(read('json', { name: 'gnp.\u202eexe\u0007' }).alerts[0]?.name).toBe('gnp.exe');
    const smuggled = read('json', { name: 'a\u200bb\ufeff\u{e0041}\u{e0042}', summary: '👩‍🚒' }).alerts[0];
    expect(smuggled).toMatchObject({ name: 'ab', summary: '👩‍🚒' });
    const ids = ['1', '2'].map((end) => read('json', { name: 'A', id: long + end }).alerts[0]?.fingerprint);
    expect(new Set(ids).size).toBe(2);
    const nameless = { alerts: [{ status: 'firing', labels: { alertname: ' ' } }] };
    expect(read('alertmanager', nameless).alerts[0]?.name).toBe('Alert');
  });

  it.each([
    ['alertmanager', 'no json', 'The body is not JSON.'],
    ['alertmanager', {}, 'This is not what Alertmanager sends: alerts: must be a list.'],
    [
      ...['grafana', { alerts: [{ status: 'odd' }] }],
      'This is not what Grafana sends: alerts.0: status: must be firing or resolved.',
    ],
    ['pagerduty', { messages: [] }, /^This is not what PagerDuty sends: event: /],
    ['json', { text: 'x' }, /must be an object with a name/],
    ['json', 'null', /must be an object with a name/],
  ] as const)('is refused by one sentence: %s %j', (format, body, sentence) => {
    expect(() => read(format, body)).toThrow(AlertFormatError);
    expect(() => read(format, body)).toThrow(sentence);
  });

  it.each([
    ['critical', 'critical'],
    ['P1', 'critical'],
    ['SEV-2', 'warning'],
    ['informational', 'info'],
    ['', 'unknown'],
    ['odd', 'unknown'],
  ])('%s is %s', (word, severity) => {
    const [alert] = read('json', { name: 'A', labels: { level: word } }).alerts;
    if (alert === undefined) throw new Error('no alert');
    expect(severityOf(alert, { severityLabel: 'level' })).toBe(severity);
  });
});
