import { webApi } from '@slack/bolt';
import { textOf } from '../../src/chat/json.ts';
import { quietLogger } from './logger.ts';

/** The app in one workspace. */
export interface Installation {
  readonly team: string;
  readonly botToken: string;
  /** The bot as a user, and as a bot. */
  readonly botUser: string;
  readonly botId: string;
}

/** Where workspaces and their tokens come from; nothing else knows any. */
export interface Installations {
  /** Undefined: the app is not installed there. Throws while Slack cannot be asked. */
  of(team: string): Promise<Installation | undefined>;
  /** The workspaces that the app is installed in. Throws while Slack cannot be asked. */
  teams(): Promise<readonly string[]>;
}

/** The one workspace of a bot token. */
export function oneInstallation(options: {
  readonly botToken: string;
  readonly apiUrl?: string;
}): Installations {
  const { botToken, apiUrl } = options;
  const client = new webApi.WebClient(botToken, {
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
    retryConfig: { retries: 1 },
    timeout: 5000,
    rejectRateLimitedCalls: true,
    logger: quietLogger,
  });
  let known: Promise<Installation> | undefined;
  const ask = async (): Promise<Installation> => {
    const found = await client.auth.test();
    return {
      team: textOf(found.team_id),
      botUser: textOf(found.user_id),
      botId: textOf(found.bot_id),
      botToken,
    };
  };
  async function only(): Promise<Installation> {
    known ??= ask();
    return await known.catch((error: unknown) => {
      known = undefined;
      throw error;
    });
  }
  return {
    async of(team) {
      const installation = await only();
      return installation.team === team ? installation : undefined;
    },
    teams: async () => [(await only()).team],
  };
}
