import { describe, expect, it } from 'vitest';
import { type ChatRequest, parseChat, parseDecision } from '../../../adapters/web/inbound.ts';

const author = { principal: 'token:ci', name: 'CI' };

function parse(body: unknown, more: Partial<ChatRequest> = {}) {
  let made = 0;
  return parseChat({ author, body, ...more }, () => `id-${++made}`);
}

function accepted(body: unknown, more: Partial<ChatRequest> = {}) {
  const parsed = parse(body, more);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.fields));
  return parsed.value;
}

describe('a chat request', () => {
  it('becomes an inbound message in a thread of its caller', () => {
    expect(accepted({ message: 'hello', thread_id: 'deploy:1' })).toMatchObject({
      threadId: 'web:token%3Aci:deploy%3A1',
      author,
      text: 'hello',
    });
  });

  it('begins a thread when it names none', () => {
    expect(accepted({ message: 'hello' }).threadId).toBe('web:token%3Aci:id-1');
    expect(accepted({ message: 'hello', thread_id: null }).threadId).toBe('web:token%3Aci:id-1');
  });

  it('is a repetition only by its idempotency key, and the key is its caller’s own', () => {
    const key = (principal: string, idempotencyKey?: string) =>
      accepted({ message: 'hi' }, { author: { principal, name: '' }, idempotencyKey }).dedupeKeys;
    expect(key('token:a', 'k:1')).toEqual(['idem:token%3Aa:k%3A1']);
    expect(key('token:a', 'b:c')).not.toEqual(key('token:a:b', 'c'));
    expect(parse({ message: 'hi' })).not.toEqual(
      parseChat({ author, body: { message: 'hi' } }, () => 'other'),
    );
  });

  it('has the same fingerprint for the same body, whatever the order of its fields', () => {
    const print = (body: unknown) => accepted(body).fingerprint;
    expect(print({ message: 'a', thread_id: 't' })).toBe(print({ thread_id: 't', message: 'a' }));
    expect(print({ message: 'a', thread_id: 't' })).not.toBe(print({ message: 'a' }));
    expect(print({ message: 'a' })).not.toBe(print({ message: 'b' }));
  });

  it('loses what PostgreSQL cannot store', () => {
    expect(accepted({ message: 'a\0b\ud800c' }).text).toBe('a\u{fffd}b\u{fffd}c');
  });

  it('carries its trace context when that is well formed', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(accepted({ message: 'a' }, { traceparent }).traceparent).toBe(traceparent);
    expect(accepted({ message: 'a' }, { traceparent: 'nonsense' })).not.toHaveProperty('traceparent');
  });

  it.each([
    [{}, 'message', 'A message is required.'],
    [{ message: 7 }, 'message', 'A message is required.'],
    [{ message: ' \n' }, 'message', 'The message may not be blank.'],
    [{ message: 'x'.repeat(32_001) }, 'message', 'Messages hold at most 32,000 characters.'],
    [
      { message: 'a', thread_id: 'a/b' },
      'thread_id',
      'A thread id has 1 to 128 characters: letters, digits, and . _ : -',
    ],
    [{ message: 'a', model: 'x' }, 'model', 'There is no such field.'],
    [['a'], 'non_field_errors', 'The body must be a JSON object.'],
    [null, 'non_field_errors', 'The body must be a JSON object.'],
  ])('%j is refused with a sentence on %s', (body, field, sentence) => {
    expect(parse(body)).toEqual({ ok: false, fields: { [field]: [sentence] } });
  });

  it('with a malformed idempotency key is refused', () => {
    for (const idempotencyKey of ['', 'a b', 'x'.repeat(256), 'ü']) {
      expect(parse({ message: 'a' }, { idempotencyKey })).toMatchObject({
        ok: false,
        fields: { 'Idempotency-Key': [expect.any(String)] },
      });
    }
  });
});

describe('a decision', () => {
  it('approves or denies, with an optional reason', () => {
    expect(parseDecision({ decision: 'approve' })).toEqual({ ok: true, value: { decision: 'approve' } });
    expect(parseDecision({ decision: 'deny', reason: ' no ' })).toEqual({
      ok: true,
      value: { decision: 'deny', reason: 'no' },
    });
    expect(parseDecision({ decision: 'answer', values: { count: 2 } })).toEqual({
      ok: true,
      value: { decision: 'answer', values: { count: 2 } },
    });
    expect(parseDecision({ decision: 'answer', values: 'two' })).toEqual({
      ok: false,
      fields: { values: ['Values are a JSON object.'] },
    });
    expect(parseDecision({ decision: 'edit', arguments: { host: 'db2' }, reason: 'no' })).toEqual({
      ok: true,
      value: { decision: 'edit', arguments: { host: 'db2' }, reason: 'no' },
    });
    expect(parseDecision({ decision: 'edit', arguments: ['db2'] })).toEqual({
      ok: false,
      fields: { arguments: ['Arguments are a JSON object.'] },
    });
    expect(parseDecision({ decision: 'respond', message: ' It is up. ' })).toEqual({
      ok: true,
      value: { decision: 'respond', message: 'It is up.' },
    });
    expect(parseDecision({ decision: 'respond', message: 'x'.repeat(4_001) })).toMatchObject({ ok: false });
    expect(parseDecision({ decision: 'approve', reason: '  ' })).toEqual({
      ok: true,
      value: { decision: 'approve' },
    });
  });

  it('is nothing else', () => {
    expect(parseDecision({ decision: 'maybe' })).toEqual({
      ok: false,
      fields: {
        decision: [
          'Decide with "approve", "deny", "edit" or "respond"; answer a form with "answer" or "decline".',
        ],
      },
    });
    expect(parseDecision({ decision: 'deny', reason: 'x'.repeat(2_001) })).toMatchObject({ ok: false });
  });
});
