import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { isRecord, type Json } from '../../fakes/teams/json.ts';

/** What a bot would do with an activity. */
export interface Heard {
  readonly activity: Json;
  readonly authorization: string | undefined;
}

export interface Listener {
  readonly url: string;
  readonly heard: Heard[];
  /** How it answers; 200 without a body unless a test says otherwise. */
  answer: (heard: Heard) => Promise<Answered> | Answered;
  close(): Promise<void>;
}

export interface Answered {
  readonly status: number;
  readonly body?: unknown;
}

/** The smallest thing that Teams can deliver to: it hears and answers as it is told. */
export async function startListener(): Promise<Listener> {
  const server = createServer(async (request, response) => {
    const activity: unknown = JSON.parse(await text(request));
    const heard = {
      activity: isRecord(activity) ? activity : {},
      authorization: request.headers.authorization,
    };
    if (request.url !== '/api/messages') return void response.writeHead(404).end();
    listener.heard.push(heard);
    const { status, body } = await listener.answer(heard);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const listener: Listener = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard: [],
    answer: () => ({ status: 200 }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return listener;
}
