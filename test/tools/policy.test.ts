import { expect, test } from 'vitest';
import { effectOf } from '../../src/tools/effect.ts';
import { callDigest, gate } from '../../src/tools/policy.ts';

const none = { autoApprove: new Set<string>() };
const all = { autoApprove: new Set(['r', 'w', 'd']) };

const wanted = (name: string, effect: 'read' | 'write' | 'destructive') => ({
  tool: { name, effect },
  arguments: {},
  words: () => '',
});
const asks = { type: 'ask', reason: '' };
const runs = { type: 'run' };

test('what only reads runs; the rest asks', () => {
  expect(gate(wanted('r', 'read'), none)).toEqual(runs);
  expect(gate(wanted('w', 'write'), none)).toEqual(asks);
  expect(gate(wanted('d', 'destructive'), none)).toEqual(asks);
});

test('policy may approve a write beforehand, never what destroys', () => {
  expect(gate(wanted('w', 'write'), all)).toEqual(runs);
  expect(gate(wanted('other', 'write'), all)).toEqual(asks);
  expect(gate(wanted('d', 'destructive'), all)).toEqual(asks);
});

test.each([
  ['host__http_check', { url: 'https://Status.example.com/health?token=abc' }, 'status.example.com'],
  ['host__tcp_check', { host: '10.0.0.7', port: 22 }, '10.0.0.7'],
  ['host__dns_lookup', { name: 'c2VjcmV0.evil.example' }, 'c2vjcmv0.evil.example'],
  ['host__tls_certificate', { host: 'example.org' }, 'example.org'],
])('%s runs by itself only towards a host that a person named', (name, args, host) => {
  const call = { tool: { name, effect: 'read' as const }, arguments: args };
  expect(gate({ ...call, words: () => `Is ${host.toUpperCase()} up?` }, none)).toEqual(runs);
  expect(gate({ ...call, words: () => 'Read the log, please.' }, none)).toEqual({
    type: 'ask',
    reason: `It would reach ${host}, which nobody in this thread has named.`,
  });
});

test('a digest is that of the tool and its exact arguments, in whatever order they stand', () => {
  const digest = callDigest('k8s__scale', { name: 'web', replicas: 2 });
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  expect(callDigest('k8s__scale', { replicas: 2, name: 'web' })).toBe(digest);
  expect(callDigest('k8s__scale', { name: 'web', replicas: 3 })).not.toBe(digest);
  expect(callDigest('k8s__other', { name: 'web', replicas: 2 })).not.toBe(digest);
});

test.each([
  [{ readOnlyHint: true }, true, 'read'],
  [{ readOnlyHint: false, destructiveHint: false }, true, 'write'],
  [{ destructiveHint: true }, true, 'destructive'],
  [{}, true, 'write'],
  [{ readOnlyHint: true }, false, 'write'],
  [{ readOnlyHint: false, destructiveHint: false }, false, 'write'],
  [{ destructiveHint: true }, false, 'destructive'],
  [{ readOnlyHint: true, destructiveHint: true }, false, 'destructive'],
  [{}, false, 'write'],
] as const)('hints %j of a server that is trusted: %s make it %s', (hints, isTrusted, effect) => {
  expect(effectOf(hints, isTrusted)).toBe(effect);
});
