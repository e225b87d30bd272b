import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

/** A message as the platform shows it. */
export interface ShownMessage {
  readonly id: string;
  readonly thread: string;
  /** What the bot put into its metadata, if the platform has such. */
  readonly key: string;
  text: string;
  /** How often it was edited. */
  edits: number;
}

export interface ChatPlatform {
  readonly url: string;
  /** In the order in which they were created. */
  readonly messages: readonly ShownMessage[];
  close(): Promise<void>;
}

const postSchema = z.object({ thread: z.string(), key: z.string(), text: z.string() });
const editSchema = z.object({ text: z.string() });

/**
 * A small chat platform over HTTP. Like the real ones it creates a message for every accepted post,
 * however often the same is sent, and knows nothing of the bot's ideas.
 */
export async function startChatPlatform(
  options: { readonly delayMs?: () => number } = {},
): Promise<ChatPlatform> {
  const messages: ShownMessage[] = [];
  const server = createServer(async (request, response) => {
    const body = await readBody(request);
    await new Promise((resolve) => setTimeout(resolve, options.delayMs?.() ?? 0));
    handle(messages, request, body, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    messages,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString());
}

function handle(
  messages: ShownMessage[],
  request: IncomingMessage,
  body: unknown,
  response: ServerResponse,
): void {
  const url = new URL(request.url ?? '/', 'http://platform');
  const id = url.pathname.split('/')[2];
  if (request.method === 'POST') {
    const message = { ...postSchema.parse(body), id: randomUUID(), edits: 0 };
    messages.push(message);
    return send(response, 200, { id: message.id });
  }
  if (request.method === 'PUT') {
    const message = messages.find((known) => known.id === id);
    if (message === undefined) return send(response, 404, { error: 'message_not_found' });
    message.text = editSchema.parse(body).text;
    message.edits += 1;
    return send(response, 200, { id: message.id });
  }
  const found = messages.find((known) => known.key === url.searchParams.get('key'));
  send(response, 200, { id: found?.id ?? null });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
