import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Checkpoint, SessionStore } from '../../src/sessions/port.ts';
import { appendAll, checkpoint, conversation, headOf, newThread, said } from './conversation.ts';

/** A store under test. */
export interface OpenStore {
  readonly store: SessionStore;
  close(): Promise<void>;
}

/** What every store of conversations must do. */
export function sessionStoreContract(open: () => Promise<OpenStore>): void {
  let opened: OpenStore;
  const store = () => opened.store;
  const load = (threadId: string, head: string, maxTokens = 1000) => store().load(threadId, head, maxTokens);

  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());

  it('gives back a conversation in order, as it was', async () => {
    const threadId = newThread();
    const checkpoints = [...conversation(3), withTools()].map(linked);
    await appendAll(store(), threadId, checkpoints);
    expect(await load(threadId, headOf(checkpoints))).toEqual(checkpoints);
  });

  it('knows nothing of a thread that was never written, or of a head that is not its own', async () => {
    const threadId = newThread();
    expect(await load(threadId, 'head')).toBeUndefined();
    await appendAll(store(), threadId, conversation(2));
    expect(await load(threadId, 'head')).toBeUndefined();
    expect(await load(newThread(), headOf(conversation(1)))).toBeUndefined();
  });

  it('never serves what came after the head', async () => {
    const threadId = newThread();
    const checkpoints = conversation(3);
    await appendAll(store(), threadId, checkpoints);
    const loaded = await load(threadId, headOf(checkpoints.slice(0, 2)));
    expect(loaded ?? checkpoints.slice(0, 2)).toEqual(checkpoints.slice(0, 2));
  });

  it('does not serve a conversation with a gap', async () => {
    const threadId = newThread();
    const [first, , third] = conversation(3);
    await appendAll(
      store(),
      threadId,
      [first, third].filter((item) => item !== undefined),
    );
    expect(await load(threadId, third?.id ?? '')).toBeUndefined();
  });

  it('does not serve a conversation that lost its beginning, unless the rest is all that was asked for', async () => {
    const threadId = newThread();
    const rest = conversation(3).slice(1);
    await appendAll(store(), threadId, rest);
    expect(await load(threadId, headOf(rest), 21)).toBeUndefined();
    expect(await load(threadId, headOf(rest), 20)).toEqual(rest);
  });

  it('keeps the newest whole checkpoints when there is a limit', async () => {
    const threadId = newThread();
    const checkpoints = conversation(9);
    await appendAll(store(), threadId, checkpoints);
    const within = async (limit: number) => said(await load(threadId, headOf(checkpoints), limit));
    expect(await within(1)).toEqual(['9']);
    expect(await within(20)).toEqual(['8', '9']);
    expect(await within(21)).toEqual(['7', '8', '9']);
    expect(await within(90)).toHaveLength(9);
    expect(await within(91)).toHaveLength(9);
  });

  it('begins anew with a checkpoint that has none before it', async () => {
    const threadId = newThread();
    await appendAll(store(), threadId, conversation(3));
    const fresh = checkpoint('fresh');
    await appendAll(store(), threadId, [fresh]);
    expect(await load(threadId, fresh.id)).toEqual([fresh]);
  });

  it('clears a thread, and none whose id begins with it or that its id would match as a pattern', async () => {
    const threadId = newThread();
    const others = [
      `${threadId}:1`,
      `${threadId}1`,
      `${threadId}*`,
      `${threadId}?`,
      `${threadId}[a-z]`,
      `${threadId}a`,
    ];
    const kept = new Map(others.map((id) => [id, conversation(2)]));
    await appendAll(store(), threadId, conversation(2));
    for (const [id, checkpoints] of kept) await appendAll(store(), id, checkpoints);
    for (const cleared of [threadId, `${threadId}*`, `${threadId}?`, `${threadId}[a-z]`]) {
      await store().clear(cleared);
      kept.delete(cleared);
      for (const [id, checkpoints] of kept) expect(await load(id, headOf(checkpoints))).toEqual(checkpoints);
    }
  });

  it('has nothing of a cleared thread', async () => {
    const threadId = newThread();
    const checkpoints = conversation(2);
    await appendAll(store(), threadId, checkpoints);
    await store().clear(threadId);
    await store().clear(threadId);
    for (const { id } of checkpoints) expect(await load(threadId, id)).toBeUndefined();
  });
}

/** Tool calls, odd characters, and the place of an earlier checkpoint. */
function withTools(): Checkpoint {
  return {
    id: 'with-tools',
    replaces: 'an-earlier-one',
    tokens: 7,
    messages: [
      { role: 'user', text: 'Wie voll ist „/“? 💾\n', name: 'Ada' },
      {
        role: 'assistant',
        text: '',
        calls: [{ id: 'c1', name: 'host__disk_usage', arguments: { path: '/' } }],
      },
      { role: 'tool', callId: 'c1', name: 'host__disk_usage', text: '42 %', isError: false },
      { role: 'assistant', text: '42 %', calls: [] },
    ],
  };
}

function linked(item: Checkpoint, at: number, all: readonly Checkpoint[]): Checkpoint {
  const before = all[at - 1];
  return before === undefined ? item : { ...item, prev: before.id };
}
