import type { Finding } from '../../src/chat/finding.ts';
import { agoText, dayText, type HeardLast } from '../../src/chat/heard-last.ts';
import { isRecord, type Json, textOf } from '../../src/chat/json.ts';

/** The events of the manifest, each with what does not work without it. */
export const subscriptions: Readonly<Record<string, string>> = {
  app_mention: 'it does not hear mentions',
  'message.channels': 'it does not hear follow-ups in public channels',
  'message.groups': 'it does not hear follow-ups in private channels',
  'message.im': 'it does not hear direct messages',
  'message.mpim': 'it does not hear direct messages of several people',
  app_home_opened: 'its Home tab stays empty',
  agent_session_stopped: 'the Stop button does nothing',
  reaction_added: 'reactions do not count as feedback',
};

/** What comes without a subscription, each with where it is set up. */
const others: Readonly<Record<string, string>> = {
  command: 'the command /aiops, under Slash Commands',
  press: 'presses and forms, under Interactivity & Shortcuts',
  options: 'searches in forms, under Interactivity & Shortcuts, Select Menus',
};

const channelTypes: Readonly<Record<string, string>> = {
  channel: 'message.channels',
  group: 'message.groups',
  im: 'message.im',
  mpim: 'message.mpim',
};

/** What a payload is, as the manifest calls it; undefined: nothing that it names. */
export function kindOfPayload(body: Json): string | undefined {
  if (body.type === 'event_callback') {
    const event = isRecord(body.event) ? body.event : {};
    const type = textOf(event.type);
    if (type === 'message') return channelTypes[textOf(event.channel_type)];
    return Object.hasOwn(subscriptions, type) ? type : undefined;
  }
  if (body.type === 'block_suggestion') return 'options';
  return body.type === undefined ? 'command' : 'press';
}

/** What has come of what should come: Slack tells an app's settings to nobody who has only its bot token. */
export async function subscriptionFindings(heard: HeardLast, now: number): Promise<readonly Finding[]> {
  const { since, last } = await heard.read();
  const known = { ...subscriptions, ...others };
  const came = Object.keys(known).flatMap((name) => {
    const at = last.get(name);
    return at === undefined ? [] : [`${name}: last received ${agoText(at, now)}`];
  });
  const never = Object.keys(known).filter((name) => !last.has(name));
  const about = 'Slack subscriptions';
  const seen: readonly Finding[] =
    came.length === 0 ? [] : [{ about, status: 'ok', found: `${came.join('; ')}.` }];
  return [
    ...seen,
    ...(never.length === 0 ? [] : [neverFinding(never, { since, isDeaf: came.length === 0 })]),
  ];
}

/** Nothing at all means that Slack does not reach the bot; one kind may only have been needed by nobody. */
function neverFinding(
  never: readonly string[],
  { since, isDeaf }: { readonly since: Date; readonly isDeaf: boolean },
): Finding {
  const words = never.map((name) => `${name} (${subscriptions[name] ?? others[name]})`).join(', ');
  return {
    about: isDeaf ? 'Slack subscriptions' : 'Slack subscriptions not seen at work',
    status: isDeaf ? 'warning' : 'unknown',
    found: `Never received since ${dayText(since)}: ${words}.`,
    fix: isDeaf
      ? 'Mention the bot; when nothing happens, compare the app’s manifest on api.slack.com with what `node scripts/manifest.ts` prints.'
      : 'If somebody did this, subscribe to it under Event Subscriptions, or apply what `node scripts/manifest.ts` prints.',
  };
}
