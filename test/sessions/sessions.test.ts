import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSessions } from '../../src/sessions/index.ts';
import type { Checkpoint, SessionStore, Sessions } from '../../src/sessions/port.ts';
import { checkpointStore } from '../../src/store/checkpoints.ts';
import { openTestEmbedded, type TestDatabase } from '../fakes/database.ts';
import { recordingLog } from '../fakes/recording-log.ts';
import { appendAll, checkpoint, conversation, headOf, hour, newThread, said } from './conversation.ts';

const limits = { maxTokens: 1000, ttlMs: hour };

describe('sessions without Redis', () => {
  let database: TestDatabase;
  let durable: SessionStore;
  let threadId: string;
  const { log, entries } = recordingLog();
  const newProcess = (): Sessions => createSessions({ durable, log });

  beforeAll(async () => {
    database = await openTestEmbedded();
    durable = checkpointStore(database.db);
  });
  afterAll(() => database.close());
  beforeEach(() => {
    threadId = newThread();
  });

  it('remember what was said, in order', async () => {
    const checkpoints = conversation(3);
    await appendAll(durable, threadId, checkpoints);
    const history = await newProcess().load(threadId, headOf(checkpoints), limits);
    expect(history).toEqual(checkpoints.map(({ messages, tokens }) => ({ messages, tokens })));
  });

  it('tell a process what another one appended', async () => {
    const [mine, yours] = [newProcess(), newProcess()];
    const [first, second = first, third = first] = conversation(3);
    const append = async (sessions: Sessions, item: Checkpoint) => {
      await durable.append(threadId, item, hour);
      await sessions.appended(threadId, item, hour);
    };
    await append(mine, first);
    await append(yours, second);
    expect(said(await mine.load(threadId, second.id, limits))).toEqual(['1', '2']);
    await append(mine, third);
    expect(said(await yours.load(threadId, third.id, limits))).toEqual(['1', '2', '3']);
  });

  it('put what came after a wait in the place of the question that waited', async () => {
    const first = checkpoint('restart db1');
    const meanwhile = checkpoint('what is the time?', first);
    const resumed = { ...checkpoint('restart db1, approved', meanwhile), replaces: first.id };
    await appendAll(durable, threadId, [first, meanwhile, resumed]);
    const history = await newProcess().load(threadId, resumed.id, limits);
    expect(said(history)).toEqual(['what is the time?', 'restart db1, approved']);
  });

  it('leave out the asking turn’s own earlier checkpoint', async () => {
    const [first, waiting = first] = conversation(2);
    await appendAll(durable, threadId, [first, waiting]);
    const history = await newProcess().load(threadId, waiting.id, { ...limits, without: waiting.id });
    expect(said(history)).toEqual(['1']);
  });

  it('forget a conversation that is not whole, and say so in the log', async () => {
    const [, second, third] = conversation(3);
    await appendAll(
      durable,
      threadId,
      [second, third].filter((item) => item !== undefined),
    );
    expect(await newProcess().load(threadId, third?.id ?? '', limits)).toEqual([]);
    expect(entries).toContainEqual(['conversation_incomplete', { thread_id: threadId, head: third?.id }]);
  });

  it('forget a thread that was cleared', async () => {
    const sessions = newProcess();
    const checkpoints = conversation(2);
    for (const item of checkpoints) await sessions.appended(threadId, item, hour);
    expect(await sessions.load(threadId, headOf(checkpoints), limits)).toHaveLength(2);
    await sessions.clear(threadId);
    expect(await sessions.load(threadId, headOf(checkpoints), limits)).toEqual([]);
  });

  it('say that there is no Redis to be up', () => {
    expect(newProcess().fastIsUp()).toBeUndefined();
  });
});
