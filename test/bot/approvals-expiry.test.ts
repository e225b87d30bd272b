import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startExpiry } from '../../src/bot/expiry.ts';
import type { OpenDatabase } from '../../src/store/database.ts';
import { openPostgresql } from '../../src/store/postgresql.ts';
import { turnStore } from '../../src/store/turns.ts';
import { createPostgresDatabase } from '../fakes/database.ts';
import { silentLog } from '../fakes/log.ts';
import { hourMs, movableClock } from './clock.ts';
import { opsServer, restartCalls } from './ops-server.ts';
import { conversationOf, openStage, type Stage } from './stage.ts';

describe('an approval that nobody decides', () => {
  const ops = opsServer();
  const clock = movableClock();
  let stage: Stage;
  let database: OpenDatabase;
  beforeAll(async () => {
    const url = await createPostgresDatabase('migrated');
    stage = await openStage({ servers: [ops], clock, env: { DATABASE_URL: url } });
    database = await openPostgresql({ url, log: silentLog, poolSize: 2, connectTimeoutMs: 5000 });
  });
  afterAll(async () => {
    await stage.close();
    await database.close();
  });

  it('expires, the model is told, and the turn ends with a word', async () => {
    stage.llm.script(restartCalls('db1'), { text: 'Nobody approved it, so I left it.' });
    await stage.ask('restart db1', 'swept');
    clock.forward(25 * hourMs);
    const sweeping = startExpiry({ turns: turnStore(database.db), clock, log: silentLog, everyMs: 20 });
    while ((await stage.settled('swept')).turn.status === 'waiting');
    await sweeping.stop();
    const { turn, messages } = await stage.thread('swept');
    expect(turn).toMatchObject({ status: 'done', approvals: [{ state: 'expired' }] });
    expect(messages.at(-1)?.text).toBe('Nobody approved it, so I left it.');
    expect(conversationOf(stage.llm.requests.at(-1)).at(-1)).toContain('nobody approved it in time');
    expect(ops.restarted).toEqual([]);
  });

  it('cannot be decided any more once its time is over', async () => {
    stage.llm.script(restartCalls('db2'), { text: 'Too late.' });
    const { approval_ids } = await stage.ask('restart db2', 'late');
    clock.forward(25 * hourMs);
    expect(await stage.decide(approval_ids[0], 'approve')).toMatchObject({
      http: 409,
      approval: { state: 'expired' },
    });
    expect((await stage.settled('late')).messages.at(-1)?.text).toBe('Too late.');
    expect(ops.restarted).toEqual([]);
  });
});
