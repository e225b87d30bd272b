import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeThreadId } from '../../adapters/teams/thread-id.ts';
import { openSlackStage, type SlackStage, wordsOf } from '../adapters/slack/stage.ts';
import { openTeamsStage, type TeamsStage } from '../adapters/teams/stage.ts';
import { movableClock } from '../bot/clock.ts';
import { until } from '../bot/stage.ts';
import type { SlackMessage } from '../fakes/slack/state.ts';
import { tenantId } from '../fakes/teams/server.ts';
import type { TeamsMessage } from '../fakes/teams/state.ts';
import { type AlertDesk, alertDesk, exampleText, resolvedText, senderEnv } from './desk.ts';

const minuteMs = 60_000;
const ending = 'Summary, Evidence, What I could not look at, Confidence, Suggested next steps: none.';

describe('alerts on Slack', () => {
  const clock = movableClock();
  let at: SlackStage;
  let desk: AlertDesk;
  let target: string;

  beforeAll(async () => {
    at = await openSlackStage({ clock, env: senderEnv, reply: () => ({ text: ending }) });
    desk = alertDesk(at.stage.bot);
    target = `slack:T1:${at.ops}`;
  });
  afterAll(() => at.close());

  const posted = () => at.people.heard({ channel: at.ops });
  const said = (message: SlackMessage) => `${wordsOf(message)} ${message.streamed}`;
  const openings = (words: string) =>
    posted().filter((message) => message.threadTs === undefined && said(message).includes(words));
  const isSaid = (thread: string | undefined, words: string) =>
    posted().some((message) => message.threadTs === thread && said(message).includes(words));

  it('whoever made a route in the chat is told by name of what is critical, and of nothing else', async () => {
    const line = `alert-routes add name=own format=json secret_key=env:SENDER_TOKEN target=${target} investigate=no`;
    await at.people.command(at.bob, at.ops, line);
    const deliver = (name: string, severity: string) => desk.post('own', { name, severity });
    expect(await deliver('Badly down', 'critical')).toMatchObject({ status: 200 });
    await deliver('Slightly down', 'warning');
    await until(() => openings('Badly down').length === 1 && openings('Slightly down').length === 1);
    expect(wordsOf(openings('Badly down')[0])).toContain(`<@${at.bob.id}>`);
    expect(wordsOf(openings('Slightly down')[0])).not.toContain(`<@${at.bob.id}>`);
  });

  it('a group opens a thread, is investigated there, and closes it', async () => {
    await desk.route('slack', { format: 'alertmanager', target });
    await desk.post('slack', await exampleText('alertmanager'));
    await until(() => openings('InstanceDown').length === 1);
    const [card] = openings('InstanceDown');
    await until(() => isSaid(card?.ts, 'Suggested next steps'));
    clock.forward(12 * minuteMs);
    await desk.post('slack', await resolvedText('alertmanager'));
    await until(() => isSaid(card?.ts, 'Resolved after 12 min'));
    await until(() => wordsOf(openings('InstanceDown')[0]).includes('resolved after 12 min'));
    expect(openings('InstanceDown')).toHaveLength(1);
  });

  it('is told of in the console where its channel takes no message', async () => {
    await desk.route('gone', { target: 'slack:T1:C0GONE' });
    await desk.post('gone', { name: 'Unheard' });
    await until(async () => (await desk.threads('Unheard')).length === 1);
    const { messages } = await at.stage.thread((await desk.threads('Unheard'))[0] ?? '');
    expect(messages.map(({ text }) => text)).toEqual([
      expect.stringContaining('could not be posted to “slack:T1:C0GONE”'),
    ]);
  });

  it('a thousand alerts in a minute share a few threads, within what Slack allows', async () => {
    await desk.route('flood', { target, groups_per_minute: 3, investigations_per_hour: 1 });
    const startedAt = performance.now();
    const posts = Array.from({ length: 200 }, (_, n) =>
      Array.from({ length: 5 }, (__, m) => ({
        ...{ name: `Service ${n % 50} fails`, id: `${n}-${m}`, severity: 'warning' },
      })),
    );
    const answers = [];
    for (let from = 0; from < posts.length; from += 20)
      answers.push(
        ...(await Promise.all(posts.slice(from, from + 20).map((body) => desk.post('flood', body)))),
      );
    const tookMs = performance.now() - startedAt;
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(answers.reduce((sum, { fired = 0 }) => sum + fired, 0)).toBe(1000);
    expect(answers.reduce((sum, { threads = 0 }) => sum + threads, 0)).toBe(4);
    expect(tookMs).toBeLessThan(20_000);
    await until(() => openings('fails').length + openings('Alert storm').length >= 4);
    expect(openings('Alert storm')).toHaveLength(1);
    clock.forward(2 * minuteMs);
    await until(() => wordsOf(openings('Alert storm')[0]).includes('47 of 47 groups firing'));
    expect(posted().length).toBeLessThan(20);
  });
});

describe('alerts on Teams', () => {
  const clock = movableClock();
  let at: TeamsStage;
  let desk: AlertDesk;

  beforeAll(async () => {
    at = await openTeamsStage({ clock, env: senderEnv, reply: () => ({ text: ending }) });
    desk = alertDesk(at.stage.bot);
    // Teams says with the first message where it is reached.
    await at.people.mention(at.alice, at.ops, 'help');
    await until(() => at.people.heard(at.ops).length > 0, 15_000);
  });
  afterAll(() => at.close());

  const said = (message: TeamsMessage) => at.people.look(at.bob, message).words;
  const cards = () => at.people.heard(at.ops).filter((message) => said(message).includes('InstanceDown'));
  const isSaid = (words: string) => at.people.heard(at.ops).some((message) => said(message).includes(words));

  it('a group opens a thread, is investigated there, and closes it', async () => {
    const target = encodeThreadId({ tenant: tenantId, id: at.ops });
    await desk.route('teams', { format: 'alertmanager', target });
    await desk.post('teams', await exampleText('alertmanager'));
    await until(() => cards().length === 1);
    await until(() => isSaid('Suggested next steps'));
    clock.forward(12 * minuteMs);
    await desk.post('teams', await resolvedText('alertmanager'));
    await until(() => isSaid('Resolved after 12 min'));
    await until(() => cards().some((card) => said(card).includes('resolved after 12 min')));
    const [card] = cards();
    const line = at.people.heard(at.ops).find((message) => said(message).includes('Resolved after 12 min'));
    expect(line?.conversation).toBe(`${at.ops};messageid=${card?.id}`);
  });

  it('whoever made a route in the chat is told by name of what is critical', async () => {
    const target = encodeThreadId({ tenant: tenantId, id: at.ops });
    const line = `alert-routes add name=own format=json secret_key=env:SENDER_TOKEN target=${target} investigate=no`;
    await at.people.mention(at.bob, at.ops, line);
    const deliver = (name: string, severity: string) => desk.post('own', { name, severity });
    const routes = async () =>
      await (await at.stage.bot.fetch('/api/plugins/ai-ops/alert-routes/?name=own')).text();
    await until(async () => (await routes()).includes('"owner":"teams:'), 10_000);
    expect(await deliver('Badly down', 'critical')).toMatchObject({ status: 200 });
    await deliver('Slightly down', 'warning');
    const about = (words: string) =>
      at.people.heard(at.ops).filter((message) => said(message).includes(words));
    await until(() => about('Badly down').length === 1 && about('Slightly down').length === 1);
    const told = (words: string) =>
      JSON.stringify(about(words).map(({ activity }) => activity.entities ?? [])).includes(at.bob.id);
    expect(told('Badly down')).toBe(true);
    expect(told('Slightly down')).toBe(false);
  });
});
