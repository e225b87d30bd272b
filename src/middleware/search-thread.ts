import type { Found, PatternJob } from './pattern-job.ts';
import { openPatternThread } from './pattern-thread.ts';

/** What a model asked for cannot be searched: the message tells it what to do. */
export class SearchError extends Error {
  override readonly name = 'SearchError';
}

/** How long one search may look, reading aside. */
const mostMs = 10_000;

/** Looks for regular expressions of a model, which may keep whoever looks busy for minutes, in a thread of its own. */
export interface Search extends Disposable {
  /** What keeps it from being used, as a sentence. */
  problem(source: string): Promise<Found<'problem'>>;
  which(source: string, texts: readonly string[]): Promise<Found<'which'>>;
  lines(source: string, within: { readonly text: string; readonly most: number }): Promise<Found<'lines'>>;
}

/** Begins a search. All that it does throws `SearchError` once it has taken too long, and the reason of an abort. */
export function openSearch(signal: AbortSignal): Search {
  const thread = openPatternThread();
  let leftMs = mostMs;
  signal.addEventListener('abort', thread.close, { once: true });

  async function ask<Type extends PatternJob['type']>(
    job: Extract<PatternJob, { type: Type }>,
  ): Promise<Found<Type>> {
    const begun = performance.now();
    const answer = leftMs <= 0 ? undefined : await thread.soon<Type>(job, leftMs);
    leftMs -= performance.now() - begun;
    signal.throwIfAborted();
    if (answer === undefined)
      throw new SearchError(
        'This takes too long. Write a simpler pattern, or search in one folder, with path.',
      );
    return answer.found;
  }

  return {
    problem: (source) => ask<'problem'>({ type: 'problem', source }),
    which: (source, texts) => ask<'which'>({ type: 'which', source, texts }),
    lines: (source, within) => ask<'lines'>({ type: 'lines', source, ...within }),
    [Symbol.dispose]() {
      signal.removeEventListener('abort', thread.close);
      thread.close();
    },
  };
}
