/** A browser without a screen: keeps cookies for each host and follows redirects, a hop at a time. */
export interface Browser {
  /** One request, with the cookies of its host. */
  get(url: string): Promise<Answer>;
  /** Follows redirects until an answer is none, or leads to where `until` says. */
  follow(url: string, until?: (location: string) => boolean): Promise<Answer>;
  /** Asks as a page of the bot does. */
  json(url: string, method?: string): Promise<{ readonly status: number; readonly body: unknown }>;
  /** The cookies of a host. */
  cookies(url: string): Map<string, string>;
}

export interface Answer {
  readonly url: string;
  readonly status: number;
  readonly text: string;
  readonly location: string | undefined;
  readonly setCookies: readonly string[];
}

const maxHops = 15;

export function openBrowser(): Browser {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (url: string) => {
    const { host } = new URL(url);
    const jar = jars.get(host) ?? new Map<string, string>();
    jars.set(host, jar);
    return jar;
  };

  function keep(url: string, setCookies: readonly string[]): void {
    for (const header of setCookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(header) ?? [];
      const isGone = /max-age=0\b|expires=Thu, 01 Jan 1970/i.test(header);
      if (isGone) jarOf(url).delete(name);
      else jarOf(url).set(name, value);
    }
  }

  async function send(url: string, init: RequestInit = {}): Promise<Answer> {
    const cookie = [...jarOf(url)].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { cookie, 'sec-fetch-site': 'same-origin' };
    const answer = await fetch(url, { ...init, headers, redirect: 'manual' });
    const setCookies = answer.headers.getSetCookie();
    keep(url, setCookies);
    const location = answer.headers.get('location');
    return {
      url,
      status: answer.status,
      text: await answer.text(),
      location: location === null ? undefined : new URL(location, url).href,
      setCookies,
    };
  }

  return {
    get: send,
    async follow(url, until = () => false) {
      let answer = await send(url);
      for (let hop = 0; answer.location !== undefined && hop < maxHops; hop += 1) {
        if (until(answer.location)) return answer;
        answer = await send(answer.location);
      }
      return answer;
    },
    async json(url, method = 'GET') {
      const { status, text } = await send(url, { method });
      return { status, body: text === '' ? undefined : JSON.parse(text) };
    },
    cookies: jarOf,
  };
}
