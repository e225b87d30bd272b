import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asGuest, guestNow, ofGuest, ofHost, readModule } from '../../src/agent/operator-module.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ai-ops-modules-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function read(text: string, changedAt = 1) {
  const path = join(folder, 'mine.mjs');
  await writeFile(path, text);
  return await readModule(path, changedAt);
}

describe('a module of the operator', () => {
  it('is read once for each time that it was changed', async () => {
    expect((await read('export default 1;')).exported).toBe(1);
    expect((await read('export default 2;')).exported).toBe(1);
    expect((await read('export default 2;', 2)).exported).toBe(2);
  });

  it.each([
    ['ends the process', 'process.exit(7);', 'It ends the process at its top (exit code 7).'],
    ['ends the process well', 'process.exit(0);', 'It ends the process at its top'],
    ['awaits what never comes', 'await new Promise(() => {});', 'awaits there what never comes'],
    ['throws', "throw new Error('boom');", 'boom'],
    ['rejects', "Promise.reject(new Error('boom'));", 'boom'],
    ['takes all memory', 'const all = []; for (;;) all.push(new Array(1e6).fill(0.5));', 'memory'],
  ])(
    'that %s at its top is known before the bot itself reads it',
    async (_what, text, problem) => {
      await expect(read(text)).rejects.toThrow(problem);
    },
    30_000,
  );

  it.each([
    ['never ends', 'for (;;);'],
    ['waits for ever', 'await new Promise(() => setInterval(() => {}, 1000));'],
  ])(
    'that %s at its top is left behind',
    async (_what, text) => {
      await expect(read(text)).rejects.toThrow('It was not read within 10 s.');
    },
    40_000,
  );

  it('is read first where no variable of the environment is to be seen', async () => {
    const looking = `import { isMainThread } from 'node:worker_threads';
      if (!isMainThread && Object.keys(process.env).length > 0) throw new Error('it sees them');
      export default 1;`;
    expect((await read(looking)).exported).toBe(1);
  });

  it('is not used any more after what it threw where nobody waits for it', async () => {
    const module = await read('export default 1;');
    expect(module.problem()).toBeUndefined();
    module.broke(new Error('boom'));
    module.broke(new Error('again'));
    expect(module.problem()).toBe(
      'The module mine.mjs is not used any more, since it threw an error that nobody caught: boom',
    );
  });
});

describe('whose code runs', () => {
  const guest = { name: 'mine.mjs', broke: () => undefined };
  const name = () => guestNow()?.name ?? 'the bot';

  it('is known for all that a module begins, and for what the bot does for it', async () => {
    const seen: string[] = [];
    async function* inner() {
      seen.push(`inner ${name()}`);
      await null;
      yield 1;
      seen.push(`inner ${name()}`);
    }
    async function* outer() {
      for await (const piece of ofHost(inner)) {
        seen.push(`outer ${name()}`);
        yield piece;
      }
      setTimeout(() => seen.push(`later ${name()}`), 0);
    }
    for await (const _piece of ofGuest(guest, asGuest(guest, outer))) seen.push(`around ${name()}`);
    await expect.poll(() => seen).toContain('later mine.mjs');
    expect(seen).toEqual([
      'inner the bot',
      'outer mine.mjs',
      'around the bot',
      'inner the bot',
      'later mine.mjs',
    ]);
  });

  it('lets a stream that is left early clean up', async () => {
    let isClean = false;
    async function* said() {
      try {
        yield 1;
        yield 2;
      } finally {
        isClean = true;
      }
    }
    for await (const _piece of ofGuest(guest, said())) break;
    expect(isClean).toBe(true);
  });
});
