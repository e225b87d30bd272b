import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSlackStage, type SlackStage, wordsOf } from '../adapters/slack/stage.ts';
import { movableClock } from '../bot/clock.ts';
import { openStage, type Stage, until } from '../bot/stage.ts';
import type { SlackMessage } from '../fakes/slack/state.ts';
import { type AlertDesk, alertDesk, senderEnv } from './desk.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

describe('what turns critical later, on Slack', () => {
  const clock = movableClock();
  let at: SlackStage;
  let desk: AlertDesk;

  beforeAll(async () => {
    at = await openSlackStage({ clock, env: senderEnv });
    desk = alertDesk(at.stage.bot);
    const line = `alert-routes add name=own format=json secret_key=env:SENDER_TOKEN target=slack:T1:${at.ops} investigate=no groups_per_minute=3`;
    await at.people.command(at.bob, at.ops, line);
  });
  afterAll(() => at.close());

  const posted = () => at.people.heard({ channel: at.ops });
  const opening = (words: string) =>
    posted().find((message) => message.threadTs === undefined && wordsOf(message).includes(words));
  const replies = (card: SlackMessage | undefined) =>
    posted().filter(({ ts, threadTs }) => threadTs === card?.ts && ts !== card?.ts);
  const isTold = (message: SlackMessage | undefined) =>
    message !== undefined && wordsOf(message).includes(`<@${at.bob.id}>`);
  const deliver = async (...alerts: readonly object[]) => {
    expect(await desk.post('own', alerts)).toMatchObject({ status: 200 });
  };
  const disk = (host: string, severity: string) => ({
    ...{ name: 'Disk fills', id: host, labels: { host }, severity },
  });

  it('is said once in the thread, by name, with its owner mentioned', async () => {
    await deliver(disk('db-1', 'warning'), disk('db-2', 'warning'));
    await until(() => opening('Disk fills') !== undefined);
    expect(isTold(opening('Disk fills'))).toBe(false);
    await deliver(disk('db-1', 'critical'));
    await until(() => replies(opening('Disk fills')).length === 1);
    const [turned] = replies(opening('Disk fills'));
    expect(wordsOf(turned)).toContain('Turned critical');
    expect(wordsOf(turned)).toContain('host=db-1');
    expect(wordsOf(turned)).not.toContain('host=db-2');
    expect(isTold(turned)).toBe(true);
    // It is critical already: what follows is told as ever, and nobody by name.
    await deliver(disk('db-1', 'critical'), disk('db-2', 'critical'), disk('db-3', 'critical'));
    clock.forward(minuteMs);
    await until(() => replies(opening('Disk fills')).length === 2);
    const [, usual] = replies(opening('Disk fills'));
    expect(wordsOf(usual)).toContain('1 more alert fires');
    expect(isTold(usual)).toBe(false);
  });

  it('is said although somebody has acknowledged it as it was, and is to be seen to again', async () => {
    const load = (severity: string) => ({ name: 'Load is high', severity });
    await deliver(load('warning'));
    await until(() => opening('Load is high') !== undefined);
    const card = opening('Load is high');
    if (card !== undefined) await at.people.click(at.bob, card, 'concern_acknowledge');
    await until(() => wordsOf(opening('Load is high')).includes('Acknowledged'));
    await deliver(load('critical'));
    await until(() => replies(opening('Load is high')).some(isTold));
    await until(() => !wordsOf(opening('Load is high')).includes('Acknowledged'));
  });

  it('is said by the storm that tells of it, in one line for all', async () => {
    clock.forward(hourMs);
    const nodes = (severity: string) =>
      Array.from({ length: 8 }, (_, n) => ({ name: `Node ${n} slow`, severity }));
    await deliver(...nodes('warning'));
    await until(() => opening('Alert storm') !== undefined);
    const threads = posted().filter(({ threadTs }) => threadTs === undefined).length;
    await deliver(...nodes('critical').slice(4, 7));
    await until(() => replies(opening('Alert storm')).length > 0);
    const [turned, ...more] = replies(opening('Alert storm'));
    for (const n of [4, 5, 6]) expect(wordsOf(turned)).toContain(`Node ${n} slow`);
    expect(wordsOf(turned)).not.toContain('Node 7 slow');
    expect(isTold(turned)).toBe(true);
    expect(more).toEqual([]);
    expect(posted().filter(({ threadTs }) => threadTs === undefined)).toHaveLength(threads);
  });
});

describe('alerts and their times', () => {
  const clock = movableClock();
  let stage: Stage;
  let desk: AlertDesk;

  beforeAll(async () => {
    stage = await openStage({ clock, env: senderEnv });
    desk = alertDesk(stage.bot);
    await desk.route('timed', { investigate: false });
    await desk.route('events', { investigate: false, format: 'pagerduty' });
  });
  afterAll(() => stage?.close());

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
  const iso = (agoMs: number) => new Date(clock.now() - agoMs).toISOString();
  const minuteOf = (time: string) => `${time.slice(0, 16).replace('T', ' ')} UTC`;
  const isOver = (texts: readonly string[]) => texts.length > 1;

  it('fire since when their sender says, and end so too', async () => {
    const startsAt = iso(3 * hourMs);
    await desk.post('timed', { name: 'Told late', startsAt });
    expect((await words('Told late'))[0]).toContain(`firing since ${minuteOf(startsAt)}`);
    await desk.post('timed', { name: 'Told late', status: 'resolved', startsAt, endsAt: iso(hourMs) });
    const [card, line] = await words('Told late', isOver);
    expect(card).toContain('resolved after 2 h');
    expect(line).toBe('🟢 Resolved after 2 h: 1 alert.');
  });

  it('of a group count from the first to the last of them', async () => {
    const one = { name: 'Several', id: 'one', startsAt: iso(4 * hourMs) };
    const two = { name: 'Several', id: 'two', startsAt: iso(2 * hourMs) };
    await desk.post('timed', [two]);
    await desk.post('timed', [one]);
    await words('Several', ([card]) => card?.includes(`firing since ${minuteOf(one.startsAt)}`) === true);
    const [early, late] = [iso(3 * hourMs), iso(hourMs)];
    await desk.post('timed', [
      { ...one, status: 'resolved', endsAt: early },
      { ...two, status: 'resolved', endsAt: late },
    ]);
    expect((await words('Several', isOver)).at(-1)).toBe('🟢 Resolved after 3 h: 2 alerts.');
  });

  it.each([
    ['of the year 1', '0001-01-01T00:00:00Z'],
    ['of the beginning of computers', '1970-01-01T00:00:01Z'],
    ['to come', '2199-01-01T00:00:00Z'],
    ['that is none', 'yesterday'],
    ['that is missing', undefined],
  ])('are seen by ourselves where a time is said %s', async (what, startsAt) => {
    const name = `Odd, ${what}`;
    const began = iso(0);
    await desk.post('timed', { name, startsAt });
    const [card] = await words(name);
    expect(
      [minuteOf(began), minuteOf(iso(0))].some((minute) => card?.includes(`firing since ${minute}`)),
    ).toBe(true);
    clock.forward(12 * minuteMs);
    await desk.post('timed', { name, status: 'resolved', startsAt, endsAt: iso(0) });
    expect((await words(name, isOver)).at(-1)).toBe('🟢 Resolved after 12 min: 1 alert.');
  });

  it('are seen by ourselves where the end cannot be true, and kept where only the beginning was said', async () => {
    const startsAt = iso(5 * hourMs);
    for (const [name, endsAt] of [
      ['Ends before it began', iso(6 * hourMs)],
      ['Ends some day', '2199-01-01T00:00:00Z'],
    ] as const) {
      await desk.post('timed', { name, startsAt });
      await words(name);
      clock.forward(12 * minuteMs);
      await desk.post('timed', { name, status: 'resolved', startsAt, endsAt });
      expect((await words(name, isOver)).at(-1)).toBe('🟢 Resolved after 12 min: 1 alert.');
    }
    await desk.post('timed', { name: 'Begun once', startsAt });
    await desk.post('timed', { name: 'Begun once', status: 'resolved', endsAt: iso(hourMs) });
    expect((await words('Begun once', isOver)).at(-1)).toMatch(/Resolved after 4 h( \d+ min)?: 1 alert/);
  });

  it('of PagerDuty count from when an incident was created', async () => {
    const data = { id: 'PT', type: 'incident', title: 'Paged', urgency: 'low', created_at: iso(2 * hourMs) };
    const event = (type: string, occurredAt: string) => ({
      event: { id: type, event_type: type, resource_type: 'incident', occurred_at: occurredAt, data },
    });
    await desk.post('events', event('incident.triggered', iso(hourMs)));
    expect((await words('Paged'))[0]).toContain(`firing since ${minuteOf(data.created_at)}`);
    await desk.post('events', event('incident.resolved', iso(0.5 * hourMs)));
    expect((await words('Paged', isOver)).at(-1)).toBe('🟢 Resolved after 1 h 30 min: 1 alert.');
  });

  it('are told again when a snooze is over and they still fire', async () => {
    await desk.post('timed', { name: 'Snoozed', startsAt: iso(hourMs) });
    await words('Snoozed');
    const [thread = ''] = await desk.threads('Snoozed');
    expect(await stage.ask('snooze 30m', thread)).toMatchObject({ http: 200 });
    clock.forward(31 * minuteMs);
    const texts = await words('Snoozed', (all) => all.some((text) => text.startsWith('🔔')));
    expect(texts.at(-1)).toBe('🔔 The snooze is over, and it still fires after 1 h 31 min. In all 1 alert.');
    await desk.post('timed', { name: 'Snoozed', status: 'resolved' });
    const after = await words('Snoozed', (all) => all.at(-1)?.startsWith('🟢') === true);
    expect(after.filter((text) => text.startsWith('🔔'))).toHaveLength(1);
  });
});
