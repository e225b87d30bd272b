import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Message } from '../agent/messages.ts';

/** What stands for the beginning of a conversation. */
export const kept = z.object({
  text: z.string().min(1),
  /** Of each message that it stands for, oldest first. */
  marks: z.array(z.string()),
  /** Of the conversation that it was made of. */
  revision: z.string(),
});
export type Summary = z.infer<typeof kept>;

/** Fewer are not recognised: a single question may be asked again in another conversation. */
const fewest = 2;

/**
 * How many messages at the beginning a summary stands for; 0: it is about another conversation, one that
 * was cleared, or one of which something was taken back. The oldest may be missing: they were dropped.
 */
export function summarized({ marks }: Summary, messages: readonly Message[]): number {
  const own = marksOf(messages.slice(0, marks.length));
  for (let count = own.length; count >= fewest; count -= 1) {
    const first = marks.length - count;
    if (own.slice(0, count).every((mark, at) => mark === marks[first + at])) return count;
  }
  return 0;
}

/** What a message is known by: results by their calls, since old ones are shortened. */
export function marksOf(messages: readonly Message[]): string[] {
  return messages.map((message) => {
    const said =
      message.role === 'tool'
        ? message.callId
        : `${message.text}${message.role === 'assistant' ? message.calls.map(({ id }) => ` ${id}`).join('') : ''}`;
    return createHash('sha256').update(`${message.role} ${said}`).digest('base64url').slice(0, 12);
  });
}
