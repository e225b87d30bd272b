import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { movableClock } from '../bot/clock.ts';
import { opsServer } from '../bot/ops-server.ts';
import { onDatabases, openStage, type Stage, until, whenConnected } from '../bot/stage.ts';
import { type AlertDesk, alertDesk, senderEnv } from './desk.ts';

const rest = '/api/plugins/ai-ops/alert-routes';

describe.each(Object.entries(onDatabases))('what a route leaves open, on %s', (_name, env) => {
  const clock = movableClock();
  let stage: Stage;
  let desk: AlertDesk;
  let answered: (() => void) | undefined;

  beforeAll(async () => {
    stage = await openStage({
      ...{ clock, servers: [opsServer()], env: { ...senderEnv, ...(await env()) } },
      async reply() {
        await new Promise<void>((resolve) => {
          answered = resolve;
        });
        return { text: 'Found.' };
      },
    });
    desk = alertDesk(stage.bot);
    await whenConnected(stage, 'ops');
  });
  afterAll(() => {
    answered?.();
    return stage?.close();
  });

  const quiet = { investigate: false };
  const texts = async (title: string) => {
    const [thread] = await desk.threads(title);
    return thread === undefined ? [] : (await stage.thread(thread)).messages.map(({ text }) => text);
  };
  const remove = async (id: string) =>
    expect((await stage.bot.fetch(`${rest}/${id}/`, { method: 'DELETE' })).status).toBe(204);
  const enable = async (id: string, is_enabled: boolean) => {
    const answer = await stage.bot.fetch(`${rest}/${id}/`, {
      method: 'PATCH',
      body: JSON.stringify({ is_enabled }),
    });
    expect(answer.status).toBe(200);
  };
  const command = async (line: string) => {
    const body = JSON.stringify({ line });
    return await (await stage.bot.fetch('/plugins/ai-ops/api/command/', { method: 'POST', body })).text();
  };

  it('is closed with a sentence when it is deleted, and so its sender is told', async () => {
    const id = await desk.route('doomed', { ...quiet, groups_per_minute: 2 });
    const all = Array.from({ length: 4 }, (_, n) => ({ name: `Doomed ${n}`, severity: 'critical' }));
    await desk.post('doomed', all);
    await until(async () => (await texts('Alert storm on doomed')).length > 0);
    const question = await command('alert-routes delete doomed');
    expect(question).toContain('5 open groups of alerts');
    const dependents = await (await stage.bot.fetch(`${rest}/${id}/dependents/`)).json();
    expect(dependents).toMatchObject([
      {
        on_delete: 'close',
        count: 5,
        many: 'open groups of alerts',
        names: expect.arrayContaining(['Doomed 0']),
      },
    ]);
    await remove(id);
    const sentence = 'Route `doomed` deleted by Admin token: nobody hears here whether';
    await until(async () => (await texts('Doomed 0')).length === 2);
    const [card, line] = await texts('Doomed 0');
    expect(card).toContain('**⏹️ Closed: Doomed 0**');
    expect(card).toContain('1 alert · critical · fired since');
    for (const said of [card, line]) expect(said).toContain(`⏹️ ${sentence} this still fires.`);
    await until(async () => (await texts('Alert storm on doomed')).length === 2);
    expect((await texts('Alert storm on doomed'))[0]).toContain(`${sentence} these still fire.`);
    const [thread = ''] = await desk.threads('⏹️ Doomed 0');
    const seen = await stage.bot.fetch(`/plugins/ai-ops/api/chat/${thread}/`);
    expect(await seen.text()).not.toContain('"concern"');
    const resolved = all.map((one) => ({ ...one, status: 'resolved' }));
    expect(await desk.post('doomed', resolved)).toMatchObject({ status: 410, code: 'route_deleted' });
    expect(await desk.post('doomed', resolved, { authorization: 'Bearer wrong' })).toMatchObject({
      ...{ status: 401, code: 'unauthorized' },
    });
    expect(await texts('Doomed 0')).toHaveLength(2);
    // Another route of that name is another route.
    await desk.route('doomed', quiet);
    expect(await desk.post('doomed', all[0])).toMatchObject({ status: 200, fired: 1, threads: 1 });
    expect(await desk.threads('Doomed 0')).toHaveLength(2);
  });

  it('is closed when it is switched off, and fires anew when it is on again', async () => {
    const id = await desk.route('paused', { ...quiet, reopen_minutes: 10 });
    await desk.post('paused', { name: 'Paused' });
    await until(async () => (await texts('Paused')).length === 1);
    await enable(id, false);
    await until(async () => (await texts('Paused')).length === 2);
    expect((await texts('Paused'))[1]).toContain('Route `paused` disabled by Admin token');
    const end = { name: 'Paused', status: 'resolved' };
    expect(await desk.post('paused', end)).toMatchObject({ status: 403, code: 'route_disabled' });
    await enable(id, true);
    clock.forward(20 * 60_000);
    expect(await desk.post('paused', { name: 'Paused' })).toMatchObject({
      status: 200,
      fired: 1,
      threads: 1,
    });
    expect(await desk.threads('Paused')).toHaveLength(2);
    expect((await texts('🟡 Paused'))[0]).toContain('**🟡 Paused**');
  });

  it('is not investigated any longer', async () => {
    const id = await desk.route('probing');
    await desk.post('probing', { name: 'Probed' });
    await until(() => answered !== undefined);
    const [thread = ''] = await desk.threads('Probed');
    expect((await stage.thread(thread)).turn.status).toBe('running');
    await remove(id);
    const stopped = async () =>
      (await stage.thread(thread)).messages.find(({ text }) => text.includes('Stopped by Admin token'));
    await until(async () => (await stopped()) !== undefined);
    expect(await stopped()).toMatchObject({ kind: 'stopped' });
    expect(await command('alert-routes delete probing')).not.toContain('open group');
  });
});
