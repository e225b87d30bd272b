import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig, secretsOf } from '../src/config.ts';

function problemsOf(env: Readonly<Record<string, string>>): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('the configuration', () => {
  it('has a default for everything', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      port: 8080,
      dataDir: './data',
      environment: 'LAB',
      logLevel: 'info',
      secretEnv: {},
      stdioAllow: [],
      ollamaProbeUrl: 'http://localhost:11434',
    });
  });

  it('takes an empty variable for one that is not set', () => {
    expect(readConfig({ PORT: '', DATABASE_URL: '', AI_OPS_ENV: '' })).toEqual(readConfig({}));
  });

  it('reports every problem at once, each by the name of its variable', () => {
    const wrong = {
      HOST: '0.0.0.0',
      PORT: '80800',
      DATABASE_URL: 'mysql://db',
      REDIS_URL: 'localhost:6379',
      AI_OPS_ADMIN_TOKEN: 'short',
      AI_OPS_PUBLIC_URL: 'bot.example.com',
      OPENAI_API: 'completions',
      LOG_LEVEL: 'loud',
    };
    expect(problemsOf(wrong)).toEqual([
      'PORT must be a port number from 0 to 65535.',
      'DATABASE_URL must be a URL like postgres://user:password@host:5432/database.',
      'REDIS_URL must be a URL like redis://host:6379/2.',
      'AI_OPS_PUBLIC_URL must be a URL like https://host/path.',
      'OPENAI_API must be responses or chat.',
      'LOG_LEVEL must be debug, info, warn, error or silent.',
      'AI_OPS_ENV must be set to LAB, NONPROD or PROD, because HOST is not a loopback address.',
      'AI_OPS_ADMIN_TOKEN must have at least 16 characters, because HOST is not a loopback address.',
    ]);
  });

  it.each(['-1', '65536', '80.5', '0x50', '1e3', ' ', 'http'])('refuses the port %j', (PORT) => {
    expect(problemsOf({ PORT })).toEqual(['PORT must be a port number from 0 to 65535.']);
  });

  it.each(['0', '1', '65535'])('takes the port %s', (PORT) => {
    expect(readConfig({ PORT }).port).toBe(Number(PORT));
  });

  it('never repeats a value, which may be a secret', () => {
    const problems = problemsOf({
      DATABASE_URL: 'mysql://bot:hunter2@db',
      AI_OPS_ADMIN_TOKEN: 'hunter2 hunter2',
    });
    expect(problems).toHaveLength(2);
    expect(problems.join()).not.toContain('hunter2');
  });

  it.each(['127.0.0.1', '127.8.8.8', 'localhost', '::1'])('is LAB on the loopback address %s', (HOST) => {
    expect(readConfig({ HOST }).environment).toBe('LAB');
  });

  it.each(['0.0.0.0', '::', '10.0.0.5', 'bot.example.com'])('must be told its AI_OPS_ENV on %s', (HOST) => {
    expect(problemsOf({ HOST })).toHaveLength(1);
    expect(readConfig({ HOST, AI_OPS_ENV: 'PROD' }).environment).toBe('PROD');
  });

  it('refuses an AI_OPS_ENV that it does not know', () => {
    expect(problemsOf({ HOST: '0.0.0.0', AI_OPS_ENV: 'STAGING' })).toEqual([
      'AI_OPS_ENV must be LAB, NONPROD or PROD.',
    ]);
  });

  it('reads lists with and without spaces', () => {
    expect(readConfig({ AI_OPS_STDIO_ALLOW: 'npx, uvx,,python3 ' }).stdioAllow).toEqual([
      'npx',
      'uvx',
      'python3',
    ]);
  });
});

describe('what resources may name of the environment', () => {
  it('is what ends like a secret', () => {
    const env = {
      GITHUB_TOKEN: 'a',
      JIRA_API_KEY: 'b',
      X_SECRET: 'c',
      SSH_PASSWORD: 'd',
      PATH: 'e',
      KEY_OF: 'f',
    };
    expect(readConfig(env).secretEnv).toEqual({
      GITHUB_TOKEN: 'a',
      JIRA_API_KEY: 'b',
      X_SECRET: 'c',
      SSH_PASSWORD: 'd',
    });
  });

  it('is what AI_OPS_SECRET_ENV lists, and no more', () => {
    const env = {
      AI_OPS_SECRET_ENV: 'GITHUB_*, A.B',
      GITHUB_TOKEN: 'a',
      GITHUB_URL: 'b',
      JIRA_TOKEN: 'c',
      AxB: 'd',
    };
    expect(readConfig(env).secretEnv).toEqual({ GITHUB_TOKEN: 'a', GITHUB_URL: 'b' });
  });

  it.each([
    'SLACK_BOT_TOKEN',
    'SLACK_SIGNING_SECRET',
    'slack_bot_token',
    'MicrosoftAppPassword',
    'MICROSOFT_APP_PASSWORD',
    'TEAMS_TOKEN',
    'DATABASE_URL',
    'DATABASE_PASSWORD',
    'POSTGRES_PASSWORD',
    'PGPASSWORD',
    'REDIS_URL',
    'REDIS_PASSWORD',
    'VAULT_TOKEN',
    'AI_OPS_ADMIN_TOKEN',
    'AI_OPS_ENCRYPTION_KEY',
  ])('is never the bot’s own %s, whatever is listed', (name) => {
    const value = name.endsWith('_URL') ? 'redis://x' : 'own-credential';
    const env = name === 'DATABASE_URL' ? { DATABASE_URL: 'postgres://x' } : { [name]: value };
    expect(readConfig({ ...env, AI_OPS_SECRET_ENV: `*,${name}` }).secretEnv).toEqual({});
  });
});

describe('the secrets of the configuration', () => {
  it('are all that the process was told', () => {
    const config = readConfig({
      AI_OPS_ADMIN_TOKEN: 'admin-token',
      DATABASE_URL: 'postgres://bot:p%40ss@db/ops',
      REDIS_URL: 'redis://:redis-pass@cache',
      OPENAI_API_KEY: 'sk-key',
    });
    expect([...secretsOf(config)].sort()).toEqual(
      ['admin-token', 'p%40ss', 'p@ss', 'redis-pass', 'redis-pass', 'sk-key'].sort(),
    );
  });

  it('are found in a URL whose password is not well encoded', () => {
    expect(secretsOf(readConfig({ DATABASE_URL: 'postgres://bot:100%@db/ops' }))).toContain('100%');
  });
});
