import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BotProcess, startBotProcess } from '../delivery/processes.ts';
import { type ChatPlatform, startChatPlatform } from '../fakes/chat-platform/server.ts';
import { createPostgresDatabase } from '../fakes/database.ts';
import { type AlertDesk, alertDesk, senderEnv } from './desk.ts';

const token = 'test-token-long-enough';

/** Processes on one PostgreSQL, with a chat platform that the first of them cannot reach. */
describe('alerts over several processes', () => {
  let url: string;
  let platform: ChatPlatform;
  const processes: BotProcess[] = [];

  beforeAll(async () => {
    url = await createPostgresDatabase('migrated');
    platform = await startChatPlatform();
  });
  afterAll(async () => {
    await Promise.all(processes.map((process) => process.kill('SIGKILL')));
    await platform.close();
  });

  async function begin(
    platformUrl: string,
  ): Promise<{ readonly process: BotProcess; readonly desk: AlertDesk }> {
    const process = await startBotProcess({
      ...{ ...senderEnv, DATABASE_URL: url, AI_OPS_ADMIN_TOKEN: token, LOG_FILE: '/dev/null' },
      ...{
        PLATFORM_URL: platformUrl,
        PLATFORM_CAN_FIND: 'true',
        PLATFORM_PREVIEW: 'false',
        LEASE_MS: '2500',
      },
    });
    processes.push(process);
    const send = (path: string, init: RequestInit = {}) =>
      fetch(new URL(path, process.url), { ...init, headers: { authorization: `Token ${token}` } });
    return { process, desk: alertDesk({ fetch: send, url: process.url }) };
  }

  /** As senders do: again while it is not stored. */
  async function deliver(desk: AlertDesk, alert: object): Promise<void> {
    while ((await desk.post('ops', alert)).status === 503);
  }

  async function query(text: string): Promise<readonly unknown[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return (await client.query(text).finally(() => client.end())).rows;
  }

  const shown = (words: string) => platform.messages.filter(({ text }) => text.includes(words));
  const target = 'fake:channel-ops';

  it('what was acknowledged is told of, though its process was killed before it could post', async () => {
    const { process, desk } = await begin('http://127.0.0.1:9');
    await desk.route('ops', { target, investigate: false });
    expect(await desk.post('ops', { name: 'Kept' })).toMatchObject({ status: 200, threads: 1 });
    await process.kill('SIGKILL');
    processes.length = 0;
    await begin(platform.url);
    // Its lease on the post runs out.
    await query('update outbox set until = now(), ready_at = now()');
    await expect.poll(() => shown('Kept').length, { timeout: 20_000 }).toBe(1);
  });

  it('one thread for a group, however many replicas hear of it at once, and how often', async () => {
    const one = alertDesk({ fetch, url: processes[0]?.url ?? '' });
    const { desk: other } = await begin(platform.url);
    const alerts = Array.from({ length: 10 }, (_, n) => ({ name: 'Together', id: `together-${n}` }));
    const posts = [...alerts, ...alerts].map((alert, n) => deliver(n % 2 === 0 ? one : other, alert));
    await Promise.all(posts);
    await expect.poll(() => shown('Together').length, { timeout: 20_000 }).toBe(1);
    const stored =
      await query(`select count(distinct group_id)::int as groups, count(*)::int as alerts from alerts
      where fingerprint like 'together-%' and status = 'firing'`);
    expect(stored).toEqual([{ groups: 1, alerts: 10 }]);
  });

  it('what cannot be stored is refused within moments, so that it is sent again', async () => {
    const desk = alertDesk({ fetch, url: processes[0]?.url ?? '' });
    const blocker = new pg.Client({ connectionString: url });
    await blocker.connect();
    await blocker.query('begin');
    await blocker.query('lock table alert_route_states in access exclusive mode');
    const startedAt = performance.now();
    const alert = { name: 'Blocked' };
    expect(await desk.post('ops', alert)).toMatchObject({ status: 503, code: 'unavailable' });
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    await blocker.query('rollback');
    await blocker.end();
    expect(await desk.post('ops', alert)).toMatchObject({ status: 200 });
    await expect.poll(() => shown('Blocked').length, { timeout: 20_000 }).toBe(1);
  });
});
