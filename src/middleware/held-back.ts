import type { ModelNext } from '../agent/middleware.ts';
import { type ModelEvent, type ModelRequest, ProviderError, type StopReason } from '../agent/provider.ts';

/** A whole answer of a model, none of which was shown. */
export interface HeldAnswer {
  readonly text: string;
  /** Everything it said since it last began again, with the words, without usage and stop. */
  readonly events: readonly ModelEvent[];
  readonly stop: StopReason;
}

/**
 * Hears an answer to its end before anything of it is shown. Usage is passed on at once, so that what was
 * used is charged whatever becomes of the answer. Returns the answer. Throws what `next` throws.
 */
export async function* heldBack(
  next: ModelNext,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent, HeldAnswer> {
  let events: ModelEvent[] = [];
  let stop: StopReason | undefined;
  for await (const event of next(request, signal)) {
    if (event.type === 'usage') yield event;
    else if (event.type === 'restart') events = [];
    else if (event.type === 'stop') stop = event.reason;
    else events.push(event);
  }
  if (stop !== undefined) return { text: textOf(events), events, stop };
  throw new ProviderError('protocol', 'The model stream ended without saying why it stopped.');
}

/** Says a held answer, with other words where they are given. */
export function* released({ events, stop }: HeldAnswer, words?: string): Generator<ModelEvent> {
  if (words === undefined) yield* events;
  else {
    if (words !== '') yield { type: 'text', text: words };
    // What a vendor wants back is its own record of the words that stand no more.
    yield* events.filter(({ type }) => type === 'tool_call' || type === 'reasoning');
  }
  yield { type: 'stop', reason: stop };
}

function textOf(events: readonly ModelEvent[]): string {
  return events.map((event) => (event.type === 'text' ? event.text : '')).join('');
}
