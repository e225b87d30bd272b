import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Hands requests on to the bot, and takes the time from their end until the head of the answer. */
export interface Relay {
  readonly url: string;
  /** Of each request so far, by its turn. Milliseconds. */
  readonly times: readonly number[];
  close(): Promise<void>;
}

export async function startRelay(target: string): Promise<Relay> {
  const times: number[] = [];
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method, headers, url = '/' } = incoming;
    const sentAt = performance.now();
    const onward = request(new URL(url, target), { method, headers, agent }, (answer) => {
      times.push(performance.now() - sentAt);
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.once('error', () => outgoing.writeHead(502).end());
    onward.end(Buffer.concat(chunks));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    times,
    async close() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
