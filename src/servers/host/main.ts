/**
 * The bundled MCP server of host diagnostics: a program of its own that speaks MCP over stdin and
 * stdout, reads nothing from its environment, changes nothing, and ends when its stdin does.
 */
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { createHostServer } from './server.ts';
import { hostTools } from './tools.ts';

process.stdin.once('end', () => process.exit(0));
process.stdin.once('close', () => process.exit(0));
process.stdout.once('error', () => process.exit(0));
await createHostServer(hostTools).connect(new StdioServerTransport());
