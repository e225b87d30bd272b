import { hasBackground } from '../agent/background.ts';
import type { Exchange } from '../agent/budget.ts';
import type { Step } from '../agent/steps.ts';

/** What a turn has heard of the words of strangers. */
export interface Said {
  /** What its question stands in. */
  readonly context: string | undefined;
  readonly steps: readonly Step[];
  readonly history: readonly Exchange[];
}

/** Names what strangers may have written where something said in this conversation stood in such; undefined: none did. */
export function backgroundHeard({ context, steps, history }: Said): string | undefined {
  const before = history.flatMap((exchange) => exchange.messages);
  const isThere =
    context !== undefined ||
    steps.some((step) => step.type === 'said' && step.context !== undefined) ||
    before.some((message) => message.role === 'user' && hasBackground(message.text));
  return isThere ? 'the earlier messages or a file' : undefined;
}
