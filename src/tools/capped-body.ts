import type { IncomingMessage } from 'node:http';

export interface CapOptions {
  readonly maxBytes: number;
  /** The cap is that of one event: a stream of events may be as long as it likes. */
  readonly perEvent: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * The body of an answer, read as it is asked for, that ends in an error when it grows too long. A cut
 * connection is a `TypeError`, as with fetch. Cancelling it closes the connection.
 */
export function cappedBody(incoming: IncomingMessage, options: CapOptions): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Buffer> = incoming[Symbol.asyncIterator]();
  const count = options.perEvent ? eventCounter() : totalCounter();
  const { maxBytes, signal } = options;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const next = await chunks.next();
        if (next.done === true) return controller.close();
        if (count(next.value) > maxBytes)
          throw new Error(`it sent more than ${maxBytes / 1024 / 1024} MiB at once`);
        controller.enqueue(new Uint8Array(next.value));
      } catch (cause) {
        incoming.destroy();
        controller.error(signal?.aborted === true ? signal.reason : new TypeError('terminated', { cause }));
      }
    },
    cancel() {
      incoming.destroy();
    },
  });
}

function totalCounter(): (chunk: Buffer) => number {
  let bytes = 0;
  return (chunk) => {
    bytes += chunk.length;
    return bytes;
  };
}

/** Counts from the last empty line, which ends an event; its line ends may be cut in two by chunks. */
function eventCounter(): (chunk: Buffer) => number {
  let bytes = 0;
  let tail = '';
  return (chunk) => {
    const text = tail + chunk.toString('latin1');
    const end = Math.max(text.lastIndexOf('\n\n'), text.lastIndexOf('\n\r\n'), text.lastIndexOf('\r\r'));
    bytes = end === -1 ? bytes + chunk.length : text.length - end;
    tail = text.slice(-2);
    return bytes;
  };
}
