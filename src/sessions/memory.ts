import type { ThreadId } from '../chat/inbound.ts';
import type { Checkpoint } from './port.ts';

interface Remembered {
  readonly checkpoints: Checkpoint[];
  /** What was asked for when it was loaded: it holds everything up to that many tokens. */
  readonly maxTokens: number;
  tokens: number;
}

/** The conversations that this process worked on last, so that a turn costs the turn and not the history. */
export interface Memory {
  /** Undefined unless the remembered conversation ends in `head` and reaches as far as asked. */
  load(threadId: ThreadId, head: string, maxTokens: number): readonly Checkpoint[] | undefined;
  put(threadId: ThreadId, checkpoints: readonly Checkpoint[], maxTokens: number): void;
  append(threadId: ThreadId, checkpoint: Checkpoint): void;
  clear(threadId: ThreadId): void;
}

/** Keeps at most `budget` tokens of conversation; the thread used longest ago goes first, one that is too large at once. */
export function createMemory(budget: number): Memory {
  const threads = new Map<ThreadId, Remembered>();
  let total = 0;

  function forget(threadId: ThreadId): void {
    total -= threads.get(threadId)?.tokens ?? 0;
    threads.delete(threadId);
  }

  function keep(threadId: ThreadId, remembered: Remembered): void {
    forget(threadId);
    threads.set(threadId, remembered);
    total += remembered.tokens;
    for (const oldest of threads.keys()) {
      if (total <= budget) break;
      forget(oldest);
    }
  }

  return {
    load(threadId, head, maxTokens) {
      const remembered = threads.get(threadId);
      if (remembered === undefined || remembered.maxTokens < maxTokens) return undefined;
      if (remembered.checkpoints.at(-1)?.id !== head) return undefined;
      keep(threadId, remembered);
      return remembered.checkpoints;
    },
    put(threadId, checkpoints, maxTokens) {
      const tokens = checkpoints.reduce((sum, checkpoint) => sum + checkpoint.tokens, 0);
      const isWhole = checkpoints[0]?.prev === undefined;
      const reach = isWhole ? Number.POSITIVE_INFINITY : maxTokens;
      keep(threadId, { checkpoints: [...checkpoints], maxTokens: reach, tokens });
    },
    append(threadId, checkpoint) {
      if (checkpoint.prev === undefined) {
        return keep(threadId, {
          checkpoints: [checkpoint],
          maxTokens: Number.POSITIVE_INFINITY,
          tokens: checkpoint.tokens,
        });
      }
      const remembered = threads.get(threadId);
      if (remembered?.checkpoints.at(-1)?.id !== checkpoint.prev) return forget(threadId);
      remembered.checkpoints.push(checkpoint);
      keep(threadId, { ...remembered, tokens: remembered.tokens + checkpoint.tokens });
    },
    clear: forget,
  };
}
