import { mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { middlewareSet } from '../../src/middleware/index.ts';
import { silentLog } from '../fakes/log.ts';
import { recordingLog } from '../fakes/recording-log.ts';
import { acting, answers, call, calls, openRig, type Row, tool } from './harness.ts';

const fixtures = fileURLToPath(new URL('../fixtures/plugins', import.meta.url));

describe('middleware from a module of the operator', () => {
  let pluginsDir: string;
  let folder: string;
  beforeEach(async () => {
    pluginsDir = await mkdtemp(join(tmpdir(), 'ai-ops-plugins-'));
    folder = join(pluginsDir, 'middleware');
    await mkdir(folder);
  });
  afterEach(() => rm(pluginsDir, { recursive: true }));

  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  const saying = (build: string, more = '') =>
    `export default { name: 'MineMiddleware', ${more} build: () => (${build}) };`;
  const open = async (row: Partial<Row> = {}, dir = pluginsDir) =>
    await openRig({
      rows: [{ type: 'MineMiddleware', ...row }],
      models: { main: acting(calls(call('a')), answers('Fine.')) },
      tools: [tool('look')],
      set: await middlewareSet(dir, silentLog),
    });

  it('is the ten lines of the README, and they work', async () => {
    const source = await readFile(join(fixtures, 'middleware/shout.js'), 'utf8');
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    expect(readme).toContain(source.trim());
    const seen = await (await open({ type: 'ShoutMiddleware', config: { mark: '?' } }, fixtures)).turn();
    expect(seen).toMatchObject({ status: 'done', text: 'FINE.?' });
  });

  it('has its config checked like any other: defaults, camelCase, unknown options', async () => {
    await write(
      'mine.js',
      saying('{}', 'schema: (z) => z.strictObject({ how_loud: z.int().default(1) }),').replace(
        '=> ({})',
        '=> ({ turn: (input, next) => next(input) })',
      ),
    );
    const kind = (await middlewareSet(pluginsDir, silentLog)).kind('MineMiddleware');
    expect(kind?.config.parse({ howLoud: 3 })).toEqual({ how_loud: 3 });
    expect(kind?.config.parse({})).toEqual({ how_loud: 1 });
    expect(kind?.config.safeParse({ other: 1 }).success).toBe(false);
  });

  it.each([
    ['does not parse', 'export default {', 'cannot be loaded'],
    ['throws when it is loaded', "throw new Error('boom');", 'cannot be loaded: boom'],
    ['exports something else', 'export default 42;', 'exports no middleware by default'],
    ['has a schema that is none', saying('{}', 'schema: () => 1,'), 'must return a zod schema'],
    [
      'has options without defaults',
      saying('{}', 'schema: (z) => z.object({ a: z.string() }),'),
      'must have a default',
    ],
  ])('one that %s keeps the turn and the others from nothing, and says why', async (_what, text, why) => {
    await write('mine.js', text);
    await write('other.js', saying('{ turn: (input, next) => next(input) }').replace('MineM', 'OtherM'));
    const seen = await (await open()).turn();
    expect(seen).toMatchObject({ status: 'done', text: 'Fine.' });
    expect(seen.trace?.skipped?.[0]?.[1]).toContain(why);
    const set = await middlewareSet(pluginsDir, silentLog);
    expect(set.kind('OtherMiddleware')?.isBuilt).toBe(true);
    expect(set.kind('MineMiddleware')).toMatchObject({
      isBuilt: false,
      problem: expect.stringContaining(why),
    });
  });

  it('a critical one that cannot be built fails the turn with a clear sentence', async () => {
    await write('mine.js', 'export default 42;');
    const seen = await (await open({ isCritical: true })).turn();
    expect(seen).toMatchObject({
      status: 'failed',
      code: 'misconfigured',
      text: expect.stringContaining(
        'The middleware MineMiddleware of the model main is critical and cannot be built',
      ),
    });
  });

  it.each([
    ['turn', "{ turn() { throw new TypeError('boom'); } }"],
    ['turn', '{ async turn() { return undefined; } }'],
    ['model', "{ async *model() { throw new TypeError('boom'); } }"],
    ['model', '{ model() { return 42; } }'],
    ['tool', "{ tool() { throw new TypeError('boom'); } }"],
    ['tool', "{ async tool() { return 'yes'; } }"],
  ])('what fails in its %s ends that turn alone, in a sentence: %s', async (_part, layer) => {
    await write('mine.js', saying(layer));
    expect(await (await open()).turn()).toMatchObject({
      status: 'failed',
      code: 'middleware',
      text: 'The custom middleware MineMiddleware failed, so I stopped. The log of the bot tells why.',
    });
  });

  it.each([
    "{ type: 'nonsense' }",
    "{ type: 'text', text: 42 }",
    "{ type: 'text' }",
    "{ type: 'tool_call', call: { id: 'a', name: 'look', arguments: 'x' } }",
    "{ type: 'usage', usage: { input: -1 } }",
    "{ type: 'stop', reason: 'tired' }",
    'undefined',
    "'text'",
  ])('what it says is checked: %s is no event, and the log names the module', async (event) => {
    await write('mine.js', saying(`{ async *model(r, next, s) { yield ${event}; yield* next(r, s); } }`));
    const { log, entries } = recordingLog();
    const rig = await openRig({
      rows: [{ type: 'MineMiddleware' }],
      models: { main: acting(answers('Fine.')) },
      set: await middlewareSet(pluginsDir, silentLog),
      log,
    });
    expect(await rig.turn()).toMatchObject({ status: 'failed', code: 'middleware', shown: [] });
    const failed = entries.find(([name]) => name === 'custom_middleware_failed')?.[1];
    expect(failed).toMatchObject({ type: 'MineMiddleware' });
    expect(String(failed?.error)).toContain('model must say events such as');
  });

  it('passes on all events that there are', async () => {
    await write('mine.js', saying('{ async *model(r, next, s) { yield* next(r, s); } }'));
    const usage = { input: 3, output: 2, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
    const rig = await openRig({
      rows: [{ type: 'MineMiddleware' }],
      models: {
        main: acting([
          { type: 'reasoning', text: 'Well.' },
          { type: 'text', text: 'Bad' },
          { type: 'restart', reason: 'again' },
          { type: 'text', text: 'Fine.' },
          { type: 'opaque', opaque: { key: 'k', data: [1] } },
          { type: 'usage', usage, model: 'main', cost: { usd: 1, isWhole: true }, priceSource: 'x' },
          { type: 'stop', reason: 'end' },
        ]),
      },
      set: await middlewareSet(pluginsDir, silentLog),
    });
    const seen = await rig.turn();
    expect(seen).toMatchObject({ status: 'done', text: 'Fine.', restarts: ['again'] });
    expect(seen.steps[0]).toMatchObject({
      usage,
      charges: [{ model: 'main' }],
      message: { opaque: { key: 'k', data: [1] } },
    });
  });

  it.each([
    ['turn', '{ turn: () => new Promise(() => {}) }'],
    [
      'turn, after all else,',
      '{ async turn(input, next) { await next(input); await new Promise(() => {}); } }',
    ],
    ['model', '{ model: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }) }'],
    [
      'model, when it is to clean up,',
      "{ async *model() { try { yield { type: 'text', text: 'a' }; await new Promise(() => {}); } finally { await new Promise(() => {}); } } }",
    ],
    ['tool', '{ tool: () => new Promise(() => {}) }'],
  ])('one whose %s never ends is left behind when the turn is stopped', async (_part, layer) => {
    await write('mine.js', saying(layer));
    const stop = new AbortController();
    const rig = await open();
    const turn = rig.turn({ signal: stop.signal });
    const reason = new Error('somebody stopped it');
    const timer = setTimeout(() => stop.abort(reason), 300);
    const begun = performance.now();
    await expect(turn).rejects.toBe(reason);
    clearTimeout(timer);
    expect(performance.now() - begun).toBeLessThan(3000);
  });

  it('what lies inside ends before a part that is left behind', async () => {
    await write(
      'mine.js',
      saying('{ async turn(input, next) { next(input).catch(() => {}); await new Promise(() => {}); } }'),
    );
    const stop = new AbortController();
    const events: string[] = [];
    const rig = await openRig({
      rows: [{ type: 'MineMiddleware' }],
      models: {
        async *main(_request, signal) {
          stop.abort(new Error('stopped'));
          await new Promise((resolve) => setTimeout(resolve, 600));
          events.push('the model has ended');
          signal.throwIfAborted();
          yield* answers('Fine.');
        },
      },
      set: await middlewareSet(pluginsDir, silentLog),
    });
    await expect(rig.turn({ signal: stop.signal })).rejects.toThrow('stopped');
    expect(events).toEqual(['the model has ended']);
  });

  it('may end a turn itself', async () => {
    const words = "{ status: 'failed', text: 'Not today.', code: 'closed' }";
    await write('mine.js', saying(`{ async turn() { return { status: 'failed', said: ${words} }; } }`));
    expect(await (await open()).turn()).toMatchObject({
      status: 'failed',
      text: 'Not today.',
      code: 'closed',
    });
  });

  it('is read again when its file has changed', async () => {
    const answering = (text: string) =>
      saying(
        `{ async *model() { yield { type: 'text', text: '${text}' }; yield { type: 'stop', reason: 'end' }; } }`,
      );
    await write('mine.js', answering('One.'));
    const rig = await open();
    expect((await rig.turn()).text).toBe('One.');
    await write('mine.js', answering('Two.'));
    await utimes(join(folder, 'mine.js'), new Date(), new Date(Date.now() + 10_000));
    expect((await rig.turn()).text).toBe('Two.');
  });

  it('is never read from outside its folder', async () => {
    await writeFile(join(pluginsDir, 'outside.js'), saying('{}'));
    await symlink(join(pluginsDir, 'outside.js'), join(folder, 'mine.js'));
    expect((await (await open()).turn()).trace?.skipped?.[0]?.[1]).toContain('leads out of the folder');
  });
});
