import { SseError } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpError } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { networkFailure } from '../network-failure.ts';

const notMcp = 'it answered with something that is not MCP; check its URL and endpoint';

/** What went wrong with a session or a call, as the rest of a sentence about the server. */
export function explain(error: unknown): string {
  if (error instanceof StreamableHTTPError) return explainHttp(error);
  if (error instanceof SseError) return explainStream(error);
  if (error instanceof z.core.$ZodError || error instanceof SyntaxError) return notMcp;
  if (error instanceof TypeError && /^(?:fetch failed|terminated)/.test(error.message))
    return networkFailure(error);
  if (error instanceof McpError) return error.message.replace(/^MCP error -?\d+: /, '').slice(0, 500);
  return error instanceof Error ? error.message.slice(0, 500) : String(error).slice(0, 500);
}

/** An older server's stream, which could not be opened or has ended. */
function explainStream({ code, message }: SseError): string {
  if (code !== undefined && code !== 200) return explainHttp({ code, message });
  if (code === 200) return notMcp;
  const network = /\bE[A-Z_]{4,}\b/.exec(message)?.[0];
  return network === undefined
    ? 'its stream of events could not be opened; check its URL and log'
    : networkFailure({ code: network });
}

function explainHttp({
  code,
  message,
}: {
  readonly code: number | undefined;
  readonly message: string;
}): string {
  switch (code) {
    case 401:
    case 403:
      return `it refused our credentials (HTTP ${code}); check its headers`;
    case 404:
    case 405:
      return `there is no MCP endpoint at its address (HTTP ${code}); check its URL and endpoint`;
    case -1:
      return notMcp;
    default:
      return `HTTP ${code ?? 'error'}: ${message.replace(/^.*Error POSTing to endpoint: /s, '').slice(0, 300)}`;
  }
}
