import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hourMs, movableClock } from '../bot/clock.ts';
import { type OpsServer, opsServer, restartCalls } from '../bot/ops-server.ts';
import { onDatabases } from '../bot/stage.ts';
import { type Ops, openOps, until } from './ops-stage.ts';

describe.each(Object.entries(onDatabases))('a prompt that waits for people, on %s', (_name, env) => {
  const clock = movableClock();
  let ops: Ops;
  let server: OpsServer;
  let asks = 0;
  let wants = true;

  beforeAll(async () => {
    server = opsServer();
    ops = await openOps({ clock, servers: [server], env: await env() });
    await ops.opened(/Health Report/);
    ops.answers(() => {
      asks += 1;
      return wants ? restartCalls('db1') : { text: 'Nothing to do.' };
    });
  });
  afterAll(() => ops?.stage.close());

  it('has its next ticks skipped, which the history says in words, and goes on when the approval has expired', async () => {
    const values = { name: 'Hourly', kind: 'prompt', prompt: 'Restart what hangs.', cron: '0 * * * *' };
    const id = await ops.schedule(values);
    const runs = () => ops.history(id);
    const outcomes = async () => (await runs()).map(({ outcome }) => outcome);

    clock.forward(hourMs);
    const thread = await ops.opened(/^Hourly$/);
    const { turn } = await ops.stage.settled(thread);
    expect(turn.status).toBe('waiting');
    const [approval] = turn.approvals;
    expect(await outcomes()).toEqual(['waiting']);
    const [first] = await runs();

    clock.forward(hourMs);
    await until(async () => (await runs()).length === 2);
    const [skipped] = await runs();
    const due = first?.due.slice(0, 16).replace('T', ' ');
    expect(skipped).toMatchObject({
      ...{
        outcome: 'skipped',
        thread_id: expect.stringContaining(thread.slice(5)),
        approval_id: approval?.id,
      },
      summary: `Skipped: the run of ${due} UTC still waits for approval of ops__restart. Decide it: approvals show ${approval?.id}`,
    });
    const command = async (line: string) =>
      await (await ops.send('/plugins/ai-ops/api/command/', 'POST', { line })).text();
    expect(await command('schedules runs Hourly')).toContain('still waits for approval of ops__restart');
    expect(await command(`approvals show ${approval?.id}`)).toContain('ops__restart');

    wants = false;
    clock.forward(24 * hourMs);
    await until(async () => !(await outcomes()).includes('waiting'));
    expect((await runs()).find((run) => run.id === first?.id)?.outcome).toBe('done');
    const before = asks;
    clock.forward(hourMs);
    await until(async () => (await runs())[0]?.summary === 'answer Nothing to do.');
    expect(asks).toBeGreaterThan(before);
    expect((await runs())[0]).toMatchObject({ outcome: 'done', approval_id: null });
    expect(server.restarted).toEqual([]);
  });
});
