import { describe, expect, it } from 'vitest';
import { createBudgets } from '../../../adapters/teams/budgets.ts';
import { createQueue } from '../../../adapters/teams/queue.ts';

function open() {
  let now = 1_000_000;
  const budgets = createBudgets({ now: () => now });
  const skip = (ms: number) => {
    now += ms;
  };
  return { budgets, skip };
}

describe('budgets of a conversation', () => {
  it('let seven messages through in a second, eight in two, and sixty in half a minute', () => {
    const { budgets, skip } = open();
    for (let n = 0; n < 7; n += 1) {
      expect(budgets.waitMs('write', 'a')).toBe(0);
      budgets.spend('write', 'a');
    }
    expect(budgets.waitMs('write', 'a')).toBeGreaterThan(900);
    expect(budgets.waitMs('write', 'b')).toBe(0);
    expect(budgets.waitMs('ask', 'a')).toBe(0);
    skip(1200);
    expect(budgets.waitMs('write', 'a')).toBe(0);
    budgets.spend('write', 'a');
    expect(budgets.waitMs('write', 'a')).toBeGreaterThan(0);
    for (let n = 8; n < 60; n += 1) {
      skip(budgets.waitMs('write', 'a'));
      budgets.spend('write', 'a');
    }
    expect(budgets.waitMs('write', 'a')).toBeGreaterThan(5000);
  });

  it('stay closed for as long as Teams said', () => {
    const { budgets, skip } = open();
    budgets.close('write', 'a', 5000);
    expect(budgets.waitMs('write', 'a')).toBe(5000);
    skip(5000);
    expect(budgets.waitMs('write', 'a')).toBe(0);
  });
});

describe('the queue', () => {
  it('runs what has one name one after another, also after a failure, and other names meanwhile', async () => {
    const queue = createQueue();
    const ran: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = queue.run('a', async () => {
      await gate.promise;
      ran.push('first');
      throw new Error('failed');
    });
    const second = queue.run('a', async () => void ran.push('second'));
    await queue.run('b', async () => void ran.push('other'));
    gate.resolve();
    await expect(first).rejects.toThrow('failed');
    await second;
    expect(ran).toEqual(['other', 'first', 'second']);
  });

  it('leaves out whoever gives up, and keeps the order of the rest', async () => {
    const queue = createQueue();
    const ran: string[] = [];
    const gate = Promise.withResolvers<void>();
    const giving = new AbortController();
    const first = queue.run('a', () => gate.promise);
    const second = queue.run('a', async () => void ran.push('second'), giving.signal);
    const third = queue.run('a', async () => void ran.push('third'));
    giving.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    expect(ran).toEqual([]);
    gate.resolve();
    await Promise.all([first, third]);
    expect(ran).toEqual(['third']);
  });
});
