import type { Json } from '../../src/chat/json.ts';
import type { SlackContext } from './context.ts';

const timeoutMs = 10_000;

/**
 * Answers where somebody pressed or wrote something, also in places that the bot is no member of. Says
 * whether it did; it goes to Slack's own host alone, whatever the URL says.
 */
export async function respond(
  { log, apiUrl }: Pick<SlackContext, 'log' | 'apiUrl'>,
  url: string,
  body: Json,
): Promise<boolean> {
  if (!isSlacks(url, apiUrl)) return false;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel();
    if (!response.ok) log.warn('slack_response_refused', { status: response.status });
    return response.ok;
  } catch (error) {
    log.warn('slack_response_failed', { error });
    return false;
  }
}

function isSlacks(url: string, apiUrl: string | undefined): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, origin } = new URL(url);
  if (apiUrl !== undefined && origin === new URL(apiUrl).origin) return true;
  return protocol === 'https:' && /^hooks\.slack(-gov)?\.com$/.test(hostname);
}
