import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresDatabase } from '../fakes/database.ts';
import { openStage, type Stage } from './stage.ts';

/** The database refuses to store what the model says, as it would with a defect of the bot. */
const poison = `
  create function refuse_poison() returns trigger language plpgsql as $$
  begin
    if new.payload::text like '%poison%' then raise exception 'poisoned'; end if;
    return new;
  end $$;
  create trigger refuse_poison before insert on steps for each row execute function refuse_poison()`;

describe('a message that can never be handled', () => {
  let db: pg.Pool;
  let stage: Stage;
  let hurrying: NodeJS.Timeout;
  beforeAll(async () => {
    const url = await createPostgresDatabase('migrated');
    stage = await openStage({
      env: { DATABASE_URL: url },
      reply: ({ body }) => ({ text: JSON.stringify(body.messages).includes('bad one') ? 'poison' : 'fine' }),
    });
    db = new pg.Pool({ connectionString: url, max: 2 });
    await db.query(poison);
    const hurry = 'update threads set ready_at = now() where ready_at > now()';
    hurrying = setInterval(() => void db.query(hurry), 100);
  });
  afterAll(async () => {
    clearInterval(hurrying);
    await stage.close();
    await db.end();
  });

  it('is tried five times and then answered with an error and its reference id', async () => {
    const answer = await stage.ask('bad one', 't');
    expect(stage.llm.requests).toHaveLength(5);
    expect(answer).toMatchObject({
      http: 502,
      status: 'failed',
      code: 'internal',
      reference_id: answer.turn_id,
      response: 'I could not handle this message: 5 attempts failed. The log of the bot tells why.',
    });
    const { rows } = await db.query('select state, attempts, error from inbox_events');
    expect(rows).toEqual([{ state: 'dead', attempts: 6, error: 'given up after 5 attempts' }]);
  });

  it('does not stand in the way of the next one', async () => {
    const answers = await Promise.all([stage.ask('another', 'elsewhere'), stage.ask('a good one', 'u')]);
    expect(answers).toMatchObject([{ response: 'fine' }, { response: 'fine' }]);
  });
});
