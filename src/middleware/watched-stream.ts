import type { ModelEvent } from '../agent/provider.ts';

type Stream = AsyncIterable<ModelEvent>;
/** Hears that a stream came to its end, failed, or was left. */
type Ended = (how: 'end' | 'failed' | 'left') => void;

/**
 * Says when streams end. Whoever reads one gets the very promises that it gives, so that no event comes later
 * by it; a stream that is handed on from layer to layer is watched once.
 */
export function watchingStreams(): (stream: Stream, ended: Ended) => Stream {
  const watched = new WeakMap<Stream, Ended[]>();
  return (stream, ended) => {
    const known = watched.get(stream);
    if (known !== undefined) {
      known.push(ended);
      return stream;
    }
    const listeners = [ended];
    const seen: Stream = { [Symbol.asyncIterator]: () => watchedIterator(stream, listeners) };
    watched.set(seen, listeners);
    return seen;
  };
}

function watchedIterator(stream: Stream, listeners: readonly Ended[]): AsyncIterator<ModelEvent> {
  const inner = stream[Symbol.asyncIterator]();
  const tell: Ended = (how) => {
    for (const listener of listeners) listener(how);
  };
  const leave = inner.return?.bind(inner);
  return {
    next() {
      const coming = inner.next();
      coming.then(
        ({ done }) => {
          if (done === true) tell('end');
        },
        () => tell('failed'),
      );
      return coming;
    },
    ...(leave && {
      async return() {
        tell('left');
        return await leave();
      },
    }),
  };
}
