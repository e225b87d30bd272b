import { z } from 'zod';
import type { Variables } from './contradictions.ts';
import { isSafe } from './loopback.ts';

/** The app in one Slack workspace. */
export interface SlackSettings {
  readonly botToken: string;
  /** HTTP: requests of Slack are verified with it. */
  readonly signingSecret?: string;
  /** Socket Mode. */
  readonly appToken?: string;
  /** Another Web API, for tests. */
  readonly apiUrl?: string;
}

const begins = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}-\\S+$`), { error: `must begin with ${prefix}-` });

const variables = {
  SLACK_BOT_TOKEN: begins('xoxb')
    .optional()
    .describe('The Slack app’s bot token. With it the bot is in Slack.'),
  SLACK_SIGNING_SECRET: z
    .string()
    .regex(/^\S+$/, { error: 'must not contain spaces or line breaks' })
    .optional()
    .describe('Slack over HTTP, at `/slack/events`: verifies that requests come from Slack.'),
  SLACK_APP_TOKEN: begins('xapp')
    .optional()
    .describe(
      'Slack over Socket Mode, which needs no public address: an app-level token with `connections:write`.',
    ),
  SLACK_API_URL: z
    .string()
    .refine((value) => URL.canParse(value) && ['http:', 'https:'].includes(new URL(value).protocol), {
      error: 'must be a URL like https://slack.com/api/',
    })
    .refine((value) => !URL.canParse(value) || isSafe(new URL(value)), {
      error: 'must begin with https:// unless it is on a loopback address',
    })
    .optional()
    .describe('Another base of Slack’s Web API, for tests.'),
};

interface SlackVariables {
  readonly SLACK_BOT_TOKEN?: string | undefined;
  readonly SLACK_SIGNING_SECRET?: string | undefined;
  readonly SLACK_APP_TOKEN?: string | undefined;
  readonly SLACK_API_URL?: string | undefined;
}

/** Undefined: the bot is not in Slack. */
function read(given: SlackVariables): SlackSettings | undefined {
  const { SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, SLACK_APP_TOKEN, SLACK_API_URL } = given;
  if (SLACK_BOT_TOKEN === undefined) return undefined;
  return {
    botToken: SLACK_BOT_TOKEN,
    ...(SLACK_SIGNING_SECRET === undefined ? {} : { signingSecret: SLACK_SIGNING_SECRET }),
    ...(SLACK_APP_TOKEN === undefined ? {} : { appToken: SLACK_APP_TOKEN }),
    ...(SLACK_API_URL === undefined ? {} : { apiUrl: SLACK_API_URL }),
  };
}

/** What is missing where something of Slack is set. */
function contradictions(env: Variables): readonly string[] {
  const others = ['SLACK_SIGNING_SECRET', 'SLACK_APP_TOKEN', 'SLACK_API_URL'].filter(
    (name) => env[name] !== undefined,
  );
  if (env.SLACK_BOT_TOKEN === undefined)
    return others.length === 0 ? [] : [`SLACK_BOT_TOKEN is missing, which ${others.join(' and ')} needs.`];
  if (env.SLACK_SIGNING_SECRET !== undefined || env.SLACK_APP_TOKEN !== undefined) return [];
  return [
    'SLACK_SIGNING_SECRET (HTTP) or SLACK_APP_TOKEN (Socket Mode) is missing, which SLACK_BOT_TOKEN needs.',
  ];
}

/** The secrets among them. */
function secrets(settings: SlackSettings | undefined): readonly string[] {
  return [settings?.botToken ?? '', settings?.signingSecret ?? '', settings?.appToken ?? ''];
}

/** All that the environment says of Slack. */
export const slackConfig = { variables, contradictions, read, secrets };
