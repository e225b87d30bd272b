import type { Finding } from '../../src/chat/finding.ts';
import type { HeardLast } from '../../src/chat/heard-last.ts';
import { isRecord, type Json, textOf } from '../../src/chat/json.ts';
import type { Clock } from '../../src/observe/port.ts';
import type { SlackSettings } from './index.ts';
import { scopes } from './scopes.ts';
import { subscriptionFindings } from './subscriptions.ts';

/** Slack refuses, and is refused, when the clocks are further apart than this (5 minutes). */
const [alarmingMs, tooFarMs, timeoutMs] = [60_000, 300_000, 5000];
const reinstall =
  'Add them under OAuth & Permissions, or apply manifest/slack.yaml, and install the app again.';

/** What is looked at. */
export interface Examined {
  readonly settings: SlackSettings;
  /** Where Slack is to send what it sends over HTTP, where that is set. */
  readonly publicUrl?: string;
  readonly heard?: HeardLast;
  /** Of Socket Mode; absent: it is not used. */
  readonly isConnected?: () => boolean;
  readonly clock: Clock;
}

/** Asks Slack how the app is set up: the token, its scopes, the clock, how events come, and which ever came. */
export async function examine(examined: Examined): Promise<readonly Finding[]> {
  const { settings, heard, clock } = examined;
  const events =
    heard === undefined
      ? [eventsFinding]
      : await subscriptionFindings(heard, clock.now()).catch(() => [eventsFinding]);
  return [...(await asked(settings, clock)), wayFinding(examined), ...events];
}

/** One call answers for all three; the scopes and the time stand in its headers. */
async function asked({ botToken, apiUrl }: SlackSettings, clock: Clock): Promise<readonly Finding[]> {
  try {
    const answer = await fetch(new URL('auth.test', apiUrl ?? 'https://slack.com/api/'), {
      method: 'POST',
      headers: { authorization: `Bearer ${botToken}` },
      signal: AbortSignal.timeout(timeoutMs),
    });
    const body: unknown = await answer.json();
    const { headers } = answer;
    return [
      ...tokenFindings(isRecord(body) ? body : {}, headers.get('x-oauth-scopes')),
      clockFinding(Date.parse(headers.get('date') ?? ''), clock.now()),
    ];
  } catch {
    const fix = 'Let the bot reach https://slack.com, by HTTPS_PROXY where there is a proxy.';
    return [{ about: 'Slack', status: 'failed', found: 'Slack cannot be reached.', fix }];
  }
}

function tokenFindings(body: Json, given: string | null): readonly Finding[] {
  const about = 'Slack token';
  if (body.ok !== true) {
    const found = `Slack refuses it: ${textOf(body.error)}.`;
    const fix = 'Install the app again, and set SLACK_BOT_TOKEN to its token.';
    return [{ about, status: 'failed', found, fix }];
  }
  const found = `It is ${textOf(body.user)} in ${textOf(body.team) || textOf(body.team_id)}.`;
  return [{ about, status: 'ok', found }, scopeFinding(given)];
}

function scopeFinding(given: string | null): Finding {
  const about = 'Slack scopes';
  if (given === null)
    return { about, status: 'unknown', found: 'Slack does not say which the token has.', fix: reinstall };
  const held = new Set(given.split(',').map((scope) => scope.trim()));
  const missing = Object.entries(scopes).filter(([scope]) => !held.has(scope));
  if (missing.length === 0) return { about, status: 'ok', found: 'The token has all of them.' };
  const words = missing.map(([scope, loss]) => `${scope} (${loss})`).join(', ');
  return { about, status: 'failed', found: `The token lacks ${words}.`, fix: reinstall };
}

function clockFinding(theirs: number, ours: number): Finding {
  const about = 'Clock';
  if (Number.isNaN(theirs)) return { about, status: 'unknown', found: 'Slack does not say what time it is.' };
  const apart = Math.abs(theirs - ours);
  const found = `It is ${Math.round(apart / 1000)} s apart from Slack’s.`;
  if (apart < alarmingMs) return { about, status: 'ok', found };
  const fix = 'Set the clock by NTP: Slack’s requests are refused from 5 minutes on.';
  return { about, status: apart < tooFarMs ? 'warning' : 'failed', found, fix };
}

function wayFinding({ settings, publicUrl, isConnected }: Examined): Finding {
  const about = 'Slack events';
  if (settings.appToken !== undefined && isConnected?.() === false)
    return {
      about,
      status: 'failed',
      found: 'Socket Mode is not connected, so that nothing comes.',
      fix: 'Let the bot reach wss://wss-primary.slack.com, and check SLACK_APP_TOKEN and its scope connections:write.',
    };
  if (settings.appToken !== undefined) return { about, status: 'ok', found: 'They come by Socket Mode.' };
  if (settings.signingSecret !== undefined) return addressFinding(publicUrl);
  return {
    about,
    status: 'failed',
    found: 'They do not come at all.',
    fix: 'Set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP.',
  };
}

function addressFinding(publicUrl: string | undefined): Finding {
  const about = 'Slack events';
  if (publicUrl === undefined)
    return {
      about,
      status: 'warning',
      found: 'They are to come over HTTP, but the bot does not know under which address Slack reaches it.',
      fix: 'Set AI_OPS_PUBLIC_URL to it, and apply what `node scripts/manifest.ts --url <address>` prints; or set SLACK_APP_TOKEN for Socket Mode.',
    };
  const address = new URL('/slack/events', publicUrl).href;
  if (publicUrl.startsWith('https:'))
    return { about, status: 'ok', found: `Slack is to send them to ${address}.` };
  const fix = 'Put the bot behind https, and set AI_OPS_PUBLIC_URL to that address.';
  return { about, status: 'failed', found: `Slack sends to https addresses alone, not to ${address}.`, fix };
}

/** Slack tells an app's settings to nobody who has only its bot token. */
const eventsFinding: Finding = {
  about: 'Slack subscriptions and manifest',
  status: 'unknown',
  found: 'Slack does not tell them to a bot’s token.',
  fix: 'Compare the app’s manifest on api.slack.com with what `node scripts/manifest.ts` prints.',
};
