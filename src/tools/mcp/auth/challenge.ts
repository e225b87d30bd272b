import { extractWWWAuthenticateParams } from '@modelcontextprotocol/sdk/client/auth.js';

/** A server wants to know better who we are. */
export interface Challenge {
  /** It knows us, and wants a wider scope than we have. */
  readonly isStepUp: boolean;
  /** What it says that it needs; empty when it says nothing. */
  readonly scope: string;
  /** Where it says which authorization servers it trusts. */
  readonly resourceMetadataUrl?: URL;
}

/** What an answer asks of us; undefined for one that asks for nothing more. */
export function challengeOf(response: Response): Challenge | undefined {
  const { error, scope = '', resourceMetadataUrl } = extractWWWAuthenticateParams(response);
  const isStepUp = response.status === 403 && error === 'insufficient_scope';
  if (response.status !== 401 && !isStepUp) return undefined;
  return { isStepUp, scope, ...(resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl }) };
}

/** The scopes of several lists, each once. */
export function unionOf(...lists: readonly (string | undefined)[]): string {
  const scopes = lists.flatMap((list = '') => list.split(/\s+/)).filter((scope) => scope !== '');
  return [...new Set(scopes)].join(' ');
}
