import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createCipher } from '../../src/access/cipher.ts';
import { keyIn, parseKey } from '../../src/access/encryption-key.ts';

const [old, fresh] = [randomBytes(32), randomBytes(32)];

describe('a cipher', () => {
  it('opens what it sealed, and shows none of it', () => {
    const cipher = createCipher([fresh]);
    const sealed = cipher.seal('a token — ünïcode', 'tokens');
    expect(sealed).toMatch(/^v1\.[0-9a-f]{8}\.[A-Za-z0-9_-]+$/);
    expect(Buffer.from(sealed.split('.')[2] ?? '', 'base64url').toString('latin1')).not.toContain('token');
    expect(cipher.open(sealed, 'tokens')).toBe('a token — ünïcode');
    expect(cipher.seal('a token — ünïcode', 'tokens')).not.toBe(sealed);
  });

  it('opens it for nothing else, and not when it was changed', () => {
    const cipher = createCipher([fresh]);
    const sealed = cipher.seal('secret', 'tokens of Ada');
    expect(() => cipher.open(sealed, 'tokens of Bob')).toThrow('for something else');
    const last = sealed.at(-3) === 'A' ? 'B' : 'A';
    expect(() => cipher.open(`${sealed.slice(0, -3)}${last}${sealed.slice(-2)}`, 'tokens of Ada')).toThrow(
      'was changed',
    );
    expect(() => cipher.open('', 'tokens of Ada')).toThrow('AI_OPS_ENCRYPTION_KEY');
  });

  it('still opens what the key before sealed', () => {
    const sealed = createCipher([old]).seal('secret', 'tokens');
    expect(createCipher([fresh, old]).open(sealed, 'tokens')).toBe('secret');
    expect(() => createCipher([fresh]).open(sealed, 'tokens')).toThrow('AI_OPS_ENCRYPTION_KEY');
  });
});

describe('an encryption key', () => {
  it('is written in base64, base64url or hex', () => {
    for (const form of ['base64', 'base64url', 'hex'] as const)
      expect(parseKey(fresh.toString(form))).toEqual(fresh);
  });

  it.each(['', 'a-password', 'ab'.repeat(31), 'z'.repeat(64)])('is not %j', (text) => {
    expect(parseKey(text)).toBeUndefined();
  });

  it('is made once in a folder, for its owner alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ai-ops-key-'));
    const [one, same] = await Promise.all([keyIn(folder), keyIn(folder)]);
    expect(one).toHaveLength(32);
    expect(same).toEqual(one);
    expect(await keyIn(folder)).toEqual(one);
    expect((await stat(join(folder, 'encryption.key'))).mode & 0o777).toBe(0o600);
    await writeFile(join(folder, 'encryption.key'), 'nonsense');
    await expect(keyIn(folder)).rejects.toThrow('does not hold a key');
    await rm(folder, { recursive: true });
  });
});
