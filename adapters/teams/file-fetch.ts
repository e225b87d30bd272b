import { isIP } from 'node:net';
import { isSafe } from '../../src/config/loopback.ts';
import type { TeamsApi } from './api.ts';
import { TeamsCallError } from './call-error.ts';
import type { Connector } from './connector.ts';
import type { References } from './references.ts';

export interface FileFetchOptions {
  readonly references: References;
  readonly token: Connector['token'];
}

const timeoutMs = 10_000;
const mostHops = 3;

/**
 * Images of a message are at the connector, and want the bot's token; shared files are at SharePoint, at
 * addresses that are keys themselves. The token goes to attachments at the host of the conversation's own
 * serviceUrl and nowhere else, and nothing within this network is asked but a connector on this machine.
 */
export function createFileFetch({ references, token }: FileFetchOptions): TeamsApi['fetch'] {
  return async (place, address, init) => {
    const reference = await references.of(place);
    if (reference === undefined) throw refused('unknown_conversation');
    const home = new URL(reference.serviceUrl);
    let url = URL.parse(address);
    for (let hop = 0; hop <= mostHops; hop += 1) {
      if (url === null || !isFetchable(url, home)) throw refused('foreign_address');
      const isConnector = url.origin === home.origin && url.pathname.includes('/v3/attachments/');
      const bearer = isConnector ? await token() : undefined;
      const headers = new Headers(init.headers);
      if (bearer !== undefined) headers.set('authorization', `Bearer ${bearer}`);
      const response = await fetch(url, {
        signal: AbortSignal.timeout(timeoutMs),
        ...{ ...init, headers, redirect: 'manual' },
      });
      const next = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || next === null) return response;
      await response.body?.cancel();
      url = URL.parse(next, url);
    }
    throw refused('too_many_redirects');
  };
}

/** Hosts with a public name, by https; and the connector itself. */
function isFetchable(url: URL, home: URL): boolean {
  if (url.origin === home.origin) return isSafe(url);
  const { hostname } = url;
  if (url.protocol !== 'https:' || url.username !== '') return false;
  return (
    hostname.includes('.') && isIP(hostname) === 0 && !/(^|\.)(localhost|local|internal)$/i.test(hostname)
  );
}

function refused(code: string): TeamsCallError {
  return new TeamsCallError('reading a file', code, { isRefused: true });
}
