import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ServingBot, startBot } from './fakes/bot-process.ts';
import { type NotingModel, startNotingModel } from './fakes/noting-model.ts';

const rest = '/api/plugins/ai-ops';
const answered = z.object({ status: z.string(), response: z.string() });
const saved = z.object({ id: z.string() });
const row = z.object({ problem: z.string() });
const types = z.object({ results: z.array(z.object({ is_available: z.boolean(), problem: z.string() })) });
const thread = z.object({ turn: z.object({ status: z.string() }) });

const modules = {
  rejects: 'Promise.reject(new Error("boom")); return next(input);',
  throws: 'setTimeout(() => { throw new Error("boom"); }, 0); return next(input);',
  exits: 'process.exit(3);',
  hangs: 'return new Promise(() => {});',
  fine: 'return next(input);',
};
const typeOf = (name: string) => `${name[0]?.toUpperCase()}${name.slice(1)}Middleware`;

describe('a bot with code of its operator', () => {
  let model: NotingModel;
  let folder: string;
  let bot: ServingBot;
  /** The model that answers "Noted.". */
  let own: string;

  beforeAll(async () => {
    model = await startNotingModel();
    folder = await mkdtemp(join(tmpdir(), 'ai-ops-operator-'));
    const [layers, vendors] = [join(folder, 'plugins/middleware'), join(folder, 'plugins/providers')];
    for (const each of [layers, vendors]) await mkdir(each, { recursive: true });
    for (const [name, turn] of Object.entries(modules))
      await writeFile(
        join(layers, `${name}.js`),
        `export default { name: '${typeOf(name)}', build: () => ({ turn(input, next) { ${turn} } }) };`,
      );
    await writeFile(join(layers, 'quits.js'), 'process.exit(7);');
    await writeFile(join(layers, 'waits.js'), 'await new Promise(() => {}); export default {};');
    await writeFile(
      join(vendors, 'parrot.js'),
      `export default { create: () => ({ async *stream() {
        Promise.reject(new Error('boom'));
        yield { type: 'text', text: 'Ahoy.' };
        yield { type: 'stop', reason: 'end' };
      } }) };`,
    );
    const env = { ...model.env, DATA_DIR: folder, AI_OPS_PLUGINS_DIR: join(folder, 'plugins') };
    bot = await startBot({ ...env, AI_OPS_ENV: 'LAB' });
    const made = await post('/llm-models/', {
      ...{ name: 'm', llm_provider: 'openai', is_default: true, model_secret_key: 'env:OPENAI_API_KEY' },
      model_config: { base_url: model.env.OPENAI_BASE_URL, api: 'chat' },
    });
    own = saved.parse(made).id;
  }, 120_000);
  afterAll(async () => {
    bot.kill('SIGKILL');
    await bot.ended;
    await model.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function post(path: string, body: object): Promise<unknown> {
    return await (await bot.fetch(`${rest}${path}`, { method: 'POST', body: JSON.stringify(body) })).json();
  }

  async function layer(name: string, more: object = {}): Promise<string> {
    await post('/middleware-types/', { name: typeOf(name), is_custom: true });
    return saved.parse(await post('/llm-middleware/', { llm_model: 'm', middleware: typeOf(name), ...more }))
      .id;
  }

  const problemOf = async (id: string) =>
    row.parse(await (await bot.fetch(`${rest}/llm-middleware/${id}/`)).json()).problem;
  const drop = (id: string) => bot.fetch(`${rest}/llm-middleware/${id}/`, { method: 'DELETE' });
  const ask = async (threadId: string) => answered.parse(await (await bot.ask('Hello?', threadId)).json());

  it.each(['rejects', 'throws'])(
    'goes on after a layer that %s where nobody waits for it, and leaves that layer out',
    async (name) => {
      const id = await layer(name);
      expect(await ask(name)).toMatchObject({ status: 'done', response: 'Noted.' });
      await expect.poll(() => problemOf(id)).toContain('threw an error that nobody caught: boom');
      expect(await ask(name)).toMatchObject({ status: 'done', response: 'Noted.' });
      await expect.poll(() => bot.stdout()).toContain(`"event":"module_broken","module":"${name}.js"`);
      await expect
        .poll(() => bot.stdout())
        .toContain(`"event":"middleware_skipped","type":"${typeOf(name)}"`);
      await bot.fetch(`${rest}/llm-middleware/${id}/`, {
        method: 'PATCH',
        body: JSON.stringify({ is_critical: true }),
      });
      expect(await ask(name)).toMatchObject({
        status: 'failed',
        response: expect.stringContaining(`${typeOf(name)} of the model m is critical and cannot be built`),
      });
      await drop(id);
    },
  );

  it('uses a layer again that was mended', async () => {
    const id = await layer('rejects');
    const text = `export default { name: 'RejectsMiddleware', build: () => ({ turn: (i, next) => next(i) }) };`;
    await writeFile(join(folder, 'plugins/middleware/rejects.js'), text);
    expect(await ask('mended')).toMatchObject({ status: 'done', response: 'Noted.' });
    expect(await problemOf(id)).toBe('');
    await drop(id);
  });

  it('fails the turn alone of a layer that would end the process', async () => {
    const id = await layer('exits');
    expect(await ask('exits')).toMatchObject({
      status: 'failed',
      response: expect.stringContaining('The custom middleware ExitsMiddleware failed'),
    });
    expect(await problemOf(id)).toContain('may not call process.exit');
    await drop(id);
  });

  it.each([
    ['quits', 'It ends the process at its top (exit code 7).'],
    ['waits', 'awaits there what never comes'],
  ])('starts although a module %s at its top, and says so where admins look', async (name, problem) => {
    const id = await layer(name);
    expect(await problemOf(id)).toContain(problem);
    const found = await bot.fetch(`${rest}/middleware-types/?name=${typeOf(name)}`);
    expect(types.parse(await found.json()).results).toEqual([
      { is_available: false, problem: expect.stringContaining(problem) },
    ]);
    const doctor = await bot.fetch('/plugins/ai-ops/api/command/', {
      method: 'POST',
      body: JSON.stringify({ line: 'doctor' }),
    });
    expect(await doctor.text()).toContain(problem.slice(0, 20));
    await drop(id);
  });

  it('goes on after a vendor that rejects where nobody waits for it, and does not use it again', async () => {
    await post('/llm-providers/', { name: 'custom' });
    const asDefault = (id: string, isDefault: boolean) =>
      bot.fetch(`${rest}/llm-models/${id}/`, {
        method: 'PATCH',
        body: JSON.stringify({ is_default: isDefault }),
      });
    await asDefault(own, false);
    const parrot = { name: 'parrot', llm_provider: 'custom', model_config: { module: 'parrot.js' } };
    const { id } = saved.parse(await post('/llm-models/', { ...parrot, is_default: true }));
    expect(await ask('parrot')).toMatchObject({ status: 'done', response: 'Ahoy.' });
    expect(await ask('parrot')).toMatchObject({
      status: 'failed',
      response: expect.stringContaining('threw an error that nobody caught: boom'),
    });
    await bot.fetch(`${rest}/llm-models/${id}/`, { method: 'DELETE' });
    await asDefault(own, true);
  });

  it('stops a turn at once whose layer never ends', async () => {
    const id = await layer('hangs');
    const asked = bot.ask('Hello?', 'hangs');
    const status = async () =>
      thread.safeParse(await (await bot.fetch('/plugins/ai-ops/api/chat/hangs/')).json()).data?.turn.status;
    await expect.poll(status).toBe('running');
    await bot.fetch('/plugins/ai-ops/api/chat/hangs/stop/', { method: 'POST', body: '{}' });
    await expect.poll(status, { timeout: 5000 }).toBe('stopped');
    expect(answered.parse(await (await asked).json()).status).toBe('stopped');
    await drop(id);
  });

  it('ends in order although a layer never ends', async () => {
    await layer('hangs');
    const asked = bot.ask('Hello?', 'left').catch(() => undefined);
    const status = async () =>
      thread.safeParse(await (await bot.fetch('/plugins/ai-ops/api/chat/left/')).json()).data?.turn.status;
    await expect.poll(status).toBe('running');
    const begun = performance.now();
    bot.kill('SIGTERM');
    expect(await bot.ended).toBe(0);
    expect(performance.now() - begun).toBeLessThan(8000);
    expect(bot.stdout()).toContain('"event":"turn_handed_over"');
    expect(bot.stdout()).toContain('"event":"stopped"');
    await asked;
  }, 30_000);
});

describe('an error that nobody caught', () => {
  const sources = fileURLToPath(new URL('../src', import.meta.url));
  const run = (text: string) => {
    const program = `
      import { watchUnhandled } from '${sources}/main/unhandled.ts';
      import { asGuest } from '${sources}/agent/operator-module.ts';
      const say = (event, { error, module }) => console.log(event, module ?? '', error.message);
      const guest = { name: 'mine.js', broke: () => {} };
      watchUnhandled({ log: { error: say }, end: () => setTimeout(() => process.exit(1), 50) });
      ${text}`;
    const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      encoding: 'utf8',
    });
    return { said: stdout.trim().split('\n'), status };
  };

  it.each([
    ['rejected', "Promise.reject(new Error('boom'));"],
    ['thrown', "setTimeout(() => { throw new Error('boom'); }, 0);"],
  ])('ends the process when the bot itself has %s it', (_how, text) => {
    expect(run(text)).toEqual({ said: ['unhandled_error  boom'], status: 1 });
  });

  it.each([
    ['rejected', "Promise.reject(new Error('boom'));"],
    ['thrown', "setTimeout(() => { throw new Error('boom'); }, 0);"],
    ['emitted', "import('node:fs').then((fs) => fs.createReadStream('/boom'));"],
  ])('is logged with the name of the module that has %s it, and the process goes on', (_how, text) => {
    const seen = run(`asGuest(guest, () => { ${text} }); setTimeout(() => console.log('still there'), 100);`);
    expect(seen).toEqual({
      said: [expect.stringMatching(/^module_broken mine\.js .*boom/), 'still there'],
      status: 0,
    });
  });
});
