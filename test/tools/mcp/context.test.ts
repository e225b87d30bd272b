import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ServerConfig } from '../../../src/tools/port.ts';
import { call, stdioServer, type TestPool, testPool, toolOf } from './helpers.ts';

const patience = 60_000;
const program = fileURLToPath(new URL('../../fakes/mcp/library.ts', import.meta.url));
const library = (more: Partial<ServerConfig> = {}) => stdioServer('lib', process.execPath, [program], more);

describe('the resources and prompts of a server', { timeout: patience }, () => {
  let pool: TestPool;
  let nowMs = 0;
  beforeAll(async () => {
    pool = testPool({ connectTimeoutMs: patience, now: () => nowMs });
    await pool.use([library()]);
  }, patience);
  afterAll(() => pool.close(), patience);

  const say = async (name: string, args = {}) => (await call(pool, `lib__${name}`, args)).text;
  const asked = async () => z.array(z.string()).parse(JSON.parse(await say('asked')));
  const read = (uri: string) => say('bot_read_resource', { uri });

  it('are read by tools of the bot, which leave the names of the server’s own tools alone', async () => {
    expect(await say('read_resource')).toBe('mine');
    expect(toolOf(pool, 'lib__bot_read_resource')).toMatchObject({ context: 'resource', effect: 'read' });
    expect(await read('book://1')).toBe('book://1:\ntext of 1');
  });

  it('are listed over all pages, fifty at a time, and asked for once', async () => {
    await asked();
    const first = await say('list_resources');
    expect(first).toContain('- `book://0` (text/plain): Book 0');
    expect(first).toContain('Page 1 of 3; 120 resources in all.');
    expect(await say('list_resources', { page: 3 })).toContain('`book://119`');
    expect(await say('list_resources', { filter: 'BOOK 77' })).toBe('- `book://77` (text/plain): Book 77');
    expect(await say('list_resources', { filter: 'nothing' })).toContain('no resource with “nothing”');
    expect(await asked()).toEqual(['list', 'list', 'list']);
  });

  it('are listed again after the server said so, or after their time', async () => {
    await say('add', { uri: 'book://new' });
    expect(await say('list_resources', { filter: '://new' })).toContain('`book://new`');
    await asked();
    nowMs += 299_000;
    await say('list_resources');
    expect(await asked()).toEqual([]);
    nowMs += 2_000;
    await say('list_resources');
    expect(await asked()).toContain('list');
  });

  it('are subscribed to, and kept until they change', async () => {
    await asked();
    await read('book://5');
    await read('book://5');
    expect(await asked()).toEqual(['subscribe book://5', 'read book://5']);
    await say('change', { uri: 'book://5', to: 'another text' });
    expect(await read('book://5')).toBe('book://5:\nanother text');
    expect(await asked()).toEqual(['read book://5']);
  });

  it('are kept for a hundred at most', async () => {
    for (let n = 0; n < 101; n += 1) await read(`book://${n}`);
    expect(await asked()).toContain('unsubscribe book://0');
    await read('book://100');
    expect(await asked()).toEqual([]);
    await read('book://0');
    expect(await asked()).toContain('read book://0');
  });

  it('that are not there say so', async () => {
    const outcome = await call(pool, 'lib__bot_read_resource', { uri: 'book://none' });
    expect(outcome).toEqual({ text: 'bot_read_resource failed: there is no book://none.', isError: true });
    expect(await say('bot_read_resource')).toBe('uri must be the URI of a resource.');
  });

  it('prompts are listed and given with their arguments', async () => {
    expect(await say('get_prompt')).toBe('- `review`: Reviews a book\n    - `book` (required)\n- `talk`');
    expect(await say('get_prompt', { name: 'review', arguments: { book: 7 } })).toBe('Review 7 for me.');
    expect(await say('get_prompt', { name: 'talk' })).toBe('User: Hello?\n\nAssistant: Hello.');
  });

  it('of a server that nobody vouches for are no reads, unless an admin has decided so', async () => {
    await pool.use([library({ isTrusted: false })]);
    expect(toolOf(pool, 'lib__list_resources')).toMatchObject({ effect: 'write', isTrusted: false });
    await pool.use([
      library({
        isTrusted: false,
        overrides: { list_resources: { effect: 'read' }, get_prompt: { offer: false } },
      }),
    ]);
    expect(toolOf(pool, 'lib__list_resources').effect).toBe('read');
    expect(pool.tools().map(({ name }) => name)).not.toContain('lib__get_prompt');
    expect(pool.log.entries.filter(({ event }) => event === 'mcp_connected')).toHaveLength(1);
  });
});

it('a list of tools that is too old when a turn begins is read again in the background', {
  timeout: patience,
}, async () => {
  let nowMs = 0;
  const pool = testPool({ connectTimeoutMs: patience, now: () => nowMs });
  const faulty = fileURLToPath(new URL('../../fakes/mcp/faulty.ts', import.meta.url));
  await pool.use([stdioServer('lib', process.execPath, [faulty], { toolsCacheSeconds: 60 })]);
  const lists = async () => Number((await call(pool, 'lib__lists')).text);
  const before = pool.tools();
  nowMs += 59_000;
  expect(pool.tools()).toEqual(before);
  await pool.settled();
  expect(await lists()).toBe(1);
  nowMs += 2_000;
  expect(pool.tools()).toEqual(before);
  await expect.poll(lists, { timeout: patience }).toBe(2);
  await pool.close();
});
