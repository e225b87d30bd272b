import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresDatabase } from '../fakes/database.ts';
import { opsServer, restartCalls } from './ops-server.ts';
import { openStage, type Stage, until } from './stage.ts';

/** The limit is 120 seconds; the work of a waiting turn is set in the database instead of waited for. */
describe('a turn that works too long', () => {
  let hangs = false;
  const ops = opsServer({
    beforeRestart: async () => void (hangs && (await new Promise(() => undefined))),
  });
  let db: pg.Pool;
  let stage: Stage;
  beforeAll(async () => {
    const url = await createPostgresDatabase('migrated');
    db = new pg.Pool({ connectionString: url, max: 2 });
    stage = await openStage({ servers: [ops], env: { DATABASE_URL: url } });
  });
  afterAll(async () => {
    await stage.close();
    await db.end();
  });

  const workOf = async (turnId: string): Promise<number> =>
    (await db.query('select work_ms from turns where id = $1', [turnId])).rows[0].work_ms;
  const setWork = (turnId: string, ms: number) =>
    db.query('update turns set work_ms = $2 where id = $1', [turnId, ms]);

  it('ends with a word, and says what may have taken effect', async () => {
    hangs = true;
    stage.llm.script(restartCalls('db1'));
    const { approval_ids, turn_id } = await stage.ask('restart db1', 'tool');
    await setWork(turn_id, 119_700);
    await stage.decide(approval_ids[0], 'approve');
    const { turn, messages } = await stage.settled('tool');
    hangs = false;
    expect(turn.status).toBe('failed');
    expect(messages.at(-1)).toMatchObject({ kind: 'error', code: 'timeout' });
    expect(messages.at(-1)?.text).toMatch(
      /longer than the 120 seconds .* ops__restart had begun and may have taken effect\./,
    );
  });

  it('ends while the model thinks, and its request with it', async () => {
    stage.llm.script(restartCalls('db2'), { fault: { type: 'stall', before: 'headers' } });
    const { approval_ids, turn_id } = await stage.ask('restart db2', 'model');
    await setWork(turn_id, 119_000);
    await stage.decide(approval_ids[0], 'approve');
    await until(async () => (await stage.thread('model')).turn.status === 'failed');
    expect((await stage.thread('model')).messages.at(-1)?.text).toContain('longer than the 120 seconds');
    expect(await stage.llm.requests.at(-1)?.closed).toBe('gone');
    expect(await workOf(turn_id)).toBeGreaterThanOrEqual(120_000);
  });

  it('leaves a thread that goes on', async () => {
    for (const thread of ['tool', 'model']) {
      stage.llm.script({ text: 'Fine.' });
      expect(await stage.ask('And now?', thread)).toMatchObject({ http: 200, response: 'Fine.' });
    }
  });

  it('is not one that waited for people', async () => {
    stage.llm.script(restartCalls('db3'), { text: 'Done.' });
    const askedAt = performance.now();
    const { approval_ids, turn_id } = await stage.ask('restart db3', 'patient');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await stage.decide(approval_ids[0], 'approve');
    expect((await stage.settled('patient')).turn.status).toBe('done');
    expect(await workOf(turn_id)).toBeLessThan(performance.now() - askedAt - 1400);
  });
});
