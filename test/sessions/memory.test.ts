import { describe, expect, it } from 'vitest';
import { createMemory } from '../../src/sessions/memory.ts';
import { checkpoint, conversation, headOf, newThread } from './conversation.ts';

const everything = Number.POSITIVE_INFINITY;

describe('the conversations in memory', () => {
  it('are served as they were put', () => {
    const memory = createMemory(1000);
    const [threadId, checkpoints] = [newThread(), conversation(3)];
    memory.put(threadId, checkpoints, 1000);
    expect(memory.load(threadId, headOf(checkpoints), 1000)).toEqual(checkpoints);
  });

  it('are not served for another head, older or newer', () => {
    const memory = createMemory(1000);
    const [threadId, checkpoints] = [newThread(), conversation(3)];
    memory.put(threadId, checkpoints, 1000);
    for (const head of [headOf(checkpoints.slice(0, 2)), checkpoint('4', checkpoints[2]).id])
      expect(memory.load(threadId, head, 1000)).toBeUndefined();
  });

  it('grow by what is appended to their end', () => {
    const memory = createMemory(1000);
    const [threadId, checkpoints] = [newThread(), conversation(3)];
    for (const item of checkpoints) memory.append(threadId, item);
    expect(memory.load(threadId, headOf(checkpoints), everything)).toEqual(checkpoints);
  });

  it('are forgotten when another process has appended in between', () => {
    const memory = createMemory(1000);
    const [threadId, [first, , third = first]] = [newThread(), conversation(3)];
    memory.append(threadId, first);
    memory.append(threadId, third);
    for (const { id } of [first, third]) expect(memory.load(threadId, id, 10)).toBeUndefined();
  });

  it('begin anew with a checkpoint that has none before it', () => {
    const memory = createMemory(1000);
    const [threadId, fresh] = [newThread(), checkpoint('fresh')];
    memory.put(threadId, conversation(3), 1000);
    memory.append(threadId, fresh);
    expect(memory.load(threadId, fresh.id, everything)).toEqual([fresh]);
  });

  it('are not served to somebody who asks for more than was loaded', () => {
    const memory = createMemory(1000);
    const [threadId, newest] = [newThread(), conversation(9).slice(6)];
    memory.put(threadId, newest, 30);
    expect(memory.load(threadId, headOf(newest), 30)).toEqual(newest);
    expect(memory.load(threadId, headOf(newest), 31)).toBeUndefined();
  });

  it('are served to anybody when they are whole', () => {
    const memory = createMemory(1000);
    const [threadId, checkpoints] = [newThread(), conversation(3)];
    memory.put(threadId, checkpoints, 30);
    expect(memory.load(threadId, headOf(checkpoints), everything)).toEqual(checkpoints);
  });

  it('give way when there are too many, the one used longest ago first', () => {
    const memory = createMemory(60);
    const [a, b, c] = [newThread(), newThread(), newThread()];
    const checkpoints = conversation(3);
    const has = (threadId: string) => memory.load(threadId, headOf(checkpoints), 30) !== undefined;
    memory.put(a, checkpoints, 30);
    memory.put(b, checkpoints, 30);
    expect(has(a)).toBe(true);
    memory.put(c, checkpoints, 30);
    expect([has(a), has(b), has(c)]).toEqual([true, false, true]);
  });

  it('never hold more than their budget, not even for one', () => {
    const memory = createMemory(60);
    const [threadId, checkpoints] = [newThread(), conversation(7)];
    for (const item of checkpoints) memory.append(threadId, item);
    expect(memory.load(threadId, headOf(checkpoints), 1)).toBeUndefined();
  });

  it('have room again for what was cleared', () => {
    const memory = createMemory(60);
    const [a, b, c] = [newThread(), newThread(), newThread()];
    const checkpoints = conversation(3);
    memory.put(a, checkpoints, 30);
    memory.put(b, checkpoints, 30);
    memory.clear(b);
    memory.put(c, checkpoints, 30);
    expect(memory.load(a, headOf(checkpoints), 30)).toEqual(checkpoints);
    expect(memory.load(b, headOf(checkpoints), 30)).toBeUndefined();
  });

  it('are not changed for who already read them', () => {
    const memory = createMemory(1000);
    const [threadId, checkpoints] = [newThread(), conversation(2)];
    memory.put(threadId, checkpoints, 1000);
    memory.append(threadId, checkpoint('3', checkpoints.at(-1)));
    expect(checkpoints).toHaveLength(2);
  });
});
