import { describe, expect, it } from 'vitest';
import { channelOf, decodeThreadId, encodeThreadId } from '../../../adapters/slack/thread-id.ts';

describe('thread ids', () => {
  it.each([
    { team: 'T1', channel: 'C1', ts: '1800000000.000100' },
    { team: 'T:1', channel: 'C*%', ts: '1.2' },
  ])('read back as they were: %o', (thread) => {
    expect(decodeThreadId(encodeThreadId(thread))).toEqual(thread);
  });

  it('of one channel begin alike, and those of no other', () => {
    const [one, two, other] = [
      { channel: 'C1', ts: '1.1' },
      { channel: 'C1', ts: '2.2' },
      { channel: 'C12', ts: '1.1' },
    ].map((place) => encodeThreadId({ team: 'T1', ...place }));
    const channel = channelOf(one ?? '') ?? 'none';
    expect([two?.startsWith(channel), other?.startsWith(channel)]).toEqual([true, false]);
    expect(channelOf('web:a:b')).toBeUndefined();
  });

  it.each([
    'slack:T1:C1',
    'slack:T1:C1:1:2',
    'teams:T1:C1:1',
    'slack:T1::1',
    'slack:%zz:C1:1',
    'slack:T1:C%31:1',
  ])('are nothing else: %s', (text) => {
    expect(decodeThreadId(text)).toBeUndefined();
  });
});
