import { LATEST_PROTOCOL_VERSION } from '@modelcontextprotocol/sdk/types.js';
import type { Fetch } from '../../guarded-fetch.ts';
import type { ServerConfig } from '../../port.ts';
import { mcpUrl } from '../http.ts';
import { type Challenge, challengeOf } from './challenge.ts';

/**
 * What a server answers to somebody without a token. Some speak with anybody until it comes to their
 * tools, so both the greeting and the list are tried. Undefined: it asked for nothing.
 */
export async function challengeFrom(config: ServerConfig, fetch: Fetch): Promise<Challenge | undefined> {
  for (const message of [greeting, list]) {
    const response = await fetch(mcpUrl(config), {
      method: 'POST',
      headers: {
        ...config.headers,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': LATEST_PROTOCOL_VERSION,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }),
    });
    await response.body?.cancel();
    const challenge = challengeOf(response);
    if (challenge !== undefined) return challenge;
  }
  return undefined;
}

const greeting = {
  method: 'initialize',
  params: {
    protocolVersion: LATEST_PROTOCOL_VERSION,
    capabilities: {},
    clientInfo: { name: 'ai-ops-bot', version: '0' },
  },
};
const list = { method: 'tools/list', params: {} };
