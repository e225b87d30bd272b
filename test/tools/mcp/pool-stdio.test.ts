import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { readProcess } from '../../../src/observe/process.ts';
import type { Pool, PoolOptions } from '../../../src/tools/mcp/pool.ts';
import {
  call,
  everythingOverStdio,
  freePort,
  httpServer,
  program,
  stdioServer,
  tempDir,
  testPool,
  toolOf,
  until,
} from './helpers.ts';

const byHand = (...habits: readonly string[]) =>
  stdioServer('hand', process.execPath, [program('server.ts'), ...habits]);
const pidsSchema = z.object({ pid: z.number(), grandchild: z.number() });
const isRunning = (pid: number) => readProcess(pid) !== undefined;

const open: Pool[] = [];
function pool(options: Partial<PoolOptions> = {}) {
  const made = testPool(options);
  open.push(made);
  return made;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((made) => made.close()));
});

async function pidsOf(made: Pool) {
  return pidsSchema.parse(JSON.parse((await call(made, 'hand__pids')).text));
}

test('offers the tools of a real server in the order of their names, and runs them', async () => {
  const made = pool();
  await made.use([everythingOverStdio()]);
  const names = made.tools().map((tool) => tool.name);
  expect(names).toContain('everything__echo');
  expect(names).toEqual(names.toSorted());
  expect(names).not.toContain('everything__simulate-research-query');
  expect(made.states()).toMatchObject([{ name: 'everything', status: 'connected', toolCount: names.length }]);
  expect(await call(made, 'everything__echo', { message: 'hello' })).toEqual({
    text: 'Echo: hello',
    isError: false,
  });
  expect((await call(made, 'everything__get-sum', { a: 2, b: 40 })).text).toContain('42');
  expect(toolOf(made, 'everything__echo')).toMatchObject({
    source: 'everything',
    sourceName: 'echo',
    effect: 'read',
  });
});

test("an untrusted server's tools are never reads", async () => {
  const made = pool();
  await made.use([everythingOverStdio('everything', { isTrusted: false })]);
  expect(made.tools().every((tool) => tool.effect !== 'read')).toBe(true);
});

test('a server sees PATH, HOME, LANG and what it was given, and nothing else of the bot', async () => {
  const made = pool();
  await made.use([everythingOverStdio('everything', { env: { GIVEN: 'yes' } })]);
  const env = z
    .record(z.string(), z.string())
    .parse(JSON.parse((await call(made, 'everything__get-env')).text));
  expect(Object.keys(env).toSorted()).toEqual(['GIVEN', 'HOME', 'LANG', 'PATH']);
});

test('a call that is refused by the server is an error result', async () => {
  const made = pool();
  await made.use([everythingOverStdio(), byHand()]);
  const wrong = await call(made, 'everything__get-sum', { a: 'x' });
  expect(wrong.isError).toBe(true);
  expect(wrong.text).toMatch(/a|b|number/);
  expect(await call(made, 'hand__refuse')).toEqual({ text: 'refuse failed: not today.', isError: true });
});

test('a call without an answer ends after the time limit, and the text names tool and seconds', async () => {
  const made = pool({ callTimeoutMs: 300 });
  await made.use([byHand()]);
  const startedAt = Date.now();
  const outcome = await call(made, 'hand__silent');
  expect(Date.now() - startedAt).toBeLessThan(10_000);
  expect(outcome).toEqual({
    text: 'silent gave no answer within 0.3 seconds and was cancelled.',
    isError: true,
    failure: 'timeout',
  });
  expect(JSON.parse((await call(made, 'hand__cancelled')).text)).toHaveLength(1);
});

test('progress keeps a long call alive beyond the time limit', async () => {
  const made = pool({ callTimeoutMs: 1_000 });
  await made.use([everythingOverStdio()]);
  const outcome = await call(made, 'everything__trigger-long-running-operation', { duration: 2, steps: 8 });
  expect(outcome).toMatchObject({ isError: false });
});

test('no progress keeps a call alive beyond the total limit', async () => {
  const made = pool({ callTimeoutMs: 300, maxCallMs: 700 });
  await made.use([byHand()]);
  const outcome = await call(made, 'hand__progress_for_ever');
  expect(outcome).toEqual({
    text: 'progress_for_ever gave no answer within 0.7 seconds and was cancelled.',
    isError: true,
    failure: 'timeout',
  });
});

test('an aborted call throws the reason of its abort and tells the server, and only of that call', async () => {
  const made = pool();
  await made.use([byHand()]);
  const controller = new AbortController();
  await call(made, 'hand__pids', {}, controller.signal);
  const running = call(made, 'hand__silent', {}, controller.signal);
  setTimeout(() => controller.abort(new Error('stopped by a person')), 100);
  await expect(running).rejects.toThrow('stopped by a person');
  expect(JSON.parse((await call(made, 'hand__cancelled')).text)).toHaveLength(1);
});

test('broken servers cost only their own tools, and no more than the time limit', async () => {
  const made = pool({ connectTimeoutMs: 6_000 });
  const startedAt = Date.now();
  await made.use([
    everythingOverStdio(),
    stdioServer('missing', '/no/such/binary', []),
    stdioServer('garbage', process.execPath, [program('server.ts'), 'garbage']),
    stdioServer('hanging', process.execPath, [program('server.ts'), 'hang']),
    stdioServer('dying', process.execPath, [program('server.ts'), 'last-words'], {
      env: { CLUSTER_TOKEN: 'sekret-token' },
    }),
    httpServer('closed', `http://127.0.0.1:${await freePort()}`),
    httpServer('nowhere', 'not a url'),
  ]);
  expect(Date.now() - startedAt).toBeLessThan(11_000);
  expect(made.tools().every((tool) => tool.source === 'everything')).toBe(true);
  const errors = new Map(made.states().map((state) => [state.name, state.error]));
  expect(errors.get('everything')).toBeUndefined();
  expect(errors.get('missing')).toBe('There is no program /no/such/binary; check its command.');
  expect(errors.get('garbage')).toBe('It writes text to its standard output that is not MCP.');
  expect(errors.get('hanging')).toBe('It did not answer within 6 s.');
  expect(errors.get('dying')).toBe(
    'Its program ended with exit code 7; it last said: cannot reach the cluster with ***.',
  );
  expect(errors.get('closed')).toContain('Nothing listens at its address (ECONNREFUSED');
  expect(errors.get('nowhere')).toContain('Its URL is not valid');
  expect(JSON.stringify(made.log.entries)).not.toContain('sekret-token');
});

test('a banner on standard output does not break a server', async () => {
  const made = pool();
  await made.use([byHand('banner')]);
  expect(made.states()).toMatchObject([{ status: 'connected' }]);
});

test('a broken tool costs only itself, over all pages of the list', async () => {
  const made = pool();
  await made.use([byHand('broken-tools')]);
  const names = made.tools().map((tool) => tool.sourceName);
  expect(names).toEqual(expect.arrayContaining(['pids', 'change', 'bad_output']));
  expect(names).not.toContain('no_object');
  expect(names).not.toContain('task_only');
  const unusable = made.log.entries
    .filter((entry) => entry.event === 'mcp_tool_unusable')
    .map((entry) => entry.fields.tool);
  expect(unusable).toEqual(['no_object', 'no_schema', '(no name)']);
});

test('a changed list is read again', async () => {
  const made = pool();
  await made.use([byHand()]);
  expect(made.tools().map((tool) => tool.name)).not.toContain('hand__extra');
  await call(made, 'hand__change');
  await until(() => made.tools().some((tool) => tool.name === 'hand__extra'));
});

test('a killed server comes back by itself, and tools held by a running turn work again', async () => {
  const made = pool();
  await made.use([byHand()]);
  const held = toolOf(made, 'hand__pids');
  const { pid } = await pidsOf(made);
  process.kill(pid, 'SIGKILL');
  await until(() => made.states()[0]?.status === 'failed');
  await until(() => made.states()[0]?.status === 'connected');
  const after = pidsSchema.parse(JSON.parse((await held.run({}, AbortSignal.timeout(5_000))).text));
  expect(after.pid).not.toBe(pid);
});

test('a call during an outage answers with what happened', async () => {
  const made = pool({ connectTimeoutMs: 1_000, retryFirstMs: 60_000 });
  await made.use([byHand()]);
  const held = toolOf(made, 'hand__pids');
  await call(made, 'hand__die', { file: join(tempDir(), 'log') });
  await made.settled();
  await call(made, 'hand__die', { file: join(tempDir(), 'log') });
  expect(made.tools()).toEqual([]);
  const outcome = await held.run({}, AbortSignal.timeout(5_000));
  expect(outcome.isError).toBe(true);
  expect(outcome.text).toContain(
    'pids was not run: the server hand is not connected (its program ended with exit code 3)',
  );
});

test('a write that was under way when the server died is not repeated, and says that it may have run', async () => {
  const made = pool();
  await made.use([byHand()]);
  const file = join(tempDir(), 'log');
  const outcome = await call(made, 'hand__die', { file });
  await made.settled();
  expect(outcome.isError).toBe(true);
  expect(outcome.text).toContain('may have run');
  expect(readFileSync(file, 'utf8')).toBe('died\n');
});

test('a read that was under way when the server died is repeated once', async () => {
  const made = pool();
  await made.use([byHand()]);
  const file = join(tempDir(), 'log');
  const outcome = await call(made, 'hand__read_and_die', { file });
  expect(outcome.isError).toBe(true);
  expect(readFileSync(file, 'utf8')).toBe('died\ndied\n');
});

test('use keeps unchanged servers, restarts changed ones and ends removed ones', async () => {
  const made = pool();
  const kept = byHand();
  const changing = { ...byHand(), id: 'b', name: 'b' };
  await made.use([kept, changing]);
  const before = await pidsOf(made);
  const old = pidsSchema.parse(JSON.parse((await call(made, 'b__pids')).text));
  const held = toolOf(made, 'b__pids');
  await made.use([kept, { ...changing, env: { X: '1' } }]);
  expect((await pidsOf(made)).pid).toBe(before.pid);
  expect(pidsSchema.parse(JSON.parse((await call(made, 'b__pids')).text)).pid).not.toBe(old.pid);
  expect(isRunning(old.pid)).toBe(false);
  expect((await held.run({}, AbortSignal.timeout(5_000))).text).toContain('it was changed or removed');
  await made.use([kept]);
  expect(made.states()).toHaveLength(1);
});

test('close ends a server that ignores SIGTERM, and its own children, by force', async () => {
  const made = pool();
  await made.use([byHand('stubborn')]);
  let pids = await pidsOf(made);
  while (pids.grandchild === 0) pids = await pidsOf(made);
  expect(isRunning(pids.pid) && isRunning(pids.grandchild)).toBe(true);
  expect(readdirSync(made.childrenDir)).toHaveLength(1);
  const startedAt = Date.now();
  await made.close();
  expect(Date.now() - startedAt).toBeLessThan(20_000);
  await until(() => !isRunning(pids.pid) && !isRunning(pids.grandchild));
  expect(readdirSync(made.childrenDir)).toEqual([]);
});

test('close ends the children of a server that has been killed', async () => {
  const made = pool();
  await made.use([byHand('stubborn')]);
  let pids = await pidsOf(made);
  while (pids.grandchild === 0) pids = await pidsOf(made);
  process.kill(pids.pid, 'SIGKILL');
  await until(() => !isRunning(pids.grandchild));
});

test('close does not wait for a server that is still being connected', async () => {
  const made = pool({ connectTimeoutMs: 60_000 });
  void made.use([byHand('hang')]);
  await until(() => made.states().length === 1);
  const startedAt = Date.now();
  await made.close();
  expect(Date.now() - startedAt).toBeLessThan(20_000);
});
