import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const keyBytes = 32;
const fileName = 'encryption.key';

/** The key that a text writes in base64, base64url or hex; undefined when that is not 32 bytes. */
export function parseKey(text: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.length === keyBytes ? bytes : undefined;
}

/**
 * The key that is kept in a folder, made when there is none; only its owner can read the file. Throws a
 * sentence when it cannot be read or made.
 */
export async function keyIn(folder: string): Promise<Buffer> {
  const path = join(folder, fileName);
  const made = `${randomBytes(keyBytes).toString('base64')}\n`;
  await writeFile(path, made, { mode: 0o600, flag: 'wx' }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw unusable(path, error);
  });
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw unusable(path, error);
  });
  const key = parseKey(text.trim());
  if (key === undefined)
    throw new Error(`${path} does not hold a key of 32 bytes. Restore it, or delete it and sign in anew.`);
  return key;
}

function unusable(path: string, cause: unknown): Error {
  return new Error(`${path} cannot be read or made; set AI_OPS_ENCRYPTION_KEY.`, { cause });
}
