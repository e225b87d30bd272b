import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { Cipher } from './port.ts';

/** What was sealed cannot be opened: by another key, for another purpose, or it was changed. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

const format = 'v1';
const ivBytes = 12;
const tagBytes = 16;

interface Key {
  readonly id: string;
  readonly bytes: Buffer;
}

/**
 * AES-256-GCM by keys of 32 bytes. The first one seals, each of them opens: a key is replaced by putting
 * the new one in front. What is sealed reads `v1.<key id>.<iv, text and tag in base64url>`.
 */
export function createCipher(keys: readonly [Buffer, ...Buffer[]]): Cipher {
  const known = keys.map((bytes): Key => ({ id: idOf(bytes), bytes }));
  const [first] = keys;
  const sealing: Key = { id: idOf(first), bytes: first };
  return {
    seal: (text, purpose) => seal(text, purpose, sealing),
    open: (sealed, purpose) => open(sealed, purpose, known),
  };
}

/** Tells keys apart and says nothing of them. */
function idOf(bytes: Buffer): string {
  return createHash('sha256').update('key id').update(bytes).digest('hex').slice(0, 8);
}

function seal(text: string, purpose: string, { id, bytes }: Key): string {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', bytes, iv, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(purpose));
  const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return [format, id, sealed.toString('base64url')].join('.');
}

function open(sealed: string, purpose: string, keys: readonly Key[]): string {
  const [version, id, body = ''] = sealed.split('.');
  const key = keys.find((known) => known.id === id);
  if (version !== format || key === undefined)
    throw new SealError('It was sealed by a key that is not there. Add that key to AI_OPS_ENCRYPTION_KEY.');
  try {
    const bytes = Buffer.from(body, 'base64url');
    const cipher = createDecipheriv('aes-256-gcm', key.bytes, bytes.subarray(0, ivBytes), {
      authTagLength: tagBytes,
    });
    cipher.setAAD(Buffer.from(purpose));
    cipher.setAuthTag(bytes.subarray(-tagBytes));
    return `${cipher.update(bytes.subarray(ivBytes, -tagBytes), undefined, 'utf8')}${cipher.final('utf8')}`;
  } catch (cause) {
    throw new SealError('What was sealed was changed, or sealed for something else.', { cause });
  }
}
