import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KeptResult } from '../../src/agent/keep.ts';
import type { ToolMessage } from '../../src/agent/messages.ts';
import type { StepWrite, TurnStore } from '../../src/bot/port.ts';
import { LeaseLostError } from '../../src/inbox/port.ts';
import { inboxStore } from '../../src/store/inbox.ts';
import { turnStore } from '../../src/store/turns.ts';
import { openTestPostgres, type TestDatabase } from '../fakes/database.ts';

const ada = { principal: 'web:ada', name: 'Ada' };
let database: TestDatabase;
let turns: TurnStore;

beforeAll(async () => {
  database = await openTestPostgres();
  turns = turnStore(database.db);
});

afterAll(() => database.close());

async function claimOne() {
  const threadId = `web:ada:${randomUUID()}`;
  const inbox = inboxStore(database.db);
  const inbound = { threadId, dedupeKeys: [randomUUID()], author: ada, text: 'hello' };
  await inbox.receive(inbound, randomUUID(), { maxPending: 5 });
  const work = (await inbox.claim('me', { leaseMs: 60_000, threadId }))?.work;
  if (work?.turn === undefined) throw new Error('nothing was claimed');
  return { threadId, lease: work.lease, turnId: work.turn.id };
}

function written(turnId: string, kept: KeptResult, { at = 0, callId = 'a' } = {}): StepWrite {
  const message: ToolMessage = {
    role: 'tool',
    callId,
    name: 'look',
    text: 'head',
    isError: false,
    kept: { id: kept.id, characters: kept.text.length },
  };
  return { turnId, at, steps: [{ type: 'result', message, durationMs: 1, ran: true }], kept };
}

it('a result is kept with its step, for its thread alone, until the thread is cleared', async () => {
  const { threadId, lease, turnId } = await claimOne();
  const kept = { id: 'r1', tool: 'look', text: 'a\u0000b'.repeat(10_000) };
  await turns.write(lease, written(turnId, kept));
  expect(await turns.kept(threadId, 'r1')).toEqual({ id: 'r1', tool: 'look', text: 'ab'.repeat(10_000) });
  expect(await turns.kept(threadId, 'r2')).toBeUndefined();
  const other = await claimOne();
  expect(await turns.kept(other.threadId, 'r1')).toBeUndefined();
  await turns.write(other.lease, written(other.turnId, { ...kept, text: 'theirs' }));
  expect((await turns.kept(other.threadId, 'r1'))?.text).toBe('theirs');
  await turns.clear(threadId, ada);
  expect(await turns.kept(threadId, 'r1')).toBeUndefined();
  expect((await turns.kept(other.threadId, 'r1'))?.text).toBe('theirs');
});

it('the images of a turn come back with its steps', async () => {
  const { lease, turnId } = await claimOne();
  const images = [{ mimeType: 'image/png', data: 'aGk=' }] as const;
  await turns.write(lease, written(turnId, { id: 'r1', tool: 'look', text: '[image]', images }));
  expect((await turns.load(turnId)).images).toEqual(new Map([['a', images]]));
  for (const [n, callId] of ['b', 'c', 'd', 'e'].entries()) {
    const kept = { id: callId, tool: 'look', text: '[image]', images };
    await turns.write(lease, written(turnId, kept, { at: n + 1, callId }));
  }
  expect([...(await turns.load(turnId)).images.keys()]).toEqual(['b', 'c', 'd', 'e']);
});

it('nothing is kept once the lease is lost', async () => {
  const { threadId, lease, turnId } = await claimOne();
  const lost = { ...lease, epoch: lease.epoch - 1 };
  const kept = { id: 'r1', tool: 'look', text: 'x' };
  await expect(turns.write(lost, written(turnId, kept))).rejects.toThrow(LeaseLostError);
  expect(await turns.kept(threadId, 'r1')).toBeUndefined();
});
