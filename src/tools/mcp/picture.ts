import type { Image } from '../../agent/tool.ts';

const maxImageBytes = 5_000_000;

/** What the files of each type begin with, in hex; dots stand for any digit. */
const beginnings: readonly (readonly [Image['mimeType'], RegExp])[] = [
  ['image/png', /^89504e470d0a1a0a/],
  ['image/jpeg', /^ffd8ff/],
  ['image/gif', /^47494638/],
  ['image/webp', /^52494646.{8}57454250/],
];

/**
 * The picture that a server says these bytes are, in base64, by what they really begin with: vendors
 * refuse a whole request for one picture that is none or of another type. Undefined: no picture that
 * models can be shown, or too large a one.
 */
export function pictureIn(mimeType: string, base64: string): Image | undefined {
  if (!mimeType.toLowerCase().startsWith('image/')) return undefined;
  if (Buffer.byteLength(base64, 'base64') > maxImageBytes) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  const head = bytes.toString('hex', 0, 12);
  const type = beginnings.find(([, beginning]) => beginning.test(head))?.[0];
  return type === undefined ? undefined : { mimeType: type, data: bytes.toString('base64') };
}
