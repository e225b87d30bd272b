import { hasBackground } from '../agent/background.ts';
import type { Exchange } from '../agent/budget.ts';
import type { FileRef } from '../agent/files.ts';
import type { UserMessage } from '../agent/messages.ts';
import type { SaidStep, Step } from '../agent/steps.ts';

/** What a turn has heard of the words of strangers. */
export interface Said {
  /** What its question stands in. */
  readonly context: string | undefined;
  /** What came with its question. */
  readonly files?: readonly FileRef[] | undefined;
  readonly steps: readonly Step[];
  readonly history: readonly Exchange[];
}

/** Names what strangers may have written where something said in this conversation stood in such; undefined: none did. */
export function backgroundHeard({ context, files, steps, history }: Said): string | undefined {
  const before = history.flatMap((exchange) => exchange.messages);
  const isThere =
    context !== undefined ||
    files !== undefined ||
    steps.some((step) => step.type === 'said' && isSaidInBackground(step)) ||
    before.some((message) => message.role === 'user' && (hasBackground(message.text) || hasFiles(message)));
  return isThere ? 'the earlier messages or a file' : undefined;
}

function isSaidInBackground({ context, message }: SaidStep): boolean {
  return context !== undefined || hasFiles(message);
}

/** A picture or a PDF may say what its sender never read. */
function hasFiles({ files = [] }: UserMessage): boolean {
  return files.length > 0;
}
