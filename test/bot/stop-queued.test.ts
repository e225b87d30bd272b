import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestBot, type TestBot } from '../fakes/bot.ts';
import { createPostgresDatabase } from '../fakes/database.ts';
import { openPeople, type People } from './people.ts';
import { openDoor, openStage, type Stage, until } from './stage.ts';

describe('stop', () => {
  let people: People;
  let stage: Stage;
  let other: TestBot;
  beforeAll(async () => {
    people = await openPeople();
    const env = { DATABASE_URL: await createPostgresDatabase('migrated') };
    stage = await openStage({ adapters: people.adapters, env, leaseMs: 60_000 });
    other = await startTestBot({ env: stage.env, leaseMs: 60_000 });
  });
  afterAll(async () => {
    await Promise.all([other.stop(), stage.close()]);
    await people.platform.close();
  });

  it('reaches a turn that runs on another replica', async () => {
    const before = stage.llm.requests.length;
    stage.llm.script({ fault: { type: 'stall', before: 'headers' } });
    const asking = stage.ask('think for ever', 'replica');
    await until(() => stage.llm.requests.length > before);
    const stoppedAt = performance.now();
    expect(await openDoor(other.fetch).stopThread('replica')).toBe(true);
    expect(await asking).toMatchObject({ status: 'stopped', response: 'Stopped by Admin token.' });
    expect(performance.now() - stoppedAt).toBeLessThan(10_000);
    expect(await stage.llm.requests.at(-1)?.closed).toBe('gone');
  });

  it('ends what the asker has in the queue, too', async () => {
    const before = stage.llm.requests.length;
    stage.llm.script({ fault: { type: 'stall', before: 'headers' } });
    const asking = stage.ask('first', 'queue');
    await until(() => stage.llm.requests.length > before);
    const queued = stage.ask('second', 'queue');
    await until(async () => (await stage.thread('queue')).messages.length === 2);
    await stage.stopThread('queue');
    expect(await Promise.all([asking, queued])).toMatchObject([
      { status: 'stopped' },
      { status: 'stopped', response: 'Stopped by Admin token.' },
    ]);
    expect(stage.llm.requests.length).toBe(before + 1);
  });
});
