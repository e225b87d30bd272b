import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SecretError } from '../../src/access/secrets.ts';
import { createVault, type VaultOptions } from '../../src/access/vault.ts';
import { type MovableClock, movableClock } from '../bot/clock.ts';
import { silentLog } from '../fakes/log.ts';
import { freePort } from '../fakes/ports.ts';
import { type FakeVault, type FakeVaultOptions, startVault } from '../fakes/vault.ts';

const certificate = fileURLToPath(new URL('../fixtures/tls/localhost.crt', import.meta.url));
const key = fileURLToPath(new URL('../fixtures/tls/localhost.key', import.meta.url));
const tls = { key: readFileSync(key), cert: readFileSync(certificate) };

const closings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

let clock: MovableClock;
beforeEach(() => {
  clock = movableClock();
});

/** A Vault with one secret, and a token that is good for ever. */
async function open(options: Partial<FakeVaultOptions> = {}): Promise<FakeVault> {
  const fake = await startVault({ clock, ...options });
  closings.push(fake.close);
  fake.issue('root-token', { seconds: 0 });
  fake.put('kv/prod/bot', { key: 'sk-first', other: ' padded\n', count: 7, empty: ' ' });
  return fake;
}

function client(fake: { readonly url: string }, options: Partial<VaultOptions> = {}) {
  const signIn = { kind: 'token', token: 'root-token' } as const;
  return createVault({ address: fake.url, signIn, clock, log: silentLog, pauseMs: 0, ...options });
}

const reads = (fake: FakeVault) => fake.requests.filter((request) => request.includes('/data/')).length;

async function failureOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SecretError);
  return error instanceof Error ? error.message : '';
}

describe('a secret in Vault', () => {
  it('is the field of its latest version, without line breaks around it', async () => {
    const fake = await open();
    fake.put('kv/prod/bot', { key: 'sk-second', other: ' padded\n' });
    const vault = client(fake);
    expect(await vault.read('vault:kv/prod/bot#key')).toBe('sk-second');
    expect(await vault.read('vault:kv/prod/bot#other')).toBe('padded');
    expect(fake.requests).toEqual(['GET /v1/auth/token/lookup-self', 'GET /v1/kv/data/prod/bot']);
  });

  it('is found under a mount with slashes, in a path with odd letters and behind a prefix of the address', async () => {
    const fake = await open();
    fake.put('team/kv/möbel+1', { key: 'sk-odd' });
    expect(await client({ url: `${fake.url}/` }).read('vault:team%2Fkv/möbel+1#key')).toBe('sk-odd');
    await failureOf(client({ url: `${fake.url}/proxied/` }).read('vault:kv/prod/bot#key'));
    expect(fake.requests.at(-1)).toBe('GET /proxied/v1/kv/data/prod/bot');
  });

  it('is found in the namespace and nowhere else', async () => {
    const fake = await open({ namespace: 'ops/team' });
    const vault = client(fake, { namespace: 'ops/team' });
    expect(await vault.read('vault:kv/prod/bot#key')).toBe('sk-first');
    expect(await failureOf(client(fake).read('vault:kv/prod/bot#key'))).toContain('VAULT_NAMESPACE');
  });

  it.each([
    ['vault:kv/prod/none#key', 'Vault has nothing at prod/none of a KV version 2 engine kv.'],
    ['vault:nowhere/prod/bot#key', 'Vault has nothing at prod/bot of a KV version 2 engine nowhere.'],
    ['vault:kv/prod/bot#nope', 'it has no field nope.'],
    ['vault:kv/prod/bot#constructor', 'it has no field constructor.'],
    ['vault:kv/prod/bot#count', 'Its field count is not a text.'],
    ['vault:kv/prod/bot#empty', 'Its field empty is empty.'],
  ])('that is not there is named, with what to do: %s', async (reference, sentence) => {
    const said = await failureOf(client(await open()).read(reference));
    expect(said).toContain(`The secret ${reference} cannot be read. `);
    expect(said).toContain(sentence);
  });

  it.each([
    ['deleted', 'Its latest version was deleted (2026-03-01T10:00:00.5Z).'],
    ['destroyed', 'Its latest version was destroyed.'],
  ] as const)('that was %s says so', async (how, sentence) => {
    const fake = await open();
    fake.remove('kv/prod/bot', how);
    expect(await failureOf(client(fake).read('vault:kv/prod/bot#key'))).toContain(sentence);
  });

  it('is not asked for when its reference is malformed, which is not repeated', async () => {
    const fake = await open();
    const said = await failureOf(client(fake).read('vault:kv/../sys/raw#key'));
    expect(said).toContain('is not named as vault:mount/path#field');
    expect(said).not.toContain('sys/raw');
    expect(fake.requests).toEqual([]);
  });

  it('that no policy allows names the policy', async () => {
    const fake = await open();
    fake.forbidden.add('kv/data/prod/bot');
    const said = await failureOf(client(fake).read('vault:kv/prod/bot#key'));
    expect(said).toContain('(403: 1 error occurred: * permission denied)');
    expect(said).toContain('Give its policy read on kv/data/prod/bot');
  });
});

describe('a secret that was read', () => {
  it('is kept for a minute, with all fields of its path', async () => {
    const fake = await open();
    const vault = client(fake);
    await vault.read('vault:kv/prod/bot#key');
    fake.put('kv/prod/bot', { key: 'sk-second' });
    clock.forward(59_000);
    expect(await vault.read('vault:kv/prod/bot#key')).toBe('sk-first');
    expect(reads(fake)).toBe(1);
    clock.forward(2_000);
    expect(await vault.read('vault:kv/prod/bot#key')).toBe('sk-second');
  });

  it('is read once for all who ask at the same time', async () => {
    const fake = await open();
    const vault = client(fake);
    const asked = ['key', 'other', 'key'].map((field) => vault.read(`vault:kv/prod/bot#${field}`));
    expect(await Promise.all(asked)).toEqual(['sk-first', 'padded', 'sk-first']);
    expect(fake.requests).toHaveLength(2);
  });

  it('is asked for anew once it was forgotten', async () => {
    const fake = await open();
    const vault = client(fake);
    await vault.read('vault:kv/prod/bot#key');
    fake.put('kv/prod/bot', { key: 'sk-second' });
    vault.forget('vault:kv/elsewhere#key');
    expect(await vault.read('vault:kv/prod/bot#key')).toBe('sk-first');
    vault.forget('vault:kv/prod/bot#key');
    expect(await vault.read('vault:kv/prod/bot#key')).toBe('sk-second');
  });

  it('is not kept when it could not be read', async () => {
    const fake = await open();
    const vault = client(fake);
    await failureOf(vault.read('vault:kv/later#key'));
    fake.put('kv/later', { key: 'sk-later' });
    expect(await vault.read('vault:kv/later#key')).toBe('sk-later');
  });
});

describe('a Vault that fails', () => {
  it.each([
    ['fails', { status: 500 }],
    ['is behind the others', { status: 412 }],
    ['limits requests', { status: 429, headers: { 'retry-after': '0' } }],
  ])('once, because it %s, is asked again', async (_why, fault) => {
    const fake = await open();
    const vault = client(fake);
    await vault.tend();
    fake.fail(fault);
    expect(await vault.read('vault:kv/prod/bot#key')).toBe('sk-first');
  });

  it.each([
    [{ status: 500, body: '{"errors":["internal error"]}' }, 'Vault failed (500: internal error).'],
    [{ status: 503, body: 'upstream connect error' }, 'Vault is not available (503).'],
    [{ status: 429, headers: { 'retry-after': '0' } }, 'Vault takes no more requests for now (429).'],
  ])('twice is left alone, with a sentence: %j', async (fault, sentence) => {
    const fake = await open();
    const vault = client(fake);
    await vault.tend();
    fake.fail(fault, fault);
    expect(await failureOf(vault.read('vault:kv/prod/bot#key'))).toContain(sentence);
    expect(reads(fake)).toBe(2);
  });

  it('is not waited for when it asks for long', async () => {
    const fake = await open();
    const vault = client(fake);
    await vault.tend();
    fake.fail({ status: 429, headers: { 'retry-after': '60' } });
    expect(await failureOf(vault.read('vault:kv/prod/bot#key'))).toContain('it asks to wait 60 s');
    expect(reads(fake)).toBe(1);
  });

  it('because it is sealed says so, and serves again once it is unsealed', async () => {
    const fake = await open();
    const vault = client(fake);
    fake.sealed = true;
    expect(await failureOf(vault.read('vault:kv/prod/bot#key'))).toContain('Vault is sealed. Unseal it.');
    fake.sealed = false;
    expect(await vault.read('vault:kv/prod/bot#key')).toBe('sk-first');
  });

  it('to answer in time is given up', async () => {
    const fake = await open();
    fake.silent = true;
    const said = await failureOf(client(fake, { timeoutMs: 100 }).read('vault:kv/prod/bot#key'));
    expect(said).toContain('Vault did not answer within 0.1 s.');
  });

  it('to listen is named with its cause', async () => {
    const nobody = { url: `http://127.0.0.1:${await freePort()}` };
    const said = await failureOf(client(nobody).read('vault:kv/prod/bot#key'));
    expect(said).toContain('Vault cannot be reached (ECONNREFUSED). Check VAULT_ADDR');
  });

  it.each([
    ['something else', '<html>', 'is not a secret of a KV version 2 engine'],
    ['a secret of KV version 1', '{"data":{"key":"sk-v1"}}', 'is not a secret of a KV version 2 engine'],
    ['too much', JSON.stringify({ data: 'x'.repeat(1024 * 1024) }), 'more than 1 MiB'],
  ])('by answering %s is told from one that is right', async (_what, body, sentence) => {
    const fake = await open();
    const vault = client(fake);
    await vault.tend();
    fake.fail({ status: 200, body });
    expect(await failureOf(vault.read('vault:kv/prod/bot#key'))).toContain(sentence);
  });

  it('by repeating the token does not show it', async () => {
    const fake = await open();
    const vault = client(fake);
    await vault.tend();
    fake.fail({ status: 400, body: '{"errors":["bad token root-token"]}' });
    const said = await failureOf(vault.read('vault:kv/prod/bot#key'));
    expect(said).toContain('Vault refuses it (400: bad token ***).');
  });

  it('to be the active node is not followed elsewhere with the token', async () => {
    const heard: unknown[] = [];
    const other = createServer((request, response) => {
      heard.push(request.headers);
      response.end('{}');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    closings.push(() => new Promise((resolve) => other.close(resolve)));
    const { port } = other.address() as AddressInfo;
    const fake = await open();
    const vault = client(fake);
    await vault.tend();
    fake.fail({ status: 307, headers: { location: `http://127.0.0.1:${port}/v1/kv/data/prod/bot` } });
    const said = await failureOf(vault.read('vault:kv/prod/bot#key'));
    expect(said).toContain(`Vault redirects to http://127.0.0.1:${port}`);
    expect(heard).toEqual([]);
  });
});

describe('a Vault behind TLS', () => {
  it('is trusted when its CA is named', async () => {
    const fake = await open({ tls });
    expect(await client(fake, { caFile: certificate }).read('vault:kv/prod/bot#key')).toBe('sk-first');
  });

  it('is not trusted otherwise, and hears nothing', async () => {
    const fake = await open({ tls });
    const said = await failureOf(client(fake).read('vault:kv/prod/bot#key'));
    expect(said).toMatch(/Vault’s TLS certificate is not trusted \([A-Z_]+\)\. .*VAULT_CACERT/);
    expect(fake.requests).toEqual([]);
  });

  it('needs the file of its CA', async () => {
    const fake = await open({ tls });
    const said = await failureOf(client(fake, { caFile: '/nowhere/ca.pem' }).read('vault:kv/prod/bot#key'));
    expect(said).toContain('VAULT_CACERT /nowhere/ca.pem cannot be read.');
  });
});
