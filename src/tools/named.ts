/**
 * Which hosts and URLs people have named in their own words. A check of the network runs by itself
 * only towards these, so that an address that came from a log or a web page reaches nothing and
 * carries nothing away.
 */
export interface Named {
  /** Exactly this host, as a name or an address. */
  host(host: string): boolean;
  /** Exactly this URL, or the root of a host that was named. */
  url(url: string): boolean;
}

/** Reads what people wrote. */
export function namedIn(words: string): Named {
  const tokens = words
    .toLowerCase()
    .split(/[\s<>()"'`|,;=]+/)
    .map(withoutPunctuation);
  const urls = new Set(tokens.flatMap(hrefOf));
  const hosts = new Set(tokens.flatMap(hostsOf));
  const host = (wanted: string) => isHost(wanted.toLowerCase()) && hosts.has(wanted.toLowerCase());
  return {
    host,
    url(wanted) {
      if (!URL.canParse(wanted)) return false;
      const { href, host: withPort, pathname, search, username } = new URL(wanted);
      if (urls.has(href.toLowerCase())) return true;
      return pathname === '/' && search === '' && username === '' && hosts.has(withPort.toLowerCase());
    },
  };
}

function withoutPunctuation(token: string): string {
  return token.replace(/[.:!?]+$/, '');
}

function hrefOf(token: string): readonly string[] {
  return /^https?:\/\//.test(token) && URL.canParse(token) ? [new URL(token).href.toLowerCase()] : [];
}

/** The host with its port and without, of a URL or of a bare word. */
function hostsOf(token: string): readonly string[] {
  const url = /^[a-z]+:\/\//.test(token) ? token : `http://${token}`;
  if (!URL.canParse(url)) return [token];
  const { host, hostname } = new URL(url);
  return [token, host, hostname, hostname.replace(/^\[|\]$/g, '')];
}

/** A number alone is an address to some programs, and a port to the person who wrote it. */
function isHost(text: string): boolean {
  return /[a-z]/.test(text) || /^\d{1,3}(\.\d{1,3}){3}$/.test(text) || text.includes(':');
}
