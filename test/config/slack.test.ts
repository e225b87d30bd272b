import { describe, expect, it } from 'vitest';
import { readConfig, secretsOf } from '../../src/config.ts';
import { problemsOf } from './problems.ts';

describe('the Slack variables', () => {
  it('make the app of one workspace, over HTTP or Socket Mode, and are kept out of the log', () => {
    const config = readConfig({
      SLACK_BOT_TOKEN: 'xoxb-1',
      SLACK_SIGNING_SECRET: 'abc',
      SLACK_APP_TOKEN: 'xapp-1',
    });
    expect(config.slack).toEqual({ botToken: 'xoxb-1', signingSecret: 'abc', appToken: 'xapp-1' });
    expect(secretsOf(config)).toEqual(expect.arrayContaining(['xoxb-1', 'abc', 'xapp-1']));
    expect(readConfig({}).slack).toBeUndefined();
  });

  it('say everything that is wrong with them at once', () => {
    expect(problemsOf({ SLACK_BOT_TOKEN: 'xoxp-1' })).toHaveLength(2);
    expect(problemsOf({ SLACK_APP_TOKEN: 'xapp-1' }).join()).toContain('SLACK_BOT_TOKEN is missing');
    expect(
      problemsOf({
        SLACK_BOT_TOKEN: 'xoxb-1',
        SLACK_SIGNING_SECRET: 'x',
        SLACK_API_URL: 'http://slack.example.com/api/',
      }).join(),
    ).toContain('https://');
  });
});
