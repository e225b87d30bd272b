import { afterEach, expect, test } from 'vitest';
import type { ServerConfig } from '../../../src/tools/port.ts';
import { call, everythingOverStdio, type TestPool, testPool, toolOf } from './helpers.ts';

const open: TestPool[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((made) => made.close()));
});

async function connected(more: Partial<ServerConfig> = {}) {
  const made = testPool();
  open.push(made);
  await made.use([everythingOverStdio('everything', more)]);
  return made;
}

const change = (made: TestPool, more: Partial<ServerConfig>) =>
  made.use([everythingOverStdio('everything', more)]);
const sessions = (made: TestPool) =>
  made.log.entries.filter((entry) => entry.event === 'mcp_connected').length;

test('an override of the effect wins over the hints, on a trusted server and on another', async () => {
  const made = await connected({ overrides: { echo: { effect: 'destructive' } } });
  expect(toolOf(made, 'everything__echo').effect).toBe('destructive');
  await change(made, { isTrusted: false, overrides: { echo: { effect: 'read' } } });
  expect(toolOf(made, 'everything__echo').effect).toBe('read');
  expect(toolOf(made, 'everything__get-sum').effect).toBe('write');
});

test('a tool that is not to be offered is not there, and the names of others do not change', async () => {
  const made = await connected();
  const before = made.tools().map((tool) => tool.name);
  await change(made, { overrides: { echo: { offer: false } } });
  expect(made.tools().map((tool) => tool.name)).toEqual(before.filter((name) => name !== 'everything__echo'));
  expect(made.states()).toMatchObject([{ toolCount: before.length - 1 }]);
  expect(made.listedBy('everything')?.tools.map((tool) => tool.name)).toContain('echo');
});

test('a decision about approval is carried by the tool', async () => {
  const made = await connected({ overrides: { echo: { approval: 'ask' }, 'get-sum': { approval: 'auto' } } });
  expect(toolOf(made, 'everything__echo').approval).toBe('ask');
  expect(toolOf(made, 'everything__get-sum').approval).toBe('auto');
  expect(toolOf(made, 'everything__get-env').approval).toBeUndefined();
});

test('decisions, trust and the health check change without a new session; the rest needs one', async () => {
  const made = await connected();
  const held = toolOf(made, 'everything__echo');
  const decided = { isTrusted: false, overrides: { echo: { effect: 'destructive' } } } as const;
  await change(made, { overrides: decided.overrides });
  await change(made, decided);
  await change(made, { ...decided, healthCheck: '/health' });
  expect(sessions(made)).toBe(1);
  expect(toolOf(made, 'everything__echo')).toMatchObject({ effect: 'destructive', isTrusted: false });
  expect((await held.run({ message: 'hi' }, AbortSignal.timeout(5_000))).text).toBe('Echo: hi');
  await change(made, { type: 'external' });
  expect(sessions(made)).toBe(2);
  expect((await call(made, 'everything__echo', { message: 'hi' })).text).toBe('Echo: hi');
});

test('tools stay the same objects while nothing changes', async () => {
  const made = await connected();
  expect(toolOf(made, 'everything__echo')).toBe(toolOf(made, 'everything__echo'));
});

test('only what a trusted server says, and does not bring from outside, is trusted', async () => {
  const made = await connected();
  expect(toolOf(made, 'everything__echo').isTrusted).toBe(true);
  expect(toolOf(made, 'everything__gzip-file-as-resource').isTrusted).toBe(false);
  await change(made, { isTrusted: false });
  expect(made.tools().filter((tool) => tool.isTrusted)).toEqual([]);
});

test('a tool called like a part of every object has no override', async () => {
  const made = await connected({ overrides: { toString: { offer: false } } });
  expect(made.tools().length).toBeGreaterThan(0);
});
