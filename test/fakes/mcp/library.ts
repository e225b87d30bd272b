/**
 * An MCP server over stdio with resources that can be subscribed to, prompts, and tools by which a test
 * moves it: `change` edits a resource, `add` makes one more, `asked` tells which methods were called.
 */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import {
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';

const capabilities = {
  tools: {},
  resources: { subscribe: true, listChanged: true },
  prompts: { listChanged: true },
};
const library = new McpServer({ name: 'library', version: '1' }, { capabilities });
const { server } = library;
const books = new Map(Array.from({ length: 120 }, (_, n) => [`book://${n}`, `text of ${n}`]));
const asked: string[] = [];
const readOnly = { annotations: { readOnlyHint: true } };
const text = (value: string) => ({ content: [{ type: 'text' as const, text: value }] });

server.setRequestHandler(ListResourcesRequestSchema, ({ params }) => {
  asked.push('list');
  const start = Number(params?.cursor ?? 0);
  const all = [...books.keys()].map((uri) => ({ uri, name: `Book ${uri.slice(7)}`, mimeType: 'text/plain' }));
  const next = start + 50 < all.length ? { nextCursor: String(start + 50) } : {};
  return { resources: all.slice(start, start + 50), ...next };
});
server.setRequestHandler(ReadResourceRequestSchema, ({ params: { uri } }) => {
  asked.push(`read ${uri}`);
  const found = books.get(uri);
  if (found === undefined) throw new Error(`there is no ${uri}`);
  return { contents: [{ uri, text: found }] };
});
server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
  asked.push(`subscribe ${params.uri}`);
  return {};
});
server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
  asked.push(`unsubscribe ${params.uri}`);
  return {};
});
server.setRequestHandler(ListPromptsRequestSchema, () => ({
  prompts: [
    { name: 'review', description: 'Reviews a book', arguments: [{ name: 'book', required: true }] },
    { name: 'talk' },
  ],
}));
server.setRequestHandler(GetPromptRequestSchema, ({ params: { name, arguments: args = {} } }) => {
  const say = (role: 'user' | 'assistant', words: string) =>
    ({ role, content: { type: 'text', text: words } }) as const;
  if (name === 'review') return { messages: [say('user', `Review ${args.book} for me.`)] };
  if (name !== 'talk') throw new Error(`there is no prompt ${name}`);
  return { messages: [say('user', 'Hello?'), say('assistant', 'Hello.')] };
});

library.registerTool('asked', readOnly, () => text(JSON.stringify(asked.splice(0))));
library.registerTool('change', { inputSchema: { uri: z.string(), to: z.string() } }, async ({ uri, to }) => {
  books.set(uri, to);
  await server.sendResourceUpdated({ uri });
  return text('changed');
});
library.registerTool('add', { inputSchema: { uri: z.string() } }, async ({ uri }) => {
  books.set(uri, 'new');
  await server.sendResourceListChanged();
  return text('added');
});
library.registerTool('read_resource', { description: 'Its own tool of this name.' }, () => text('mine'));

await library.connect(new StdioServerTransport());
