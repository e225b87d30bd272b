import { SSEClientTransport, SseError } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { HttpTransport, HttpWay } from './transports.ts';

/**
 * The transport of the protocol's first revision: one stream of events, whose first names the address
 * that messages are posted to. Its end is the end of the session, because a new stream is a new one.
 */
export function sseTransport(url: URL, { headers, fetch }: HttpWay): HttpTransport {
  const transport = new SSEClientTransport(url, { requestInit: { headers: { ...headers } }, fetch });
  let why: string | undefined;
  let isOpen = false;
  const { start, send } = transport;
  const wrapped = Object.assign(transport, {
    start: async () => {
      await start.call(transport);
      isOpen = true;
      const { onerror } = transport;
      transport.onerror = (error) => {
        onerror?.(error);
        if (isOpen && error instanceof SseError) end();
      };
    },
    send: (message: Parameters<typeof send>[0]) => send.call(transport, message).catch(rethrow),
    terminateSession: async () => {
      isOpen = false;
    },
    trouble: () => why,
  });
  const end = () => {
    isOpen = false;
    why = 'its stream of events ended';
    void transport.close();
  };
  return wrapped;
}

/** The SDK tells the status of a refused message in its text only. */
function rethrow(error: unknown): never {
  const status = error instanceof Error ? /\(HTTP (\d{3})\)/.exec(error.message)?.[1] : undefined;
  if (status === undefined || !(error instanceof Error)) throw error;
  throw new StreamableHTTPError(Number(status), error.message.replace(/ \(HTTP \d{3}\)/, ''));
}
