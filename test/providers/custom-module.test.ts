import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { custom } from '../../src/providers/custom.ts';
import { resilient } from '../../src/providers/resilient.ts';
import { ask, hear } from './hear.ts';

const fixtures = fileURLToPath(new URL('../fixtures/plugins', import.meta.url));

describe('a model from a module of the operator', () => {
  let pluginsDir: string;
  let folder: string;
  beforeEach(async () => {
    pluginsDir = await mkdtemp(join(tmpdir(), 'ai-ops-plugins-'));
    folder = join(pluginsDir, 'providers');
    await mkdir(folder);
  });
  afterEach(() => rm(pluginsDir, { recursive: true }));

  const waits: number[] = [];
  const sleep = async (ms: number) => waits.push(ms);

  async function open(config: object, dir: string | undefined = pluginsDir) {
    const given = { model: 'm', apiKey: 'secret', config, ...(dir === '' ? {} : { pluginsDir: dir }) };
    return resilient(await custom.create(given), { sleep, random: () => 0 });
  }

  async function write(name: string, text: string): Promise<void> {
    await writeFile(join(folder, name), text);
  }

  /** A module whose stream says these events. */
  const saying = (events: string) =>
    `export default { create: () => ({ async *stream() { yield* ${events}; } }) };`;

  it('gets its settings, key and request, and is heard like any other', async () => {
    const provider = await open({ module: 'parrot.js', greeting: 'Ahoy' }, fixtures);
    expect(await hear(provider, ask('Pods?'))).toMatchObject({
      text: 'Ahoy: Pods?',
      usage: { input: 5, output: 6, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
      stops: ['end'],
      error: undefined,
    });
  });

  it('names its failures by their kind, and the one layer tries again', async () => {
    waits.length = 0;
    const provider = await open({ module: 'parrot.js' }, fixtures);
    const { error } = await hear(provider, ask('Fly away.'));
    expect(error).toMatchObject({ kind: 'rate_limited', retryAfterMs: 7_000 });
    expect(error?.message).toBe(
      'Parrot m: rate_limited. The cage is full. Wait, or raise the rate limit with the vendor.',
    );
    expect(waits).toEqual([7_000, 7_000]);
  });

  it('may name failures in a function of its own', async () => {
    await write(
      'own.js',
      `export default { create: () => ({
        async *stream() { throw new Error('E42'); },
        classify: (error) => ({ kind: 'quota_exhausted', message: 'Code ' + error.message, status: 402 }),
      }) };`,
    );
    const { error } = await hear(await open({ module: 'own.js' }), ask('?'));
    expect(error).toMatchObject({ kind: 'quota_exhausted', status: 402 });
    expect(error?.message).toContain('Code E42');
  });

  it('may be a link within the folder', async () => {
    await write('real.mjs', saying("[{ type: 'text', text: 'Linked.' }, { type: 'stop', reason: 'end' }]"));
    await symlink('real.mjs', join(folder, 'linked.js'));
    expect(await hear(await open({ module: 'linked.js' }), ask('?'))).toMatchObject({ text: 'Linked.' });
  });

  it('is read again when its file was changed', async () => {
    const stop = "{ type: 'stop', reason: 'end' }";
    await write('new.js', saying(`[{ type: 'text', text: 'old' }, ${stop}]`));
    expect(await hear(await open({ module: 'new.js' }), ask('?'))).toMatchObject({ text: 'old' });
    await write('new.js', saying(`[{ type: 'text', text: 'new' }, ${stop}]`));
    await utimes(join(folder, 'new.js'), 1, 1);
    expect(await hear(await open({ module: 'new.js' }), ask('?'))).toMatchObject({ text: 'new' });
  });

  it.each([
    ['nothing', '', /Its stream\(\) gives no async iterable/],
    ['an unknown event', "[{ type: 'sing' }]", /It said what is no event/],
    ['a call without arguments', "[{ type: 'tool_call', call: { id: '1', name: 'x' } }]", /arguments/],
    ['no end', "[{ type: 'text', text: 'x' }]", /ended without its terminal event/],
  ])('that says %s does not keep to the protocol', async (_what, events, words) => {
    const none = 'export default { create: () => ({ stream() {} }) };';
    await write('odd.js', events === '' ? none : saying(events));
    const { error } = await hear(await open({ module: 'odd.js' }), ask('?'));
    expect(error).toMatchObject({ kind: 'protocol', message: expect.stringMatching(words) });
  });

  it.each([
    ['is missing', undefined, /There is no file bad\.js in the folder providers of AI_OPS_PLUGINS_DIR/],
    ['is broken', 'export default {', /The module bad\.js cannot be loaded: /],
    ['throws when it is loaded', 'throw new Error("no licence")', /cannot be loaded: no licence/],
    ['exports nothing', 'export const create = 1;', /must export by default an object with create\(\)/],
    ['exports another thing', 'export default 42;', /must export by default an object with create\(\)/],
    [
      'cannot create',
      'export default { create() { throw new Error("no quota") } }',
      /could not create its model: no quota/,
    ],
    ['creates no model', 'export default { create: () => ({ idleMs: "long" }) }', /is no model: .*stream/s],
  ])('that %s is not set up right, and says so', async (_what, text, words) => {
    if (text !== undefined) await write('bad.js', text);
    const message = expect.stringMatching(words);
    await expect(open({ module: 'bad.js' })).rejects.toMatchObject({ kind: 'misconfigured', message });
  });

  it('needs the folder of plugins', async () => {
    const message = expect.stringContaining('The module parrot.js needs AI_OPS_PLUGINS_DIR.');
    await expect(open({ module: 'parrot.js' }, '')).rejects.toMatchObject({ kind: 'misconfigured', message });
  });

  it('never leads out of its folder, by a link or by its name', async () => {
    await writeFile(join(pluginsDir, 'outside.js'), saying('[]'));
    await symlink('../outside.js', join(folder, 'out.js'));
    await mkdir(join(folder, 'folder.js'));
    const opened = open({ module: 'out.js' });
    await expect(opened).rejects.toThrow('leads out of the folder providers of AI_OPS_PLUGINS_DIR');
    await expect(open({ module: 'folder.js' })).rejects.toThrow('There is no file folder.js');
    for (const module of ['../outside.js', '/etc/passwd', 'a/b.js', '..', 'x.json', ''])
      expect(custom.config.safeParse({ module }).success).toBe(false);
  });

  it('or a URL, but not both and not neither', async () => {
    const both = custom.config.safeParse({ module: 'parrot.js', base_url: 'http://127.0.0.1/v1' });
    expect(both.error?.issues[0]?.message).toBe('Set base_url or module, not both.');
    await expect(open({})).rejects.toThrow('Set base_url or module.');
  });
});
