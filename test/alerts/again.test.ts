import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSlackStage, type SlackStage, wordsOf } from '../adapters/slack/stage.ts';
import { movableClock } from '../bot/clock.ts';
import { until } from '../bot/stage.ts';
import type { SlackMessage } from '../fakes/slack/state.ts';
import { type AlertDesk, alertDesk, senderEnv } from './desk.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;

describe('what is over and fires again within moments, on Slack', () => {
  const clock = movableClock();
  let at: SlackStage;
  let desk: AlertDesk;

  beforeAll(async () => {
    at = await openSlackStage({ clock, env: senderEnv });
    desk = alertDesk(at.stage.bot);
    await desk.route('again', { investigate: false, target: `slack:T1:${at.ops}` });
  });
  afterAll(() => at.close());

  const posted = () => at.people.heard({ channel: at.ops });
  const card = (words: string) =>
    posted().find((message) => message.threadTs === undefined && wordsOf(message).includes(words));
  const lines = (opening: SlackMessage | undefined) =>
    posted()
      .filter(({ ts, threadTs }) => threadTs === opening?.ts && ts !== opening?.ts)
      .map(wordsOf);
  const send = async (name: string, status: string) => {
    expect(await desk.post('again', { name, status, severity: 'warning' })).toMatchObject({ status: 200 });
  };
  const stands = async (name: string, how: string) => await until(() => wordsOf(card(how)).includes(name));

  it('is to be seen to again, as its card says', async () => {
    await send('Link flaps', 'firing');
    await stands('Link flaps', '🟠 Link flaps');
    await send('Link flaps', 'resolved');
    await stands('Link flaps', '🟢 Resolved: Link flaps');
    expect(wordsOf(card('Link flaps'))).not.toContain('concern_acknowledge');
    await until(() => lines(card('Link flaps')).length === 1);
    clock.forward(3 * secondMs);
    await send('Link flaps', 'firing');
    await stands('Link flaps', '🟠 Link flaps');
    await until(() => lines(card('Link flaps')).some((line) => line.includes('It fires again')));
    await until(() => wordsOf(card('Link flaps')).includes('concern_acknowledge'));
    expect(wordsOf(card('Link flaps'))).toContain('concern_snooze');
    const opening = card('Link flaps');
    if (opening !== undefined) await at.people.click(at.bob, opening, 'concern_acknowledge');
    await until(() => wordsOf(card('Link flaps')).includes('Acknowledged'));
  });

  it('stays snoozed until the snooze is over', async () => {
    await send('Snoozed link', 'firing');
    await stands('Snoozed link', '🟠 Snoozed link');
    const opening = card('Snoozed link');
    const [value = ''] = /60:[0-9a-f-]{36}/.exec(wordsOf(opening)) ?? [];
    if (opening !== undefined) await at.people.click(at.bob, opening, 'concern_snooze', { value });
    await until(() => wordsOf(card('Snoozed link')).includes('Snoozed until'));
    await send('Snoozed link', 'resolved');
    await stands('Snoozed link', '🟢 Resolved: Snoozed link');
    clock.forward(3 * secondMs);
    await send('Snoozed link', 'firing');
    await stands('Snoozed link', '🟠 Snoozed link');
    expect(wordsOf(card('Snoozed link'))).toContain('Snoozed until');
    expect(lines(card('Snoozed link')).filter((line) => line.includes('fires again'))).toEqual([]);
    clock.forward(61 * minuteMs);
    await until(() => lines(card('Snoozed link')).some((line) => line.includes('The snooze is over')));
  });

  it('however often, gives its thread no more than a line a minute, which says how often', async () => {
    await send('Much ado', 'firing');
    await stands('Much ado', '🟠 Much ado');
    for (let n = 0; n < 10; n += 1) {
      clock.forward(2 * secondMs);
      await send('Much ado', 'resolved');
      clock.forward(2 * secondMs);
      await send('Much ado', 'firing');
    }
    clock.forward(20 * secondMs);
    await until(() => wordsOf(card('Much ado')).includes('came back 10 times'));
    expect(lines(card('Much ado')).length).toBeLessThanOrEqual(3);
    clock.forward(minuteMs);
    await until(() => lines(card('Much ado')).some((line) => line.includes('It came back 10 times')));
    expect(lines(card('Much ado')).length).toBeLessThanOrEqual(4);
    await send('Much ado', 'resolved');
    clock.forward(minuteMs);
    await until(() => lines(card('Much ado')).at(-1)?.includes('Resolved after') === true);
    await until(() => !wordsOf(card('Much ado')).includes('concern_acknowledge'));
  });
});
