import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/agent/json.ts';
import { globSource } from '../../src/middleware/glob.ts';
import { patternOf } from '../../src/middleware/patterns.ts';
import { acting, answers, call, calls, openRig } from './harness.ts';

const type = 'FilesystemFileSearchMiddleware';
let root = '';

beforeAll(async () => {
  const home = await mkdtemp(join(tmpdir(), 'file-search-'));
  root = join(home, 'docs');
  await mkdir(join(root, 'app', 'deep'), { recursive: true });
  await mkdir(join(root, '.git'));
  await writeFile(join(home, 'secret.txt'), 'the needle of others');
  await writeFile(join(root, 'a.md'), 'first\nA Needle here\nand a needle there\n');
  await writeFile(join(root, 'app', 'b.ts'), 'no match');
  await writeFile(join(root, 'app', 'deep', 'c.ts'), 'needle');
  await writeFile(join(root, '.env'), 'needle=1');
  await writeFile(join(root, '.git', 'config'), 'needle');
  await writeFile(join(root, 'app', 'big.log'), `needle ${'x'.repeat(2000)}`);
  await writeFile(join(root, 'app', 'binary.bin'), 'needle\0needle');
  await symlink(join(home, 'secret.txt'), join(root, 'link.txt'));
  await symlink(home, join(root, 'out'));
});

async function search(name: string, args: JsonObject, config: object = {}) {
  const main = acting(calls(call('a', name, args)), answers('Done.'));
  const rig = await openRig({ rows: [{ type, config: { root_path: root, ...config } }], models: { main } });
  const seen = await rig.turn();
  return seen.steps.flatMap((step) => (step.type === 'result' ? [step.message] : []))[0];
}

describe(type, () => {
  it.each<[string, JsonObject, string]>([
    ['a name', { pattern: '*.md' }, 'a.md'],
    ['folders', { pattern: '**/*.ts' }, 'app/b.ts\napp/deep/c.ts'],
    ['a folder', { pattern: '*.ts', path: 'app' }, 'app/b.ts'],
    ['one of several', { pattern: '**/{a,c}.{md,ts}' }, 'a.md\napp/deep/c.ts'],
    ['a folder as if it were the root', { pattern: '*', path: '/app/deep' }, 'app/deep/c.ts'],
    ['nothing', { pattern: '*.zip' }, 'Nothing was found.'],
    [
      'neither what is hidden nor links',
      { pattern: '**' },
      'a.md\napp/b.ts\napp/big.log\napp/binary.bin\napp/deep/c.ts',
    ],
  ])('finds files by %s', async (_what, args, text) => {
    expect(await search('glob_search', args)).toMatchObject({ isError: false, text });
  });

  it.each<[string, JsonObject, string]>([
    ['the files', { pattern: 'needle' }, 'a.md\napp/big.log\napp/deep/c.ts'],
    [
      'the lines',
      { pattern: 'needle', output_mode: 'content', include: '*.{md,ts}' },
      'a.md:2:A Needle here\na.md:3:and a needle there\napp/deep/c.ts:1:needle',
    ],
    ['how many', { pattern: '^a', output_mode: 'count', include: 'a.md' }, 'a.md:2'],
    ['within a folder', { pattern: 'needle', path: 'app/deep' }, 'app/deep/c.ts'],
  ])('finds %s', async (_what, args, text) => {
    expect(await search('grep_search', args)).toMatchObject({ isError: false, text });
  });

  it.each<[string, JsonObject]>([
    ['grep_search', { pattern: '(?:[ab]{1,40}a){1,8}c', include: 'long.txt' }],
    ['grep_search', { pattern: `(?:${'[ab]{1,40}a?'.repeat(12)}){2}c`, include: 'long.txt' }],
    ['glob_search', { pattern: `*a${'?'.repeat(200)}` }],
  ])(
    '%s keeps nobody waiting but the model that asks for it: %o',
    async (name, args) => {
      let state = 1;
      const letters = Array.from({ length: 300_000 }, () => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
        return (state >> 16) & 1 ? 'a' : 'b';
      });
      await mkdir(join(root, 'long'), { recursive: true });
      await writeFile(join(root, 'long', 'long.txt'), letters.join(''));
      const lag = monitorEventLoopDelay({ resolution: 10 });
      lag.enable();
      const result = await search(name, { ...args, path: 'long' });
      lag.disable();
      expect(lag.max / 1e6).toBeLessThan(700);
      expect(result?.text).toMatch(
        /This takes too long\. Write a simpler pattern|Nothing was found|too large/,
      );
    },
    60_000,
  );

  it('ends a search at once when the turn is stopped', async () => {
    const stop = new AbortController();
    const main = acting(
      calls(call('a', 'grep_search', { pattern: '(?:[ab]{1,40}a){1,8}c', path: 'long' })),
      answers('Done.'),
    );
    const rig = await openRig({ rows: [{ type, config: { root_path: root } }], models: { main } });
    setTimeout(() => stop.abort(new Error('stopped')), 1000);
    const begun = performance.now();
    await expect(rig.turn({ signal: stop.signal })).rejects.toThrow('stopped');
    expect(performance.now() - begun).toBeLessThan(4000);
  });

  it('does not look into files that are too large', async () => {
    expect((await search('grep_search', { pattern: 'needle' }, { max_file_size_mb: 0.001 }))?.text).toBe(
      'a.md\napp/deep/c.ts',
    );
  });

  it.each<[string, JsonObject, string]>([
    ['glob_search', { pattern: '*', path: '..' }, 'no such folder'],
    ['glob_search', { pattern: '*', path: 'out' }, 'no such folder'],
    ['glob_search', { pattern: '*', path: 'app/../../' }, 'no such folder'],
    ['grep_search', { pattern: 'needle', path: '.git' }, 'no such folder'],
    ['grep_search', { pattern: '(' }, 'not a regular expression'],
    ['grep_search', { pattern: '(a)\\1' }, 'backreference'],
    ['grep_search', { pattern: 'a', output_mode: 'all' }, 'Invalid option'],
  ])('%s refuses %o', async (name, args, reason) => {
    expect(await search(name, args)).toMatchObject({ isError: true, text: expect.stringContaining(reason) });
  });

  it('says so when the folder is not there, and has no tools without one', async () => {
    expect(await search('glob_search', { pattern: '*' }, { root_path: join(root, 'gone') })).toMatchObject({
      isError: true,
      text: 'The folder that may be searched is not there.',
    });
    const main = acting(answers('Fine.'));
    await (await openRig({ rows: [{ type }], models: { main } })).turn();
    expect(main.requests[0]?.tools).toEqual([]);
  });

  it.each([
    ['*.ts', 'a.ts', true],
    ['*.ts', 'b/a.ts', false],
    ['**/a.ts', 'a.ts', true],
    ['a?c', 'abc', true],
    ['a.c', 'abc', false],
    ['a,b}', 'a,b}', true],
    ['{a', 'a', true],
    ['[a]', '[a]', true],
  ])('%s and %s: %s', (glob, path, isMatch) => {
    expect(patternOf(globSource(glob)).test(path)).toBe(isMatch);
  });
});
