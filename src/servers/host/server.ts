import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { HostTool } from './tool.ts';

/** An MCP server that offers these tools, all read-only. A tool's failure is an `isError` result. */
export function createHostServer(tools: readonly HostTool[]): McpServer {
  const server = new McpServer({ name: 'host', title: 'Host diagnostics', version: '1.0.0' });
  for (const tool of tools) {
    const { name, title, description, input: inputSchema, output: outputSchema, usesNetwork } = tool;
    const annotations = {
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: usesNetwork,
    };
    server.registerTool(
      name,
      { title, description, inputSchema, outputSchema, annotations },
      (args, { signal }) => call(tool, args, signal),
    );
  }
  return server;
}

async function call(tool: HostTool, args: unknown, signal: AbortSignal): Promise<CallToolResult> {
  try {
    const { data, text } = await tool.run(args, signal);
    return { content: [{ type: 'text', text }], structuredContent: data };
  } catch (error) {
    return {
      content: [{ type: 'text', text: error instanceof Error ? error.message : String(error) }],
      isError: true,
    };
  }
}
