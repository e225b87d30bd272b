import type { Finding } from '../../src/chat/finding.ts';
import { isRecord, type Json, textOf } from '../../src/chat/json.ts';
import type { Clock } from '../../src/observe/port.ts';
import type { SlackSettings } from './index.ts';
import { scopes } from './scopes.ts';

/** Slack refuses, and is refused, when the clocks are further apart than this (5 minutes). */
const [alarmingMs, tooFarMs, timeoutMs] = [60_000, 300_000, 5000];
const reinstall =
  'Add them under OAuth & Permissions, or apply manifest/slack.yaml, and install the app again.';

/** Asks Slack how the app is set up: the token, its scopes, the clock, and how events come. */
export async function examine(settings: SlackSettings, clock: Clock): Promise<readonly Finding[]> {
  return [...(await asked(settings, clock)), wayFinding(settings), eventsFinding];
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

function wayFinding({ signingSecret, appToken }: Pick<SlackSettings, 'signingSecret' | 'appToken'>): Finding {
  const about = 'Slack events';
  if (appToken !== undefined) return { about, status: 'ok', found: 'They come by Socket Mode.' };
  if (signingSecret !== undefined)
    return { about, status: 'ok', found: 'They come over HTTP, to /slack/events of the bot’s public URL.' };
  return {
    about,
    status: 'failed',
    found: 'They do not come at all.',
    fix: 'Set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP.',
  };
}

/** Slack tells an app's settings to nobody who has only its bot token. */
const eventsFinding: Finding = {
  about: 'Slack subscriptions and manifest',
  status: 'unknown',
  found: 'Slack does not tell them to a bot’s token.',
  fix: 'Compare the app’s manifest on api.slack.com with what `node scripts/manifest.ts` prints.',
};
