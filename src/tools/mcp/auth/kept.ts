import {
  OAuthClientInformationFullSchema,
  OAuthClientInformationSchema,
  type OAuthTokens,
  OAuthTokensSchema,
} from '@modelcontextprotocol/sdk/shared/auth.js';
import { z } from 'zod';
import type { JsonObject } from '../../../agent/json.ts';
import type { Kept } from './port.ts';

/** Tokens, and the MCP URL that they were given for. */
const tokensSchema = z.object({ tokens: OAuthTokensSchema, url: z.string() });
/** A client, and what it was made for. `redirectUrl` is empty for one that an admin configured. */
const clientSchema = z.object({
  client: z.union([OAuthClientInformationFullSchema, OAuthClientInformationSchema]),
  url: z.string(),
  redirectUrl: z.string(),
});
const jsonSchema = z.record(z.string(), z.json());

/** An object of the SDK as it is kept. */
export function toKeep(value: object): JsonObject {
  return jsonSchema.parse(JSON.parse(JSON.stringify(value)));
}

/** The tokens kept for a server; those for another address are none. */
export function tokensIn(kept: Kept | undefined, url: string): OAuthTokens | undefined {
  const read = tokensSchema.safeParse(kept?.value);
  return read.success && read.data.url === url ? read.data.tokens : undefined;
}

/** The client kept for a server; one that was made for another address, or to return to another, is none. */
export function clientIn(
  kept: Kept | undefined,
  wanted: { readonly url: string; readonly redirectUrl?: string },
) {
  const read = clientSchema.safeParse(kept?.value);
  if (!read.success) return undefined;
  const { client, url, redirectUrl } = read.data;
  const isWanted = url === wanted.url && (wanted.redirectUrl ?? redirectUrl) === redirectUrl;
  return isWanted ? client : undefined;
}
