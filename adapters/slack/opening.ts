import { clipped } from '../../src/chat/clipped.ts';
import { at, textOf } from '../../src/chat/json.ts';
import { SlackCallError } from './call-error.ts';
import type { SlackContext } from './context.ts';
import { notify } from './notices.ts';
import { respond } from './responding.ts';

/** Who did something that opens a view, and where they are told when none opens. */
export interface Opener {
  readonly team: string;
  readonly user: string;
  /** Slack takes it for 3 s, and once. https://docs.slack.dev/reference/methods/views.open */
  readonly trigger: string;
  /** Empty: Home, which has no place for a message. */
  readonly channel: string;
  readonly threadTs?: string;
  /** Reaches them also where the bot is no member. */
  readonly respondTo?: string;
}

const withinMs = 2000;

/** Opens a view: its id. Throws `SlackCallError`. */
export async function openView(
  { api }: Pick<SlackContext, 'api'>,
  { team, trigger }: Pick<Opener, 'team' | 'trigger'>,
  view: object,
): Promise<string> {
  const args = { trigger_id: trigger, view };
  const opened = await api.call(team, 'views.open', args, { signal: AbortSignal.timeout(withinMs) });
  return textOf(at(opened, 'view', 'id'));
}

/** The same for who waits for it: when it does not open they are told why, and what to do. Undefined then. */
export async function openOrTell(
  context: SlackContext,
  opener: Opener,
  view: object,
): Promise<string | undefined> {
  try {
    return await openView(context, opener, view);
  } catch (error) {
    context.log.warn('slack_view_refused', { error });
    await tellOpener(context, opener, notOpened(error));
    return undefined;
  }
}

/** Why no view opened, and what to do, in sentences. */
export function notOpened(error: unknown): string {
  const { code, retryAfterMs } =
    error instanceof SlackCallError ? error : { code: '', retryAfterMs: undefined };
  if (code.includes('trigger'))
    return 'That window did not open: it took me longer than the three seconds that Slack waits. Try it again.';
  if (code === 'ratelimited')
    return `That window did not open: Slack takes no more of them from me just now. Try it again in ${secondsOf(retryAfterMs)}.`;
  if (silent.has(code))
    return 'Slack does not say whether that window opened. If you do not see it, try it again.';
  const why = code === '' ? '' : ` (${clipped(code, 60)})`;
  return `Slack refused to open that window${why}. Try it again; if it stays so, do it in the console, and let an administrator look at \`/aiops doctor\`.`;
}

/** Nobody knows what Slack did. */
const silent: ReadonlySet<string> = new Set([
  ...['aborted', 'network', 'http'],
  ...['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout'],
]);

function secondsOf(ms = 1000): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  return seconds === 1 ? 'a second' : `${seconds} seconds`;
}

async function tellOpener(context: SlackContext, opener: Opener, words: string): Promise<void> {
  const { team, user, channel, respondTo = '' } = opener;
  if (channel === '') return await tellAlone(context, { team, user }, words);
  const body = { response_type: 'ephemeral', replace_original: false, text: words };
  if (respondTo !== '' && (await respond(context, respondTo, body))) return;
  await notify(context.api, opener, words);
}

/** What cannot stand where it was pressed comes into their direct messages, which nobody else reads. */
async function tellAlone(
  { api }: SlackContext,
  { team, user }: Pick<Opener, 'team' | 'user'>,
  text: string,
): Promise<void> {
  const opened = await api.attempt(team, 'conversations.open', { users: user });
  const channel = textOf(at(opened, 'channel', 'id'));
  if (channel !== '') await api.attempt(team, 'chat.postMessage', { channel, text });
}
