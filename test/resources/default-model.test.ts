import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestBot, type TestBot } from '../fakes/bot.ts';
import { createPostgresDatabase } from '../fakes/database.ts';
import { type StrictLlm, startStrictLlm } from '../fakes/llm/server.ts';

const rowSchema = z.looseObject({ id: z.string(), name: z.string(), is_default: z.boolean() });
const listSchema = z.object({ results: z.array(rowSchema) });

let llm: StrictLlm;
const env = { AI_OPS_ENV: 'NONPROD', DEFAULT_TEST_KEY: 'test-key' };

beforeAll(async () => {
  llm = await startStrictLlm({ reply: () => ({ text: 'OK.' }) });
});
afterAll(async () => {
  await llm.close();
});

/** A model that answers; a broken one has no key. */
function modelRow(name: string, more: object = {}) {
  return {
    name,
    llm_provider: 'openai',
    model_secret_key: 'env:DEFAULT_TEST_KEY',
    model_config: { base_url: `${llm.url}/v1`, api: 'chat' },
    ...more,
  };
}

async function add(bot: TestBot, rows: object): Promise<unknown> {
  const answer = await bot.fetch('/api/plugins/ai-ops/llm-models/', {
    method: 'POST',
    body: JSON.stringify(rows),
  });
  const body: unknown = await answer.json();
  if (answer.status !== 201) throw new Error(JSON.stringify(body));
  return body;
}

async function defaults(bot: TestBot): Promise<readonly string[]> {
  const answer = await bot.fetch('/api/plugins/ai-ops/llm-models/');
  const { results } = listSchema.parse(await answer.json());
  return results.filter((row) => row.is_default).map(({ name }) => name);
}

async function command(bot: TestBot, line: string): Promise<string> {
  const answer = await bot.fetch('/plugins/ai-ops/api/command/', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ line }),
  });
  return JSON.stringify(await answer.json());
}

describe('the first model', () => {
  let bot: TestBot;

  beforeAll(async () => {
    bot = await startTestBot({ env });
  }, 60_000);
  afterAll(() => bot.stop());

  it('is the default, and a second one takes nothing from it', async () => {
    await add(bot, modelRow('sleeping', { is_enabled: false }));
    expect(await defaults(bot)).toEqual([]);
    expect(rowSchema.parse(await add(bot, modelRow('m-first')))).toMatchObject({ is_default: true });
    await add(bot, modelRow('a-second', { model_secret_key: 'env:GONE_KEY' }));
    expect(await defaults(bot)).toEqual(['m-first']);
    expect((await bot.ask('hello')).body.status).toBe('done');
  });

  it('the list marks what answers, also while the default is disabled', async () => {
    expect(await command(bot, 'models')).not.toContain('but it');
    expect(await command(bot, 'models disable m-first')).toContain('answered by a-second');
    const list = await command(bot, 'models');
    expect(list).toContain('no, but it answers');
    expect(list).toContain('yes, but it does not answer');
  });

  it('doctor says which one answers, and names none that it has just reported', async () => {
    await command(bot, 'models enable m-first');
    const id = String(
      listSchema
        .parse(await (await bot.fetch('/api/plugins/ai-ops/llm-models/?name=m-first')).json())
        .results.at(0)?.id,
    );
    const init = { method: 'PATCH', body: JSON.stringify({ is_default: false }) };
    await bot.fetch(`/api/plugins/ai-ops/llm-models/${id}/`, init);
    const said = await command(bot, 'doctor');
    expect(said).toContain('No enabled one is the default: a-second answers.');
    expect(said).toContain('models set-default m-first');
    expect(said).not.toContain('set-default a-second');
  });

  it('one that is enabled later is the default while there is none', async () => {
    await command(bot, 'models enable sleeping');
    expect(await defaults(bot)).toEqual(['sleeping']);
  });

  it('deleting the default says who answers then', async () => {
    expect(await command(bot, 'models delete sleeping confirm=yes')).toContain('answered by a-second');
  });
});

it('of several that are made together the one that is meant is the default', async () => {
  const bot = await startTestBot({ env });
  try {
    await add(bot, [modelRow('a-other'), modelRow('z-meant', { is_default: true })]);
    expect(await defaults(bot)).toEqual(['z-meant']);
  } finally {
    await bot.stop();
  }
}, 60_000);

it('one that is named the default takes the place of the first, and of no other that is named', async () => {
  const bot = await startTestBot({ env });
  try {
    await add(bot, modelRow('first'));
    await add(bot, modelRow('named', { is_default: true }));
    expect(await defaults(bot)).toEqual(['named']);
    await expect(add(bot, modelRow('late', { is_default: true }))).rejects.toThrow('“named” is the default');
  } finally {
    await bot.stop();
  }
}, 60_000);

it('what the environment names answers until a model is made, and is no default', async () => {
  const bot = await startTestBot({
    env: { OPENAI_API_KEY: 'test-key', OPENAI_BASE_URL: `${llm.url}/v1`, OPENAI_API: 'chat' },
  });
  try {
    expect(await defaults(bot)).toEqual([]);
    expect(await command(bot, 'models')).toContain('no, but it answers');
    await add(bot, modelRow('own'));
    expect(await defaults(bot)).toEqual(['own']);
  } finally {
    await bot.stop();
  }
}, 60_000);

it('two replicas that each make a first model at once make one default', async () => {
  const shared = { env: { ...env, DATABASE_URL: await createPostgresDatabase('migrated') } };
  const bots = await Promise.all([startTestBot(shared), startTestBot(shared)]);
  try {
    const names = Array.from({ length: 6 }, (_unused, n) => `m${n}`);
    await Promise.all(names.map((name, n) => add(bots[n % 2] ?? bots[0], modelRow(name))));
    expect(await defaults(bots[0])).toHaveLength(1);
  } finally {
    await Promise.all(bots.map((bot) => bot.stop()));
  }
}, 60_000);
