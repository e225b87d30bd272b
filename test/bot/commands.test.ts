import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noModel } from '../../src/bot/commands.ts';
import { opsServer } from './ops-server.ts';
import { openStage, type Stage } from './stage.ts';

describe('a command', () => {
  const ops = opsServer({ look: async () => 'has ``` in it' });
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ servers: [ops] });
  });
  afterAll(() => stage.close());

  const say = async (text: string) => (await stage.ask(text)).response;

  it('is answered without the model', async () => {
    expect(await say('help')).toContain('`run <tool> name=value …`');
    expect(await say('  HELP ')).toContain('These words are commands');
    expect(await say('health')).toContain('ops');
    expect(await say('tools')).toMatch(
      /\| `host__disk_usage` \| read \|[\s\S]*\| `ops__restart` \| write \|/,
    );
    expect(await say('tools ops')).not.toContain('host__');
    expect(stage.llm.requests).toHaveLength(0);
  });

  it('runs a tool with pairs or with JSON', async () => {
    const pairs = await say('run host__processes limit=2 sort=memory');
    expect(pairs).toMatch(/^✅ `host__processes`\n\n```/);
    expect(await say('run host__processes {"limit": 2}')).toMatch(/^✅/);
    expect(await say('run host__dns_lookup name="localhost"')).toMatch(/^✅/);
  });

  it('shows a result in a fence that the result cannot close', async () => {
    expect(await say('run ops__look')).toBe('✅ `ops__look`\n\n````\nhas ``` in it\n````');
  });

  it.each([
    ['run host__processes limit', 'I do not understand “limit”'],
    ['run host__processes {"limit": 2', 'The arguments are not JSON'],
    ['run host__processes [1]', 'I do not understand “[1]”'],
  ])('that is wrong says what is expected: %s', async (text, problem) => {
    const answer = await say(text);
    expect(answer).toContain(problem);
    expect(answer).toContain('`limit` (');
    expect(stage.llm.requests).toHaveLength(0);
  });

  it('that lacks a required argument is not run', async () => {
    const answer = await say('run host__dns_lookup');
    expect(answer).toContain('Missing: `name`.');
    expect(answer).toContain('`name` (string)');
  });

  it('shows what the tool says of wrong values', async () => {
    expect(await say('run host__processes limit=many')).toMatch(/^❌ `host__processes`/);
  });

  it('that changes something needs an approval like a model’s call', async () => {
    const asked = await stage.ask('run ops__restart host=db1', 'write');
    expect(asked).toMatchObject({ http: 202, status: 'waiting' });
    expect(ops.restarted).toEqual([]);
    await stage.decide(asked.approval_ids[0], 'approve');
    expect((await stage.settled('write')).messages.at(-1)?.text).toContain('restarted db1');
    expect(ops.restarted).toEqual(['db1']);
  });

  it('that was denied says so', async () => {
    const { approval_ids } = await stage.ask('run ops__restart host=db2', 'denied');
    await stage.decide(approval_ids[0], 'deny', 'not now');
    expect((await stage.settled('denied')).messages.at(-1)?.text).toContain('not now');
  });

  it.each(['run the tests', 'tools are great', 'help me', 'health of db1?', 'run no__such_tool'])(
    'is not “%s”, which is talk',
    async (text) => {
      stage.llm.script({ text: 'Let us talk.' });
      expect(await say(text)).toBe('Let us talk.');
    },
  );

  it('is remembered, so that one can talk about its result', async () => {
    await stage.ask('run ops__look', 'talk');
    stage.llm.script({ text: 'It has three backticks.' });
    expect((await stage.ask('What did it say?', 'talk')).http).toBe(200);
    expect(JSON.stringify(stage.llm.requests.at(-1)?.body)).toContain('has ``` in it');
  });
});

describe('without any model', () => {
  const ops = opsServer();
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ servers: [ops], env: { OPENAI_API_KEY: '' } });
  });
  afterAll(() => stage.close());

  it('says how to add one, and pretends nothing', async () => {
    const answer = await stage.ask('How is the disk?', 't');
    expect(answer).toMatchObject({ http: 200, status: 'done' });
    expect(answer.response).toContain('I have no language model yet');
    expect(answer.response).toContain('OPENAI_API_KEY');
  });

  it('promises no answers, and points to the tools when one does not exist', async () => {
    expect((await stage.ask('help', 't')).response).not.toContain('You can simply ask');
    const { response } = await stage.ask('run nosuch', 't');
    expect(response).toBe('There is no tool `nosuch`. `tools` lists those that there are.');
  });

  it('names only the bootstrap file where the environment’s models are not used', async () => {
    const words: string[] = [];
    const request = { system: '', messages: [{ role: 'user', text: 'hello' }], tools: [] } as const;
    for await (const event of noModel({ showDetails: false })(request, new AbortController().signal))
      if (event.type === 'text') words.push(event.text);
    expect(words.join('')).toContain('AI_OPS_BOOTSTRAP');
    expect(words.join('')).not.toMatch(/OPENAI|OLLAMA/);
  });

  it('still runs tools, and asks before it changes anything', async () => {
    expect((await stage.ask('run ops__look', 't')).response).toContain('all is well');
    expect(await stage.ask('run ops__restart host=db1', 't')).toMatchObject({ http: 202 });
  });
});
