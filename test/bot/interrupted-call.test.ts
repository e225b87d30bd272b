import { devNull } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { interruptedNote } from '../../src/bot/clearance.ts';
import { type BotProcess, startBotProcess } from '../delivery/processes.ts';
import { startTestBot, type TestBot } from '../fakes/bot.ts';
import { createPostgresDatabase } from '../fakes/database.ts';
import { opsServer, restartCalls } from './ops-server.ts';
import { conversationOf, type Door, openDoor, openStage, type Stage, until } from './stage.ts';

/** A process is killed while a tool runs; another one on the same database then takes its turn over. */
describe('a call whose process was killed', () => {
  const leaseMs = 1500;
  /** What the tools do from now on; a call that hangs is never answered. */
  let hangs = false;
  let begun = 0;
  const pass = async () => {
    begun += 1;
    if (hangs) await new Promise(() => undefined);
    return 'all is well';
  };
  const ops = opsServer({ look: pass, beforeRestart: async () => void (await pass()) });
  let stage: Stage;
  let victim: BotProcess;
  let survivor: TestBot;
  let door: Door;
  beforeAll(async () => {
    stage = await openStage({
      servers: [ops],
      env: { DATABASE_URL: await createPostgresDatabase('migrated') },
    });
    await stage.bot.stop();
  });
  afterEach(async () => {
    await Promise.all([victim.kill('SIGKILL'), survivor.stop()]);
  });
  afterAll(() => stage.close());

  async function startVictim(): Promise<void> {
    const own = {
      LEASE_MS: String(leaseMs),
      AI_OPS_ADMIN_TOKEN: 'test-token-long-enough',
      LOG_FILE: devNull,
    };
    victim = await startBotProcess({ ...stage.env, ...own });
    const headers = { authorization: 'Token test-token-long-enough' };
    door = openDoor((path, init) => fetch(new URL(path, victim.url), { ...init, headers }));
  }

  /** Kills the victim in the middle of the call that this brings about; the door of another one. */
  async function killDuring(act: () => Promise<unknown>): Promise<Door> {
    [hangs, begun] = [true, 0];
    const acting = act().catch(() => undefined);
    await until(() => begun === 1);
    await victim.kill('SIGKILL');
    hangs = false;
    await acting;
    survivor = await startTestBot({ env: stage.env, leaseMs });
    return openDoor(survivor.fetch);
  }

  it('is put to people when it changes something, with the note that it may have run', async () => {
    await startVictim();
    stage.llm.script(restartCalls('db1'), { text: 'It is up.' });
    const { approval_ids } = await door.ask('restart db1', 'write');
    const other = await killDuring(() => door.decide(approval_ids[0], 'approve'));

    await until(async () => (await other.thread('write')).turn.status === 'waiting');
    const { approvals } = (await other.thread('write')).turn;
    expect(approvals).toMatchObject([
      { state: 'approved' },
      { state: 'pending', note: interruptedNote, arguments: '{\n  "host": "db1"\n}' },
    ]);
    expect(ops.restarted).toEqual([]);

    await other.decide(approvals[1]?.id, 'approve');
    expect((await other.settled('write')).messages.at(-1)?.text).toBe('It is up.');
    expect(ops.restarted).toEqual(['db1']);
    expect(stage.llm.requests).toHaveLength(2);
  });

  it('is put to people with the arguments that a person wrote', async () => {
    await startVictim();
    stage.llm.script(restartCalls('db2'), { text: 'It is up.' });
    const { approval_ids } = await door.ask('restart db2', 'edited');
    const edit = { decision: 'edit', arguments: { host: 'db9' } };
    const other = await killDuring(() => door.say(approval_ids[0], edit));

    await until(async () => (await other.thread('edited')).turn.status === 'waiting');
    const { approvals } = (await other.thread('edited')).turn;
    const now = '{\n  "host": "db9"\n}';
    expect(approvals).toMatchObject([
      { state: 'approved', edited_arguments: now },
      { state: 'pending', note: interruptedNote, arguments: now },
    ]);
    await other.decide(approvals[1]?.id, 'approve');
    await other.settled('edited');
    expect(ops.restarted.slice(-1)).toEqual(['db9']);
    expect(conversationOf(stage.llm.requests.at(-1)).at(-1)).toMatch(/ran with .*db9.*restarted db9$/s);
  });

  it('is simply repeated when it only reads', async () => {
    await startVictim();
    stage.llm.script({ calls: [{ name: 'ops__look', arguments: '{}' }] }, { text: 'All is well.' });
    const other = await killDuring(() => door.ask('look', 'read'));
    await until(async () => (await other.thread('read')).turn.status === 'done');
    expect((await other.thread('read')).messages.at(-1)?.text).toBe('All is well.');
    expect(begun).toBe(2);
    expect(stage.llm.requests).toHaveLength(6);
  });
});
