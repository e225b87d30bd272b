import { describe, expect, it } from 'vitest';
import { decodeThreadId, encodeThreadId, roomOf } from '../../../adapters/teams/thread-id.ts';

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
});
