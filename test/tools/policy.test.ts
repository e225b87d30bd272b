import { expect, test } from 'vitest';
import { effectOf } from '../../src/tools/effect.ts';
import { callDigest, gate } from '../../src/tools/policy.ts';

const none = { autoApprove: new Set<string>() };
const all = { autoApprove: new Set(['r', 'w', 'd']) };

test('what only reads runs; the rest asks', () => {
  expect(gate({ name: 'r', effect: 'read' }, none)).toBe('run');
  expect(gate({ name: 'w', effect: 'write' }, none)).toBe('ask');
  expect(gate({ name: 'd', effect: 'destructive' }, none)).toBe('ask');
});

test('policy may approve a write beforehand, never what destroys', () => {
  expect(gate({ name: 'w', effect: 'write' }, all)).toBe('run');
  expect(gate({ name: 'other', effect: 'write' }, all)).toBe('ask');
  expect(gate({ name: 'd', effect: 'destructive' }, all)).toBe('ask');
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
