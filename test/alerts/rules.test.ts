import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Tool } from '../../src/agent/tool.ts';
import { groupKeyOf, newsOf } from '../../src/alerts/news.ts';
import type { Alert, AlertRoute, StoredAlert } from '../../src/alerts/port.ts';
import { isProven } from '../../src/alerts/proof.ts';
import { fillTemplate, templateProblem } from '../../src/alerts/template.ts';
import { durationWords, lineOf, quoteOf } from '../../src/alerts/words.ts';
import { allowed } from '../../src/bot/allowed-tools.ts';

const route: AlertRoute = {
  ...{ id: 'r', name: 'production', format: 'json', authentication: 'token', secretReference: 'env:X' },
  ...{ timestampHeader: '', target: '', template: '', groupBy: [], severityLabel: 'severity' },
  ...{ investigate: true, instructions: '', tools: [], investigationsPerHour: 1, groupsPerMinute: 1 },
  ...{ alertsPerMinute: 10, dedupeMinutes: 60, reopenMinutes: 10, mentionOwner: true, autoClose: true },
  ...{ isEnabled: true, owner: { principal: 'web:ada', name: 'Ada' } },
};

const alert: Alert = {
  ...{
    fingerprint: 'f',
    status: 'firing',
    name: 'Disk full',
    severity: 'warning',
    summary: 'It is {{name}}',
  },
  ...{ description: '', labels: { host: 'db-1', 'a.b': 'dotted' }, annotations: { note: 'N' }, links: [] },
};

describe('how a sender proves who it is', () => {
  const body = Buffer.from('{"name":"A"}');
  const now = Date.parse('2026-11-20T08:00:00Z');
  const secret = 's3cret';
  const sign = (text: string | Buffer) => createHmac('sha256', secret).update(text).digest('hex');
  const shown = (headers: Readonly<Record<string, string>>) => ({ headers, body, now });
  const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

  it.each([
    ['Bearer s3cret', true],
    ['token s3cret', true],
    [basic('alertmanager:s3cret'), true],
    ['Bearer wrong', false],
    [basic('s3cret:wrong'), false],
    ['Digest s3cret', false],
    ['', false],
  ])('a token: %s', (authorization, is) => {
    expect(isProven(route, secret, shown({ authorization }))).toBe(is);
    expect(isProven(route, '', shown({ authorization }))).toBe(false);
  });

  it('Grafana signs the body, or its time and the body', () => {
    const grafana = { ...route, format: 'grafana', authentication: 'signature' } as const;
    const header = 'x-grafana-alerting-signature';
    expect(isProven(grafana, secret, shown({ [header]: sign(body) }))).toBe(true);
    expect(isProven(grafana, secret, shown({ [header]: sign('other') }))).toBe(false);
    expect(isProven(grafana, secret, shown({ authorization: 'Bearer s3cret' }))).toBe(false);
    const timed = { ...grafana, timestampHeader: 'X-Time' };
    const at = (seconds: number) => shown({ 'x-time': `${seconds}`, [header]: sign(`${seconds}:${body}`) });
    expect(isProven(timed, secret, at(now / 1000 - 60))).toBe(true);
    expect(isProven(timed, secret, at(now / 1000 - 600))).toBe(false);
    expect(isProven(timed, secret, shown({ [header]: sign(body) }))).toBe(false);
  });

  it('PagerDuty sends several while a secret is being replaced', () => {
    const pagerduty = { ...route, format: 'pagerduty', authentication: 'signature' } as const;
    const header = 'x-pagerduty-signature';
    const list = `v1=${'0'.repeat(64)},v1=${sign(body)}`;
    expect(isProven(pagerduty, secret, shown({ [header]: list }))).toBe(true);
    expect(isProven(pagerduty, secret, shown({ [header]: `v1=${'0'.repeat(64)}` }))).toBe(false);
  });

  it('scripts sign as GitHub does', () => {
    const plain = { ...route, authentication: 'signature' } as const;
    expect(isProven(plain, secret, shown({ 'x-signature-256': `sha256=${sign(body)}` }))).toBe(true);
    expect(isProven({ ...plain, authentication: 'none' }, secret, shown({}))).toBe(false);
  });
});

describe('what is new in what comes in', () => {
  const now = Date.parse('2026-11-20T12:00:00Z');
  const known = (changes: Partial<Alert>, secondsAgo = 0): StoredAlert => ({
    ...{ alert: { ...alert, ...changes }, groupId: 'g', times: 1 },
    ...{ firedAt: now - secondsAgo * 1000, lastAt: now - secondsAgo * 1000 },
  });
  const resolved = { status: 'resolved' } as const;
  const eight = '2026-11-20T08:00:00.000Z';
  const nine = '2026-11-20T09:00:00.000Z';
  const ten = '2026-11-20T10:00:00.000Z';
  const daySeconds = 86_400;

  it.each([
    [{}, undefined, 'fires'],
    [resolved, undefined, 'unheard'],
    [{}, known({}), 'same'],
    [resolved, known({}), 'ends'],
    [{}, known(resolved), 'fires'],
    [{ order: 5 }, known({ ...resolved, order: 5 }), 'late'],
    [{ order: 4 }, known({ ...resolved, order: 5 }), 'late'],
    [{ order: 6 }, known({ ...resolved, order: 5 }), 'fires'],
    [{ ...resolved, order: 5 }, known({ order: 5 }), 'ends'],
    [{ ...resolved, order: 4 }, known({ order: 5 }), 'late'],
    [{ order: 5 }, known({ order: 4 }, daySeconds), 'same'],
  ] as const)('by its number: %j after %j: %s', (changes, before, news) => {
    expect(newsOf({ ...alert, ...changes }, before, now)).toBe(news);
  });

  it.each([
    // An echo of what is over, and what was taken for over while it went on.
    [{ startsAt: eight }, known({ ...resolved, startsAt: eight }, 5), 'late'],
    [{ startsAt: eight }, known({ ...resolved, startsAt: eight }, 300), 'fires'],
    [{ startsAt: nine }, known({ ...resolved, startsAt: eight }, 5), 'fires'],
    // An end that belongs to an earlier firing, and one of which the sender learnt later when it began.
    [{ ...resolved, startsAt: eight, endsAt: eight }, known({ startsAt: nine }), 'late'],
    [{ ...resolved, startsAt: eight, endsAt: ten }, known({ startsAt: nine }), 'ends'],
    [{ ...resolved, startsAt: eight, endsAt: ten }, known({ startsAt: eight }), 'ends'],
    // Not every sender says that something is over.
    [{ startsAt: ten }, known({ startsAt: eight }, 3600), 'same'],
    [{}, known({}, daySeconds), 'fires'],
  ] as const)('by its times: %j after %j: %s', (changes, before, news) => {
    expect(newsOf({ ...alert, ...changes }, before, now)).toBe(news);
  });

  it('belongs to a group by labels, else by its sender, else by its name', () => {
    const other = { ...alert, fingerprint: 'other', labels: { host: 'db-2' } };
    const key = (one: Alert, groupBy: readonly string[] = []) => groupKeyOf(one, { groupBy });
    expect(key(alert)).toBe(key(other));
    expect(key(alert, ['host'])).not.toBe(key(other, ['host']));
    expect(key({ ...alert, groupKey: 'a' })).not.toBe(key({ ...alert, groupKey: 'b' }));
  });
});

describe('the words of alerts', () => {
  it('fill a template once', () => {
    const text =
      '{{ name }} on {{labels.host}} ({{labels.a.b}}): {{summary}}{{labels.constructor}}{{nothing}}';
    expect(fillTemplate(text, alert)).toBe('Disk full on db-1 (dotted): It is {{name}}');
    expect(templateProblem(text)).toContain('{{nothing}}');
    expect(templateProblem('{{annotations.x}} {{status}}')).toBeUndefined();
  });

  it('are words and nothing else', () => {
    expect(lineOf('a\n# b [x](http://y) | <!channel>')).toBe('a \\# b \\[x\\](http://y) \\| \\<!channel\\>');
    expect(quoteOf('a\n- b')).toBe('> a  \n> - b');
    expect(quoteOf('a\n---\nb\n=')).toBe('> a  \n> \\---  \n> b  \n> \\=');
  });

  it.each([
    [0, '0 s'],
    [89_000, '89 s'],
    [12 * 60_000, '12 min'],
    [185 * 60_000, '3 h 5 min'],
    [24 * 3_600_000, '1 d'],
  ])('%d ms are %s', (ms, words) => {
    expect(durationWords(ms)).toBe(words);
  });
});

describe('the tools of a turn that may only read', () => {
  const tool = (name: string, effect: Tool['effect']): Tool => ({
    ...{ name, effect, source: 's', sourceName: name, description: '', inputSchema: {} },
    run: async () => ({ text: '', isError: false }),
  });
  const tools = [tool('host__cpu', 'read'), tool('k8s__pods', 'read'), tool('k8s__delete', 'destructive')];
  const names = (patterns?: readonly string[]) =>
    allowed({ readsOnly: true, ...(patterns === undefined ? {} : { tools: patterns }) }, tools).map(
      ({ name }) => name,
    );

  it('read, and fit a pattern', () => {
    expect(names()).toEqual(['host__cpu', 'k8s__pods']);
    expect(names(['host__*'])).toEqual(['host__cpu']);
    expect(names(['*__p*s', 'k8s__delete'])).toEqual(['k8s__pods']);
    expect(names(['host'])).toEqual([]);
    expect(allowed({}, tools)).toHaveLength(3);
  });
});
