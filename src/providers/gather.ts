import type { VendorEvent } from './vendor.ts';

/** What arrived together: at least one event, pieces of text that follow each other joined. */
export type Batch = readonly VendorEvent[];

/** So much is read ahead of a listener that takes its time. */
const mostAhead = 1000;

/**
 * Reads a stream ahead, and gives what arrived in one tick of the event loop as one batch: a packet of a fast
 * model holds dozens of pieces of text, each of which would cost every layer above several promises. Begins
 * with the first `next`; fails, or ends, as the stream does, after all that came before.
 */
export function gather(stream: AsyncIterable<VendorEvent>): AsyncIterator<Batch> {
  const events = stream[Symbol.asyncIterator]();
  const box = createBox();

  async function read(): Promise<void> {
    try {
      for (let next = await events.next(); next.done !== true; next = await events.next())
        await box.put(next.value);
      box.end();
    } catch (error) {
      box.end({ error });
    }
  }

  let isReading = false;
  return {
    next: () => {
      if (!isReading) void read();
      isReading = true;
      return box.take();
    },
    return: async () => {
      await events.return?.();
      return { done: true, value: undefined };
    },
  };
}

type Taken = IteratorResult<Batch, undefined>;

/** Holds what was read until it is asked for, one asker at a time. */
function createBox() {
  let batch: VendorEvent[] = [];
  let count = 0;
  let end: { readonly error?: unknown } | undefined;
  let asker: PromiseWithResolvers<Taken> | undefined;
  let room: PromiseWithResolvers<void> | undefined;
  let isSoon = false;

  function hand(): void {
    isSoon = false;
    if (asker === undefined || (count === 0 && end === undefined)) return;
    const { resolve, reject } = asker;
    asker = undefined;
    if (count > 0) resolve({ done: false, value: empty() });
    else if (end !== undefined && 'error' in end) reject(end.error);
    else resolve({ done: true, value: undefined });
  }

  function empty(): Batch {
    const full = batch;
    [batch, count] = [[], 0];
    room?.resolve();
    room = undefined;
    return full;
  }

  function handSoon(): void {
    if (isSoon || asker === undefined) return;
    isSoon = true;
    setImmediate(hand);
  }

  return {
    /** Resolves when there is room for more. */
    put(event: VendorEvent): Promise<void> | undefined {
      append(batch, event);
      count += 1;
      handSoon();
      if (count < mostAhead) return undefined;
      room = Promise.withResolvers();
      return room.promise;
    },
    end(how: { readonly error?: unknown } = {}): void {
      end = how;
      handSoon();
    },
    take(): Promise<Taken> {
      asker = Promise.withResolvers();
      const { promise } = asker;
      if (count > 0 || end !== undefined) hand();
      return promise;
    },
  };
}

function append(batch: VendorEvent[], event: VendorEvent): void {
  const last = batch.at(-1);
  if (last?.type !== 'text' || event.type !== 'text') return void batch.push(event);
  batch[batch.length - 1] = { ...last, text: last.text + event.text };
}
