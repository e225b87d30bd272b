import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SecretError } from '../../src/access/secrets.ts';
import { createVault } from '../../src/access/vault.ts';
import { startVaultKeeper } from '../../src/access/vault-keeper.ts';
import type { VaultSignIn } from '../../src/access/vault-session.ts';
import { type MovableClock, movableClock } from '../bot/clock.ts';
import { silentLog } from '../fakes/log.ts';
import { recordingLog } from '../fakes/recording-log.ts';
import { type FakeVault, startVault } from '../fakes/vault.ts';

let clock: MovableClock;
let fake: FakeVault;
let told: string[];
beforeEach(async () => {
  clock = movableClock();
  told = [];
  fake = await startVault({ clock });
  fake.put('kv/bot', { key: 'sk-value' });
});
afterEach(() => fake.close());

const reference = 'vault:kv/bot#key';
const minuteMs = 60_000;

function client(signIn: VaultSignIn, log = silentLog) {
  const handedOut = (secret: string) => told.push(secret);
  return createVault({ address: fake.url, signIn, clock, log, handedOut, pauseMs: 0 });
}

/** Requests about the token, in order; reading a secret is left out. */
const signing = () =>
  fake.requests
    .filter((request) => request.includes('/auth/'))
    .map((request) => request.replace(/.*\/auth\//, ''));

describe('a bot that signs in by AppRole', () => {
  const signIn = (): VaultSignIn => ({ kind: 'approle', ...fake.approle });

  it('does so when a secret is first needed, and once for all', async () => {
    const vault = client(signIn());
    await vault.tend();
    expect(fake.requests).toEqual([]);
    fake.put('kv/more', { key: 'sk-more' });
    expect(await Promise.all([vault.read(reference), vault.read('vault:kv/more#key')])).toEqual([
      'sk-value',
      'sk-more',
    ]);
    expect(signing()).toEqual(['approle/login']);
    expect(told).toEqual([expect.stringMatching(/^hvs\./)]);
  });

  it('renews its token when two thirds of the lease have passed', async () => {
    const vault = client(signIn());
    await vault.read(reference);
    clock.forward(39 * minuteMs);
    await vault.read(reference);
    expect(signing()).toEqual(['approle/login']);
    clock.forward(2 * minuteMs);
    await vault.read(reference);
    clock.forward(39 * minuteMs);
    await vault.read(reference);
    expect(signing()).toEqual(['approle/login', 'token/renew-self']);
  });

  it('signs in again when its token cannot be renewed', async () => {
    fake.terms = { seconds: 3600, renewable: false };
    const vault = client(signIn());
    await vault.read(reference);
    clock.forward(41 * minuteMs);
    await vault.read(reference);
    expect(signing()).toEqual(['approle/login', 'approle/login']);
  });

  it('signs in again when its token has run out', async () => {
    const vault = client(signIn());
    await vault.read(reference);
    clock.forward(61 * minuteMs);
    expect(await vault.read(reference)).toBe('sk-value');
    expect(signing()).toEqual(['approle/login', 'approle/login']);
  });

  it('signs in again when renewing brings little more', async () => {
    fake.terms = { seconds: 3600, renewable: true, maxSeconds: 3700 };
    const vault = client(signIn());
    await vault.read(reference);
    clock.forward(41 * minuteMs);
    await vault.read(reference);
    clock.forward(15 * minuteMs);
    await vault.read(reference);
    expect(signing()).toEqual(['approle/login', 'token/renew-self', 'approle/login']);
  });

  it('signs in again when its token was revoked', async () => {
    const vault = client(signIn());
    await vault.read(reference);
    fake.revoke();
    vault.forget(reference);
    expect(await vault.read(reference)).toBe('sk-value');
    expect(signing()).toEqual(['approle/login', 'token/lookup-self', 'approle/login']);
  });

  it('does not sign in again for what its policy forbids', async () => {
    const vault = client(signIn());
    fake.forbidden.add('kv/data/bot');
    for (let n = 0; n < 3; n += 1)
      await expect(vault.read(reference)).rejects.toThrow('Give its policy read');
    expect(signing().filter((request) => request === 'approle/login')).toHaveLength(1);
  });

  it('says what to check when it is refused, without the secret id', async () => {
    const wrong = client({ kind: 'approle', ...fake.approle, secretId: 'wrong-secret-id' });
    const error = await wrong.read(reference).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SecretError);
    expect(String(error)).toContain(
      'sign in at auth/approle (400: invalid role or secret ID). Check VAULT_ROLE_ID',
    );
    expect(String(error)).not.toContain('wrong-secret-id');
  });

  it('says where it is not mounted', async () => {
    const elsewhere = client({ kind: 'approle', ...fake.approle, mount: 'team/approle' });
    await expect(elsewhere.read(reference)).rejects.toThrow('sign in at auth/team/approle (403');
  });

  it('goes on with a good token while Vault cannot renew it, and renews it later', async () => {
    const { log, entries } = recordingLog();
    const vault = client(signIn(), log);
    await vault.read(reference);
    clock.forward(41 * minuteMs);
    fake.fail({ status: 500 }, { status: 500 });
    expect(await vault.read(reference)).toBe('sk-value');
    expect(entries.map(([event]) => event)).toEqual(['vault_token_not_renewed']);
    clock.forward(minuteMs);
    await vault.tend();
    clock.forward(50 * minuteMs);
    expect(await vault.read(reference)).toBe('sk-value');
    expect(signing().filter((request) => request === 'approle/login')).toHaveLength(1);
  });
});

describe('a bot that signs in by Kubernetes', () => {
  it('reads the token of its service account each time', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ai-ops-jwt-'));
    const tokenPath = join(folder, 'token');
    try {
      const vault = client({ kind: 'kubernetes', mount: 'kubernetes', role: 'ai-ops', tokenPath });
      await expect(vault.read(reference)).rejects.toThrow(`cannot be read from ${tokenPath}`);
      await writeFile(tokenPath, 'jwt-of-the-pod\n');
      expect(await vault.read(reference)).toBe('sk-value');
      fake.kubernetes.jwt = 'jwt-after-rotation';
      await writeFile(tokenPath, 'jwt-after-rotation');
      clock.forward(61 * minuteMs);
      expect(await vault.read(reference)).toBe('sk-value');
      expect(told).toEqual(expect.arrayContaining(['jwt-of-the-pod', 'jwt-after-rotation']));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('says what to check when it is refused', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ai-ops-jwt-'));
    const tokenPath = join(folder, 'token');
    try {
      await writeFile(tokenPath, 'jwt-of-another-pod');
      const vault = client({ kind: 'kubernetes', mount: 'kubernetes', role: 'ai-ops', tokenPath });
      await expect(vault.read(reference)).rejects.toThrow(
        'sign in at auth/kubernetes (403: permission denied). Check VAULT_K8S_ROLE',
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('a bot with a token', () => {
  const signIn: VaultSignIn = { kind: 'token', token: 'given-token' };

  it('renews it while nothing is read', async () => {
    fake.issue('given-token', { seconds: 3600, renewable: true });
    const vault = client(signIn);
    for (let minutes = 0; minutes < 300; minutes += 10) {
      await vault.tend();
      clock.forward(10 * minuteMs);
    }
    expect(await vault.read(reference)).toBe('sk-value');
    expect(signing()[0]).toBe('token/lookup-self');
    expect(new Set(signing().slice(1))).toEqual(new Set(['token/renew-self']));
  });

  it('that is good for ever leaves it alone', async () => {
    fake.issue('given-token', { seconds: 0 });
    const vault = client(signIn);
    await vault.read(reference);
    clock.forward(10_000 * minuteMs);
    await vault.read(reference);
    expect(signing()).toEqual(['token/lookup-self']);
  });

  it('that cannot be renewed uses it as long as it works, and then says so', async () => {
    fake.issue('given-token', { seconds: 3600, renewable: false });
    const vault = client(signIn);
    await vault.read(reference);
    clock.forward(59 * minuteMs);
    expect(await vault.read(reference)).toBe('sk-value');
    clock.forward(2 * minuteMs);
    await expect(vault.read(reference)).rejects.toThrow(
      'invalid token). Give its policy read on kv/data/bot, and check its token',
    );
    expect(signing()).toEqual(['token/lookup-self']);
  });

  it('that may not look at itself uses it all the same', async () => {
    fake.issue('given-token', { seconds: 3600, hasDefaultPolicy: false });
    expect(await client(signIn).read(reference)).toBe('sk-value');
  });

  it('that may not renew itself is warned of it, and goes on', async () => {
    const { log, entries } = recordingLog();
    fake.issue('given-token', { seconds: 3600, renewable: true, maxSeconds: 3600 });
    const vault = client(signIn, log);
    await vault.read(reference);
    clock.forward(41 * minuteMs);
    fake.fail({ status: 403, body: '{"errors":["permission denied"]}' });
    expect(await vault.read(reference)).toBe('sk-value');
    expect(entries.map(([event, { error }]) => [event, String(error)])).toEqual([
      ['vault_token_not_renewed', expect.stringContaining('(403: permission denied). Issue another before')],
    ]);
  });
});

describe('the keeper of the token', () => {
  it('tends it by itself until it is stopped', async () => {
    fake.issue('given-token', { seconds: 3600, renewable: true });
    const vault = client({ kind: 'token', token: 'given-token' });
    const keeper = startVaultKeeper({ vault, clock, log: silentLog, everyMs: 5 });
    await expect.poll(signing).toEqual(['token/lookup-self']);
    clock.forward(41 * minuteMs);
    await expect.poll(signing).toEqual(['token/lookup-self', 'token/renew-self']);
    keeper.stop();
  });

  it('warns once in a while when Vault is away', async () => {
    const { log, entries } = recordingLog();
    fake.sealed = true;
    const keeper = startVaultKeeper({
      vault: client({ kind: 'token', token: 'given-token' }),
      clock,
      log,
      everyMs: 5,
    });
    await expect.poll(() => fake.requests.length).toBeGreaterThan(8);
    keeper.stop();
    expect(entries).toEqual([
      ['vault_not_available', { error: expect.objectContaining({ message: 'Vault is sealed. Unseal it.' }) }],
    ]);
  });
});
