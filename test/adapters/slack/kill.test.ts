import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../bot/stage.ts';
import { type BotProcess, startBotProcess } from '../../delivery/processes.ts';
import { createPostgresDatabase } from '../../fakes/database.ts';
import { type StrictLlm, startStrictLlm } from '../../fakes/llm/server.ts';
import { people } from '../../fakes/slack/people.ts';
import { type FakeSlack, startFakeSlack } from '../../fakes/slack/server.ts';
import { isFinal, wordsOf } from './stage.ts';

const words = Array.from({ length: 30 }, (_unused, n) => `word${n} `);
const whole = words.join('').trim();

/** A process is killed while it streams; another one on the same database goes on. */
describe('killed in the middle of a stream', () => {
  let slack: FakeSlack;
  let model: StrictLlm;
  let env: Record<string, string>;
  let second: BotProcess | undefined;

  beforeAll(async () => {
    slack = await startFakeSlack({ retryDelaysMs: [200, 500, 1000, 2000, 4000], ackMs: 15_000 });
    model = await startStrictLlm();
    env = {
      DATABASE_URL: await createPostgresDatabase('migrated'),
      AI_OPS_ADMINS: 'slack:T1:UALICE',
      OPENAI_API_KEY: 'x',
      OPENAI_API: 'chat',
      OPENAI_BASE_URL: `${model.url}/v1`,
      LEASE_MS: '2500',
      LOG_FILE: '/dev/null',
      ...slack.env,
    };
  }, 240_000);
  afterAll(async () => {
    await second?.kill('SIGKILL');
    await Promise.all([slack.close(), model.close()]);
  });

  it('ends in exactly one complete answer in the thread', async () => {
    const who = people(slack);
    const alice = who.user('alice');
    const channel = who.channel('ops', [alice]);
    const first = await startBotProcess(env);
    slack.deliverTo(first.url);
    model.script({ text: words.slice(0, 10), fault: { type: 'stall', afterFrames: 8 } });
    const { ts, tries } = await who.mention(alice, { channel }, 'tell me all');
    expect(tries.at(-1)?.status).toBe(200);
    const heard = () => who.heard({ channel, thread: ts });
    await until(() => heard().some((message) => message.streamed.includes('word2')), 60_000);
    await first.kill('SIGKILL');
    expect(heard()).toHaveLength(1);
    model.script({ text: words });
    second = await startBotProcess(env);
    slack.deliverTo(second.url);
    await until(() => heard().some(isFinal), 60_000);
    expect(heard()).toHaveLength(1);
    const said = wordsOf(heard()[0]);
    expect(said).toContain(whole);
    expect(said.split('word0 ')).toHaveLength(2);
    expect(heard()[0]?.streamed).toBe('');
  }, 240_000);
});
