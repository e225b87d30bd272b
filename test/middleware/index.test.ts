import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { middlewareSet } from '../../src/middleware/index.ts';
import { silentLog } from '../fakes/log.ts';
import { acting, answers, openRig } from './harness.ts';

const models = () => ({ main: acting(answers('Fine.')) });

it('knows before any turn what a config needs that the process does not have', async () => {
  const [without, having] = [
    await middlewareSet(undefined, silentLog),
    await middlewareSet(undefined, silentLog, { hasRedis: true }),
  ];
  const config = { cache_backend: 'redis' };
  expect(without.kind('CacheMiddleware')?.needs?.(config)).toContain('there is no Redis');
  expect(without.kind('CacheMiddleware')?.needs?.({})).toBeUndefined();
  expect(having.kind('CacheMiddleware')?.needs?.(config)).toBeUndefined();
});

it('remembers why the latest layer of a config could not be built, until one is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plugins-'));
  await mkdir(join(folder, 'middleware'));
  await writeFile(
    join(folder, 'middleware', 'mine.js'),
    `export default { name: 'MineMiddleware', schema: (z) => z.object({ port: z.number().default(1) }),
      build: ({ port }) => { if (port !== 1) throw new Error('port ' + port + ' is taken'); return { turn: (i, next) => next(i) }; } };`,
  );
  const set = await middlewareSet(folder, silentLog);
  const turnWith = async (config: object) => {
    const rig = await openRig({ rows: [{ type: 'MineMiddleware', config }], models: models(), set });
    await rig.turn();
  };
  const failure = (model: string, config: object) => set.kind('MineMiddleware')?.failure(model, config);
  await turnWith({ port: 2 });
  expect(failure('main', { port: 2 })).toBe('port 2 is taken');
  expect(failure('main', { port: 3 })).toBeUndefined();
  expect(failure('second', { port: 2 })).toBeUndefined();
  await turnWith({ port: 1 });
  expect(failure('main', { port: 2 })).toBeUndefined();
  await rm(folder, { recursive: true });
});
