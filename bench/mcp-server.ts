/** A program that is an MCP server over streamable HTTP, with one read-only tool that answers at once. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { z } from 'zod';
import { serve } from './program.ts';
import { work } from './work.ts';

function createSessions() {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  return async (request: IncomingMessage, response: ServerResponse) => {
    const transport =
      sessions.get(String(request.headers['mcp-session-id'])) ?? (await openSession(sessions));
    await transport.handleRequest(request, response);
  };
}

async function openSession(
  sessions: Map<string, StreamableHTTPServerTransport>,
): Promise<StreamableHTTPServerTransport> {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    enableJsonResponse: true,
    onsessioninitialized: (id) => void sessions.set(id, transport),
    onsessionclosed: (id) => void sessions.delete(id),
  });
  // The SDK's own transport class does not fit its own interface under exactOptionalPropertyTypes.
  await createTools().connect(transport as Transport);
  return transport;
}

function createTools(): McpServer {
  const server = new McpServer({ name: work.server, version: '1.0.0' });
  const description = 'Looks up a service by its name: status, uptime, traffic and memory.';
  server.registerTool(
    work.tool,
    {
      description,
      inputSchema: { name: z.string().describe('The service') },
      annotations: { readOnlyHint: true },
    },
    () => ({ content: [{ type: 'text', text: work.result }] }),
  );
  return server;
}

const http = createServer(createSessions());
await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
const { port } = http.address() as AddressInfo;
serve({ ready: `http://127.0.0.1:${port}`, answer: () => undefined });
