import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  call,
  everythingOverStdio,
  stdioServer,
  type TestPool,
  tempDir,
  testPool,
  toolOf,
} from './helpers.ts';

const patience = 60_000;
const bin = (name: string) =>
  fileURLToPath(
    new URL(`../../../node_modules/@modelcontextprotocol/${name}/dist/index.js`, import.meta.url),
  );

describe('the servers that people begin with', { timeout: patience }, () => {
  const folder = realpathSync(tempDir());
  const run = (name: string, args: readonly string[], env = {}) =>
    stdioServer(name, process.execPath, [bin(`server-${name}`), ...args], { env });
  let pool: TestPool;
  beforeAll(async () => {
    pool = testPool({ connectTimeoutMs: patience });
    await pool.use([
      everythingOverStdio(),
      run('filesystem', [folder]),
      run('memory', [], { MEMORY_FILE_PATH: join(folder, 'memory.jsonl') }),
      run('sequential-thinking', []),
    ]);
  }, patience);
  afterAll(() => pool.close(), patience);

  it('are all connected', () => {
    expect(pool.states().map(({ status }) => status)).toEqual(Array(4).fill('connected'));
    const sources = Object.groupBy(pool.tools(), ({ source }) => source);
    expect(sources.everything?.length).toBeGreaterThanOrEqual(15);
    expect(sources.filesystem?.length).toBeGreaterThanOrEqual(14);
    expect(sources.memory?.length).toBeGreaterThanOrEqual(9);
    expect(sources['sequential-thinking']).toHaveLength(1);
  });

  it('filesystem writes, reads and stays inside its folder', async () => {
    const path = join(folder, 'note.txt');
    expect(toolOf(pool, 'filesystem__write_file').effect).toBe('destructive');
    expect(await call(pool, 'filesystem__write_file', { path, content: 'noted' })).toMatchObject({
      isError: false,
    });
    const read = await call(pool, 'filesystem__read_text_file', { path });
    expect(read).toMatchObject({ text: 'noted', structured: { content: 'noted' } });
    const outside = await call(pool, 'filesystem__read_text_file', { path: '/etc/hostname' });
    expect(outside).toMatchObject({ isError: true, text: expect.stringContaining('Access denied') });
  });

  it('memory remembers', async () => {
    const entities = [{ name: 'db-1', entityType: 'host', observations: ['is slow'] }];
    await call(pool, 'memory__create_entities', { entities });
    expect((await call(pool, 'memory__search_nodes', { query: 'slow' })).text).toContain('db-1');
  });

  it('sequential thinking thinks', async () => {
    const thought = {
      thought: 'Look at the disk.',
      thoughtNumber: 1,
      totalThoughts: 1,
      nextThoughtNeeded: false,
    };
    const outcome = await call(pool, 'sequential-thinking__sequentialthinking', thought);
    expect(outcome).toMatchObject({ isError: false, structured: { thoughtHistoryLength: 1 } });
  });

  it('everything gives resources, prompts, images and its progress', async () => {
    expect((await call(pool, 'everything__list_resources', { filter: 'architecture' })).text).toContain(
      'demo://',
    );
    const read = await call(pool, 'everything__read_resource', { uri: 'demo://resource/dynamic/text/1' });
    expect(read.text).toContain('plaintext resource');
    const prompt = { name: 'args-prompt', arguments: { city: 'Bern' } };
    expect((await call(pool, 'everything__get_prompt', prompt)).text).toContain('Bern');
    expect((await call(pool, 'everything__get-tiny-image')).images).toMatchObject([
      { mimeType: 'image/png' },
    ]);
    const heard: string[] = [];
    const context = { asker: 'web:ada', answers: [], progress: (said: string) => void heard.push(said) };
    const long = toolOf(pool, 'everything__trigger-long-running-operation');
    await long.run({ duration: 1, steps: 2 }, AbortSignal.timeout(patience), context);
    expect(heard[0]).toBe('1/2');
  });
});
