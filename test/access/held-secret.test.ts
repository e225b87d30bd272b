import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { heldSecret, heldSentence } from '../../src/access/held-secret.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const pkcs1 = rsa.export({ type: 'pkcs1', format: 'pem' }).toString();
const sealed = rsa
  .export({ type: 'pkcs1', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' })
  .toString();
const openssh = `-----BEGIN OPENSSH PRIVATE KEY-----\n${'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ'.repeat(3)}\n-----END OPENSSH PRIVATE KEY-----`;
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: 'ada' })}.${'s'.repeat(43)}`;
const letters = (count: number) => 'aB3dE6gH9jK2'.repeat(10).slice(0, count);

describe('a text', () => {
  it.each([
    ['a private key', pkcs8],
    ['a private key', pkcs1],
    ['a private key', sealed],
    ['a private key', openssh],
    ['a private key', JSON.stringify({ key: pkcs8 })],
    ['a private key', `Use this: ${pkcs8.replaceAll('\n', ' ')} for all.`],
    ['a signed token (JWT)', jwt],
    ['a signed token (JWT)', `Authorization: Bearer ${jwt}.`],
    ['a URL with a password', 'postgres://bot:hunter2@db.acme.test/prod'],
    ['a URL with a password', 'Look at https://ada:s3cret@up.test/x first.'],
    ['a URL with a password', 'redis://:hunter2@cache:6379'],
    ['a key', `aws_secret_access_key = ${letters(40)}`],
    ['a key', `{"SecretAccessKey": "${letters(40)}"}`],
    ['a key', `AIza${letters(35)}`],
    ['a key', `glpat-${letters(20)}`],
    ['a key', `sk_live_${letters(24)}`],
    ['a key', `abc8Q~${letters(34)}`],
    ['a key', `DefaultEndpointsProtocol=https;AccountKey=${letters(86)}==`],
    ['a key', `github_pat_${letters(30)}`],
    ['a key', `hvs.${letters(24)}`],
    ['a key', `https://hooks.slack.com/services/T0AB/B0CD/${letters(24)}`],
  ] as const)('holds %s', (held, text) => {
    expect(heldSecret(text)).toBe(held);
    expect(heldSentence(held)).toMatch(/^This holds what looks like /);
  });

  it.each([
    'A PEM begins with -----BEGIN PRIVATE KEY----- and ends with -----END PRIVATE KEY-----.',
    '-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----',
    '-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEAAAAAAAAAAAAAAAA\n-----END PUBLIC KEY-----',
    'postgres://host/db',
    'postgres://bot@host/db',
    'postgres://bot:$PASSWORD@host/db',
    'postgres://bot:***@host/db',
    'mail ada@acme.test: it is at https://up.test:8443/a@b',
    'user@host',
    'docs.example.internal.acme.test',
    'The header of a JWT looks like eyJhbGciOiJIUzI1NiJ9.',
    'task-force-of-the-night-shift-and-others',
    '0123456789abcdef0123456789abcdef01234567',
  ])('may be %j', (text) => {
    expect(heldSecret(text)).toBeUndefined();
  });

  it('that is long costs little', () => {
    const begun = performance.now();
    for (const long of [
      'a.'.repeat(50_000),
      'ab:'.repeat(30_000),
      '-----BEGIN A '.repeat(8000),
      letters(12).repeat(9000),
    ])
      heldSecret(long);
    expect(performance.now() - begun).toBeLessThan(2000);
  });
});
