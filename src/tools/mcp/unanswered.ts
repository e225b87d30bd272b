import { z } from 'zod';
import type { Fetch } from '../guarded-fetch.ts';

type Id = string | number;

const requestSchema = z.object({ id: z.union([z.string(), z.int()]), method: z.string() });
const messageSchema = z.object({ id: z.union([z.string(), z.int()]), method: z.undefined().optional() });
/** What was read last is told a moment after its stream has ended. */
const graceMs = 200;
const resumableBytes = 16 * 1024;

/**
 * Notices when the HTTP answer to a request of MCP ends without the answer to it: the protocol alone
 * would wait for its time limit. An answer whose events carry ids can be resumed, and is left alone.
 * `heard` is to be told of every message that arrives.
 */
export function noticeUnanswered(
  fetch: Fetch,
  tell: (id: Id) => void,
): { readonly fetch: Fetch; readonly heard: (message: unknown) => void } {
  const open = new Set<Id>();
  const ended = (id: Id) =>
    setTimeout(() => {
      if (open.delete(id)) tell(id);
    }, graceMs).unref();
  return {
    heard: (message) => {
      const id = messageSchema.safeParse(message).data?.id;
      if (id !== undefined) open.delete(id);
    },
    fetch: async (url, init) => {
      const id = requestOf(init);
      const response = await fetch(url, init);
      if (id === undefined || !response.ok) return response;
      open.add(id);
      if (response.body !== null) return watched(response, response.body, () => ended(id));
      ended(id);
      return response;
    },
  };
}

function requestOf(init: RequestInit | undefined): Id | undefined {
  if (init?.method !== 'POST' || typeof init.body !== 'string') return undefined;
  return requestSchema.safeParse(JSON.parse(init.body)).data?.id;
}

/** The same answer, whose end is told unless it can be resumed. */
function watched(response: Response, body: ReadableStream<Uint8Array>, onEnd: () => void): Response {
  const reader = body.getReader();
  const isResumable = eventIdFinder();
  let canResume = false;
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (value !== undefined) {
          canResume ||= isResumable(value);
          controller.enqueue(value);
        }
        if (!done) return;
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      if (!canResume) onEnd();
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return new Response(stream, { status: response.status, headers: response.headers });
}

/** Looks for the first `id:` line of an event stream, near its beginning. */
function eventIdFinder(): (chunk: Uint8Array) => boolean {
  let head = '\n';
  return (chunk) => {
    if (head.length < resumableBytes) head += Buffer.from(chunk).toString('latin1');
    return /[\r\n]id:/.test(head);
  };
}
