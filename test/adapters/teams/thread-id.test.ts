import { describe, expect, it } from 'vitest';
import { channelOf, decodeThreadId, encodeThreadId, roomOf } from '../../../adapters/teams/thread-id.ts';

const tenant = '11111111-2222-4333-8444-555555555555';
const conversations = [
  'a:1pL6i0-personal',
  '19:8e3b@thread.v2',
  '19:general@thread.tacv2;messageid=1700000000000',
  '19:odd:*%;@thread.tacv2',
  'ä😀',
];

describe('a thread’s id', () => {
  it.each(conversations)('carries %s there and back', (id) => {
    const threadId = encodeThreadId({ tenant, id });
    expect(threadId).toMatch(/^teams:[^:]+:[^:*]+$/);
    expect(decodeThreadId(threadId)).toEqual({ tenant, id });
  });

  it('is no other platform’s, and nothing that was not made here', () => {
    for (const strange of [
      '',
      'slack:T1:C1:1.2',
      'teams:t',
      'teams:t:a:b',
      'teams::a',
      'teams:t:%',
      'teams:t:a;b',
    ])
      expect(decodeThreadId(strange)).toBeUndefined();
  });

  it('tells the channel of a thread', () => {
    expect(roomOf('19:general@thread.tacv2;messageid=17')).toBe('19:general@thread.tacv2');
    expect(roomOf('a:1')).toBe('a:1');
  });

  it('begins with the channel, and with no other', () => {
    const of = (id: string) => channelOf(encodeThreadId({ tenant, id }));
    const channel = `teams:${tenant}:19%3Ageneral%40thread.tacv2`;
    expect(of('19:general@thread.tacv2;messageid=17')).toBe(channel);
    expect(of('19:general@thread.tacv2')).toBe(channel);
    expect(encodeThreadId({ tenant, id: '19:general@thread.tacv2;messageid=17' }).startsWith(channel)).toBe(
      true,
    );
    expect(of('19:8e3b@thread.v2')).toBe(`teams:${tenant}:19%3A8e3b%40thread.v2`);
    for (const none of ['a:1pL6i0-personal', 'ä😀']) expect(of(none)).toBeUndefined();
    expect(channelOf('slack:T1:C1:1.2')).toBeUndefined();
  });
});
