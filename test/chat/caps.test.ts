import { describe, expect, it } from 'vitest';
import { createCaps } from '../../src/chat/caps.ts';

function capsOf(perUser: number, perChannel: number) {
  let now = 1_000_000;
  const caps = createCaps({ now: () => now }, { perUser, perChannel });
  return {
    later: (ms: number) => (now += ms),
    count: (user: string, channel: string, key: string) => caps.count({ tenant: 'T1', user, channel, key }),
  };
}

describe('how much the bot takes', () => {
  it('is capped per person, wherever they write; they are told once, and may go on a minute later', () => {
    const { count, later } = capsOf(2, 100);
    expect([count('U1', 'C1', 'a'), count('U1', 'C2', 'b')]).toEqual(['taken', 'taken']);
    expect([count('U1', 'C1', 'c'), count('U1', 'C3', 'd')]).toEqual(['refused_first', 'refused']);
    expect(count('U2', 'C1', 'e')).toBe('taken');
    later(60_001);
    expect(count('U1', 'C1', 'f')).toBe('taken');
  });

  it('is capped per channel, whoever writes there', () => {
    const { count } = capsOf(100, 2);
    expect([count('U1', 'C1', 'a'), count('U2', 'C1', 'b')]).toEqual(['taken', 'taken']);
    expect([count('U3', 'C1', 'c'), count('U4', 'C1', 'd')]).toEqual(['refused_first', 'refused_first']);
    expect(count('U3', 'C2', 'e')).toBe('taken');
  });

  it('counts a message once, and says the same of each delivery of it', () => {
    const { count } = capsOf(1, 100);
    expect([count('U1', 'C1', 'a'), count('U1', 'C1', 'a')]).toEqual(['taken', 'taken']);
    expect([count('U1', 'C1', 'b'), count('U1', 'C1', 'b')]).toEqual(['refused_first', 'refused']);
  });
});
