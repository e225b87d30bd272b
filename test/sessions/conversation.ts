import { randomUUID } from 'node:crypto';
import type { Checkpoint, SessionStore } from '../../src/sessions/port.ts';

export const hour = 3_600_000;

/** A thread id that no other test uses. */
export function newThread(): string {
  return `web:ada:${randomUUID()}`;
}

/** One exchange that says `text`. */
export function checkpoint(text: string, prev?: Checkpoint, tokens = 10): Checkpoint {
  return {
    id: randomUUID(),
    tokens,
    messages: [
      { role: 'user', text },
      { role: 'assistant', text: `“${text}”, indeed.`, calls: [] },
    ],
    ...(prev === undefined ? {} : { prev: prev.id }),
  };
}

/** A conversation of so many exchanges, oldest first; it says its numbers. */
export function conversation(length: number, tokens = 10): readonly [Checkpoint, ...Checkpoint[]] {
  const first = checkpoint('1', undefined, tokens);
  const all: [Checkpoint, ...Checkpoint[]] = [first];
  for (let n = 2; n <= length; n += 1) all.push(checkpoint(String(n), all.at(-1), tokens));
  return all;
}

/** The newest checkpoint of a conversation. */
export function headOf(checkpoints: readonly Checkpoint[]): string {
  return checkpoints.at(-1)?.id ?? 'none';
}

export async function appendAll(
  store: SessionStore,
  threadId: string,
  checkpoints: readonly Checkpoint[],
): Promise<void> {
  for (const item of checkpoints) await store.append(threadId, item, hour);
}

/** What people said in these exchanges or checkpoints, in order. */
export function said(
  items: readonly Pick<Checkpoint, 'messages'>[] | undefined,
): readonly string[] | undefined {
  return items?.map(({ messages }) => messages[0]?.text ?? '');
}
