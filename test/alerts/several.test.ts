import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { movableClock } from '../bot/clock.ts';
import { openStage, type Stage, until } from '../bot/stage.ts';
import { type AlertDesk, alertDesk, exampleText, resolvedText, senderEnv } from './desk.ts';

const minuteMs = 60_000;
const ending = 'Summary, Evidence, What I could not look at, Confidence, Suggested next steps: none.';

describe('several alerts in one thread', () => {
  const clock = movableClock();
  let stage: Stage;
  let desk: AlertDesk;

  beforeAll(async () => {
    stage = await openStage({ clock, env: senderEnv, reply: () => ({ text: ending }) });
    desk = alertDesk(stage.bot);
  });
  afterAll(() => stage.close());

  const quiet = { investigate: false };

  async function words(title: string, holds: (texts: readonly string[]) => boolean = () => true) {
    let texts: readonly string[] = [];
    await until(async () => {
      const [thread] = await desk.threads(title);
      if (thread === undefined) return false;
      texts = (await stage.thread(thread)).messages.map(({ text }) => text);
      return holds(texts);
    });
    return texts;
  }
  const lineOf = (card: string | undefined, part: string) =>
    card?.split('\n').find((line) => line.startsWith('- ') && line.includes(part)) ?? '';

  it('of which each has its name and its own links, as in the example of Grafana', async () => {
    await desk.route('grafana', { ...quiet, format: 'grafana' });
    await desk.post('grafana', await exampleText('grafana'));
    const [card] = await words('2 alerts: High CPU usage, High memory usage');
    expect(card).toContain(
      '**🟡 2 alerts: High CPU usage, High memory usage**\n\nseverity unknown · firing since',
    );
    const cpu = lineOf(card, 'High CPU usage: This alert was triggered for zone eu-1');
    const memory = lineOf(card, 'High memory usage: This alert was triggered for zone us-1');
    expect(cpu).toContain('[Runbook](https://runbooks.example.org/cpu)');
    expect(cpu).toContain('[Dashboard](https://grafana.example.org/d/abcd)');
    expect(memory).toContain('[Runbook](https://runbooks.example.org/memory)');
    expect(memory).not.toContain('Dashboard');
    // What all share stands once, below what they share of labels.
    expect(card).toContain('| `team` | `blue` |\n\n[Grafana](https://grafana.example.org/)');
    expect(card?.match(/\[Grafana\]/g)).toHaveLength(1);
    clock.forward(12 * minuteMs);
    await desk.post('grafana', await resolvedText('grafana'));
    const [green] = await words('🟢 2 alerts: High CPU usage', (texts) => texts.length > 1);
    expect(green).toContain('**🟢 Resolved: 2 alerts: High CPU usage, High memory usage**');
  });

  it('are called so when another kind joins, and not by which came first', async () => {
    await desk.route('prometheus', { ...quiet, format: 'alertmanager' });
    const alert = (alertname: string, instance: string) => ({
      ...{
        status: 'firing',
        fingerprint: `${alertname}-${instance}`,
        generatorURL: `http://p.example.org/${alertname}`,
      },
      labels: { alertname, instance, severity: 'warning' },
    });
    const deliver = (...alerts: readonly object[]) =>
      desk.post('prometheus', { version: '4', groupKey: '{}:{cluster="a"}', alerts });
    await deliver(alert('HostHot', 'a'));
    await words('🟠 HostHot');
    await deliver(
      ...[alert('HostHot', 'a'), alert('DiskFull', 'b'), alert('DiskFull', 'c'), alert('NetDown', 'd')],
      alert('ClockOff', 'e'),
    );
    await words('🟠 5 alerts: HostHot, ClockOff, DiskFull and 1 more');
    clock.forward(minuteMs);
    const [card] = await words(
      '5 alerts: HostHot',
      ([text]) => text?.includes('**🟠 5 alerts: HostHot') === true,
    );
    expect(lineOf(card, 'NetDown')).toContain('[Source](http://p.example.org/NetDown)');
    expect(card?.split('\n').at(-1)).toMatch(/^- 🟠 NetDown/);
    expect(await desk.threads('HostHot')).toHaveLength(1);
  });

  it('say only of one kind what they are called', async () => {
    await desk.route('hosts', { ...quiet, group_by: ['host'] });
    await desk.post(
      'hosts',
      [1, 2].map((n) => ({ name: 'Same', id: `${n}`, labels: { host: 'h' } })),
    );
    expect((await words('Same'))[0]).toContain('**🟡 Same**\n\n2 alerts · severity unknown');
  });

  describe('of a storm', () => {
    const down = (from: number, count: number) =>
      Array.from({ length: count }, (_, n) => ({ name: `Node ${from + n} down`, severity: 'critical' }));
    const investigations = () =>
      stage.llm.requests
        .map(({ body }) => JSON.stringify(body))
        .filter((body) => body.includes('An alert came in'));
    const ofStorms = () =>
      stage.llm.requests
        .map(({ body }) => JSON.stringify(body))
        .filter((body) => body.includes('Look into them as one'));

    it('are investigated as one, with the defaults too, when most of them is known', async () => {
      await desk.route('stormy');
      for (const alert of down(0, 14))
        expect(await desk.post('stormy', alert)).toMatchObject({ status: 200 });
      const [card] = await words(
        'Alert storm on stormy',
        ([text]) => text?.includes('I look into all of it') === true,
      );
      expect(card).not.toContain('Nobody investigates');
      await until(() => investigations().length === 9);
      expect(await desk.post('stormy', down(14, 3))).toMatchObject({ fired: 3, threads: 0 });
      expect(ofStorms()).toEqual([]);
      clock.forward(16_000);
      const texts = await words('Alert storm on stormy', (all) => all.at(-1)?.includes('Summary') === true);
      expect(texts).toContain('🔎 I look into 17 groups of alerts as one.');
      const [asked = ''] = ofStorms();
      expect(asked).toContain('Groups of alerts that fire now, the worst first (17 in all)');
      // Those that opened threads of their own are part of it.
      for (const n of [0, 9, 10, 16]) expect(asked).toContain(`Node ${n} down`);
      expect(ofStorms()).toHaveLength(1);
      expect((await words('Node 9 down'))[0]).toContain(
        'had 9 of its 10 investigations of this hour, and the last is kept for a storm',
      );
    });

    it('that is over before that are not investigated', async () => {
      await desk.route('brief', { groups_per_minute: 1, investigations_per_hour: 2 });
      await desk.post('brief', down(100, 4));
      await words('Alert storm on brief', ([text]) => text?.includes('I look into all of it') === true);
      await desk.post(
        'brief',
        down(100, 4).map((alert) => ({ ...alert, status: 'resolved' })),
      );
      const [card] = await words('Alert storm on brief', ([text]) => text?.includes('🟢') === true);
      expect(card).toContain('It was over before I looked into it.');
      const before = ofStorms().length;
      clock.forward(minuteMs);
      await desk.post('brief', { name: 'Another' });
      await words('Another');
      expect(ofStorms()).toHaveLength(before);
    });
  });

  describe('in one delivery', () => {
    it('are each taken or refused, and the sender hears which', async () => {
      await desk.route('mixed', quiet);
      const taken = await desk.post('mixed', [{ name: 'Good one' }, { nope: 1 }, 7, { name: 'Good two' }]);
      expect(taken).toMatchObject({
        ...{ status: 200, received: 4, accepted: 2, fired: 2, threads: 2 },
        refused: [
          { index: 1, detail: 'name: must be a text that says what fires.' },
          { index: 2, detail: 'it: must be an object with a name.' },
        ],
      });
      await words('Good one');
      await words('Good two');
      expect(await desk.post('mixed', [{ nope: 1 }, { name: 2 }])).toMatchObject({
        ...{ status: 400, code: 'bad_payload' },
        detail: expect.stringMatching(/0: name: must .*; 1: name: must /),
      });
      expect(await desk.post('mixed', { name: 'Good one', status: 'resolved' })).toMatchObject({
        refused: [],
      });
    });

    it('one that fires and ends within it is told of, and over', async () => {
      await desk.route('backlog');
      const both = ['firing', 'resolved'].map((status) => ({ name: 'Told at once', status }));
      expect(await desk.post('backlog', both)).toMatchObject({ fired: 1, resolved: 1, threads: 1 });
      const texts = await words('🟢 Told at once', (all) => all.length > 1);
      expect(texts[0]).not.toContain('🔎');
      const [thread = ''] = await desk.threads('Told at once');
      expect((await stage.thread(thread)).messages.filter(({ role }) => role === 'user')).toEqual([]);
    });

    it('storms that are over within it make none that goes on', async () => {
      await desk.route('backlogs', { ...quiet, groups_per_minute: 1 });
      const all = ['firing', 'resolved'].flatMap((status) =>
        [1, 2, 3].map((n) => ({ name: `Backlog ${n}`, status })),
      );
      await desk.post('backlogs', all);
      await words(
        '🟢 Alert storm on backlogs',
        ([text]) => text?.includes('🟢 Resolved: alert storm') === true,
      );
    });

    it('thousands that have nothing in common share a thread', async () => {
      await desk.route('flood', { ...quiet, alerts_per_minute: 20_000 });
      const label = '<!channel> [x](http://e.example.org) \u202e @everyone';
      const many = Array.from({ length: 2000 }, (_, n) => ({
        ...{
          name: `Odd ${n} <!channel>`,
          severity: 'critical',
          summary: label,
          description: '# x\n'.repeat(20),
        },
        labels: Object.fromEntries(Array.from({ length: 3 }, (__, at) => [`label-${at}`, label])),
      }));
      await until(async () => (await desk.post('flood', many)).status === 200);
      const [card] = await words('Alert storm on flood', ([text]) => text?.includes('more groups') === true);
      expect(card?.length).toBeLessThan(4000);
    }, 60_000);

    it('however large, fits a message', async () => {
      await desk.route('large', quiet);
      const long = (n: number) => `https://example.org/${n}/${'x'.repeat(1900)}`;
      const labels = Object.fromEntries(
        Array.from({ length: 500 }, (_, n) => [`label-${n}-${'k'.repeat(200)}`, 'v'.repeat(400)]),
      );
      const one = (n: number) => ({
        ...{ name: `*Large* <!here> ${'`'.repeat(300)}`, id: `${n}`, labels, summary: '*_[]'.repeat(500) },
        ...{ description: '<@U1>\n'.repeat(2000), url: long(n), runbook: long(n + 100) },
      });
      await desk.post('large', one(0));
      const [alone] = await words('Large');
      expect(alone?.length).toBeLessThan(10_000);
      await desk.post('large', [1, 2, 3, 4, 5, 6, 7, 8].map(one));
      clock.forward(minuteMs);
      const [card] = await words('Large', ([text]) => text?.includes('9 alerts') === true);
      expect(card?.length).toBeLessThan(10_000);
    });

    it('nested however deep costs nobody anything', async () => {
      await desk.route('deep', quiet);
      const depth = 100_000;
      const nested = `${'['.repeat(depth)}${']'.repeat(depth)}`;
      expect(await desk.post('deep', nested)).toMatchObject({ status: 400, code: 'bad_payload' });
      const inside = `{"name":"Deep","labels":{"a":${nested},"b":"c"}}`;
      expect(await desk.post('deep', inside)).toMatchObject({ status: 200, fired: 1 });
      expect((await words('Deep'))[0]).toContain('| `b` | `c` |');
    });
  });
});
