import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';

/** A real MCP server over HTTP, stateless, whose tools a test defines. */
export interface TestMcpServer {
  /** Without the endpoint, which is `/mcp`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * `define` registers the tools; it is called for each request, because the server keeps no session.
 * `elsewhere` answers all paths but `/mcp`; without it they speak MCP as well.
 */
export async function startMcpServer(
  define: (server: McpServer) => void,
  elsewhere?: RequestListener,
): Promise<TestMcpServer> {
  const http = createServer(async (request, response) => {
    if (elsewhere !== undefined && request.url !== '/mcp') return void elsewhere(request, response);
    const server = new McpServer({ name: 'test', version: '1.0.0' });
    define(server);
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    response.on('close', () => void server.close());
    // The SDK's own transport class does not fit its own interface under exactOptionalPropertyTypes.
    await server.connect(transport as Transport);
    await transport.handleRequest(request, response);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}
