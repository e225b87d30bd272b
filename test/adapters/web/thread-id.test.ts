import { describe, expect, it } from 'vitest';
import { decodeThreadId, encodeThreadId, SHORT_ID } from '../../../adapters/web/thread-id.ts';

describe('web thread ids', () => {
  it('can be read back', () => {
    for (const thread of [
      { principal: 'web:1', id: 'a:b.c_d-e' },
      { principal: 'token:ops*?[x]%', id: 'x'.repeat(128) },
      { principal: 'web:jürgen ü', id: '-' },
    ]) {
      expect(decodeThreadId(encodeThreadId(thread))).toEqual(thread);
    }
  });

  it('keep their parts apart, so that no id followed by a colon begins another', () => {
    const short = encodeThreadId({ principal: 'web:1', id: 'a' });
    const long = encodeThreadId({ principal: 'web:1', id: 'a:b' });
    expect(long.startsWith(`${short}:`)).toBe(false);
    expect(encodeThreadId({ principal: 'web', id: '1:a' })).not.toBe(
      encodeThreadId({ principal: 'web:1', id: 'a' }),
    );
  });

  it('hold no character of a glob pattern', () => {
    expect(encodeThreadId({ principal: 'token:*?[a]^\\', id: 'a' })).toBe(
      'web:token%3A%2A%3F%5Ba%5D%5E%5C:a',
    );
  });

  it('of other platforms, and malformed ones, are nobody’s', () => {
    for (const alien of [
      'slack:T1:C1:1.2',
      'web:a',
      'web:a:b:c',
      'web::b',
      'web:%:b',
      'web:%61:b',
      'web:a:b%20c',
      '',
    ]) {
      expect(decodeThreadId(alien), alien).toBeUndefined();
    }
  });

  it('let clients choose 1 to 128 plain characters', () => {
    expect(['a', 'A-z_0.9:', 'x'.repeat(128)].every((id) => SHORT_ID.test(id))).toBe(true);
    expect(['', 'x'.repeat(129), 'a b', 'a/b', 'ä', 'a\n'].some((id) => SHORT_ID.test(id))).toBe(false);
  });
});
