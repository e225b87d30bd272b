import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbedded } from '../../src/store/embedded.ts';
import { turnStore } from '../../src/store/turns.ts';
import { callDigest } from '../../src/tools/policy.ts';
import { startTestBot, type TestBot } from '../fakes/bot.ts';
import { opsServer, restartCalls } from './ops-server.ts';
import { openDoor, openStage, type Stage } from './stage.ts';

/** Everything is stopped and started anew on the same folder between question and decision. */
describe('a decision after a restart of everything', () => {
  const ops = opsServer();
  const bots: TestBot[] = [];
  let dataDir: string;
  let stage: Stage;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'ai-ops-restart-'));
    stage = await openStage({ servers: [ops], dataDir });
  });
  afterAll(async () => {
    await Promise.all(bots.map((bot) => bot.stop()));
    await stage.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function startAgain() {
    await (bots.at(-1) ?? stage.bot).stop();
    const bot = await startTestBot({ env: stage.env, dataDir });
    bots.push(bot);
    return openDoor(bot.fetch);
  }

  it('resumes the turn', async () => {
    stage.llm.script(restartCalls('db1'), { text: 'It is up again.' });
    const asked = await stage.ask('restart db1', 't');
    const again = await startAgain();
    expect((await again.thread('t')).turn).toMatchObject({ turn_id: asked.turn_id, status: 'waiting' });
    expect(await again.decide(asked.approval_ids[0], 'approve')).toMatchObject({ http: 200 });
    expect((await again.settled('t')).messages.at(-1)?.text).toBe('It is up again.');
    expect(ops.restarted).toEqual(['db1']);
  });

  it('runs what was approved last, though the process died before it could', async () => {
    const door = await startAgain();
    stage.llm.script(restartCalls('db2'), { text: 'It is up as well.' });
    const [id = ''] = (await door.ask('restart db2', 'died')).approval_ids;
    await bots.at(-1)?.stop();
    const database = await openEmbedded(dataDir);
    const args = { host: 'db3' };
    const edited = { arguments: args, digest: callDigest('ops__restart', args), changed: ['host'] };
    const by = { principal: 'web:bob', name: 'Bob' };
    const now = new Date();
    await turnStore(database.db).decide({ approvalId: id, state: 'approved', by, edited, now });
    await database.close();

    const again = await startAgain();
    const after = await again.settled('died');
    expect(after.messages.at(-1)?.text).toBe('It is up as well.');
    expect(after.messages.find(({ role }) => role === 'tool')).toMatchObject({ edited_by: 'Bob' });
    expect(ops.restarted.slice(-1)).toEqual(['db3']);
  });
});
