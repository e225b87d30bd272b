import type { Post } from '../../src/chat/adapter.ts';
import type { Json } from '../../src/chat/json.ts';
import { isCode } from './call-error.ts';
import { type Message, withoutBlocks } from './render.ts';

const blockCodes = [
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'block_mismatch',
] as const;

/** The same in plain words where Slack refuses the blocks. */
export async function unlessRefused(
  { message, n }: { readonly message: Message; readonly n: number },
  { reply }: Post,
  call: (content: Message) => Promise<Json>,
): Promise<Json> {
  try {
    return await call(message);
  } catch (error) {
    if (!isCode(error, ...blockCodes)) throw error;
    return await call(withoutBlocks(message, reply, n));
  }
}
