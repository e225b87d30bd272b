import type { Checkpoint } from './port.ts';

/**
 * Whether these end in `head` and each links to the one before it, down to the conversation's first
 * or as far back as `maxTokens` reach.
 */
export function isWhole(checkpoints: readonly Checkpoint[], head: string, maxTokens: number): boolean {
  const linked = checkpoints.every(
    (checkpoint, at) => at === 0 || checkpoint.prev === checkpoints[at - 1]?.id,
  );
  const tokens = checkpoints.reduce((sum, checkpoint) => sum + checkpoint.tokens, 0);
  const reachesFar = checkpoints[0]?.prev === undefined || tokens >= maxTokens;
  return linked && reachesFar && checkpoints.at(-1)?.id === head;
}
