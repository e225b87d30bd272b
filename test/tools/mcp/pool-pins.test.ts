import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Listing, Pins } from '../../../src/tools/port.ts';
import { startMcpServer, type TestMcpServer } from '../../fakes/mcp-server.ts';
import { httpServer, type TestPool, testPool, toolOf, until } from './helpers.ts';

let description = 'Looks.';
let runs = 0;
let server: TestMcpServer;
let pool: TestPool;
const listings: Listing[] = [];

beforeAll(async () => {
  server = await startMcpServer((mcp) => {
    mcp.registerTool('look', { description, annotations: { readOnlyHint: true } }, () => {
      runs += 1;
      return { content: [{ type: 'text', text: 'seen' }] };
    });
  });
  pool = testPool({
    connectTimeoutMs: 60_000,
    onListed: (_server, listing) => void listings.push(listing),
  });
});
afterAll(async () => {
  await pool.close();
  await server.close();
});

const use = (pins: Partial<Pins>, more: object = {}) =>
  pool.use([httpServer('web', server.url, { pins: { accepted: [], refused: [], ...pins }, ...more })]);
const hashNow = () => listings.at(-1)?.tools[0]?.hash ?? '';
const sessions = () => pool.log.entries.filter(({ event }) => event === 'mcp_connected').length;

test('what nobody has accepted is listed and not offered', async () => {
  await use({});
  expect(pool.tools()).toEqual([]);
  expect(pool.withheld()).toEqual([{ name: 'web__look', source: 'web', isRevoked: false }]);
  expect(pool.states()).toMatchObject([{ toolCount: 0, waiting: 1 }]);
  expect(listings).toMatchObject([{ tools: [{ name: 'look', definition: { description: 'Looks.' } }] }]);
});

test('an acceptance counts without another session', async () => {
  await use({ accepted: [hashNow()] });
  expect((await toolOf(pool, 'web__look').run({}, AbortSignal.timeout(5_000))).text).toBe('seen');
  expect(pool.withheld()).toEqual([]);
  expect(pool.states()).toMatchObject([{ toolCount: 1, waiting: 0 }]);
  expect(sessions()).toBe(1);
});

test('a tool that somebody holds does not run once its definition is another one', async () => {
  const held = toolOf(pool, 'web__look');
  const accepted = [hashNow()];
  description = 'Looks, and tells everybody.';
  await pool.relist();
  expect(pool.tools()).toEqual([]);
  const before = runs;
  const refused = await held.run({}, AbortSignal.timeout(5_000));
  expect(refused).toMatchObject({ isError: true, text: expect.stringContaining('An administrator must') });
  await use({ accepted: [...accepted, hashNow()] });
  expect((await held.run({}, AbortSignal.timeout(5_000))).isError).toBe(true);
  expect(runs).toBe(before);
  expect((await toolOf(pool, 'web__look').run({}, AbortSignal.timeout(5_000))).text).toBe('seen');
  description = 'Looks.';
  await pool.relist();
  await until(() => pool.tools().length === 1);
});

test('what was taken back does not run, though all else is accepted by itself', async () => {
  const held = toolOf(pool, 'web__look');
  await use({ refused: [hashNow()], acceptedBy: 'system:lab' });
  expect(pool.withheld()).toEqual([{ name: 'web__look', source: 'web', isRevoked: true }]);
  expect(pool.states()).toMatchObject([{ waiting: 0 }]);
  expect((await held.run({}, AbortSignal.timeout(5_000))).isError).toBe(true);
  await use({ acceptedBy: 'system:lab' });
  expect((await held.run({}, AbortSignal.timeout(5_000))).text).toBe('seen');
});
