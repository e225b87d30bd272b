import { describe, expect, it } from 'vitest';
import { readConfig, secretsOf } from '../src/config.ts';
import { problemsOf } from './config/problems.ts';

describe('the configuration', () => {
  it('has a default for everything', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      port: 8080,
      dataDir: './data',
      environment: 'LAB',
      logLevel: 'info',
      secretEnv: {},
      secretNames: ['*_KEY', '*_TOKEN', '*_SECRET', '*_PASSWORD'],
      stdioAllow: [],
      admins: [],
      encryptionKeys: [],
      ollamaProbeUrl: 'http://localhost:11434',
    });
  });

  it('takes one key for what it encrypts, or several, and hides them', () => {
    const [fresh, old] = ['ab'.repeat(32), Buffer.alloc(32, 7).toString('base64')];
    const config = readConfig({ AI_OPS_ENCRYPTION_KEY: `${fresh},${old}` });
    expect(config.encryptionKeys.map((key) => key.toString('hex'))).toEqual([fresh, '07'.repeat(32)]);
    expect(secretsOf(config)).toContain(fresh);
    expect(() => readConfig({ AI_OPS_ENCRYPTION_KEY: 'a password' })).toThrow(
      'AI_OPS_ENCRYPTION_KEY must be 32 bytes in base64 or hex',
    );
  });

  it('takes an empty variable for one that is not set', () => {
    expect(readConfig({ PORT: '', DATABASE_URL: '', AI_OPS_ENV: '' })).toEqual(readConfig({}));
  });

  it('wants a host of its own for what people reach', () => {
    expect(problemsOf({ AI_OPS_PUBLIC_URL: 'https://example.com/bot' })).toEqual([
      'AI_OPS_PUBLIC_URL must be without a path, such as https://bot.example.com; the bot needs a host of its own.',
    ]);
    expect(readConfig({ AI_OPS_PUBLIC_URL: 'https://bot.example.com/' }).publicUrl).toBe(
      'https://bot.example.com/',
    );
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

  it('refuses in PROD what is anonymous or weak, on loopback too', () => {
    const weak = { AI_OPS_ENV: 'PROD', AI_OPS_ADMIN_TOKEN: 'fifteen-letters', TEAMS_ALLOW_ANONYMOUS: 'true' };
    expect(problemsOf(weak)).toEqual([
      'AI_OPS_ADMIN_TOKEN must have at least 16 characters, because AI_OPS_ENV is PROD.',
      'TEAMS_ALLOW_ANONYMOUS must not be set, because AI_OPS_ENV is PROD.',
    ]);
    const key = { AI_OPS_ENCRYPTION_KEY: 'ab'.repeat(32) };
    expect(problemsOf({ ...weak, ...key, AI_OPS_ENV: 'NONPROD' })).toEqual([]);
    const safe = { AI_OPS_ADMIN_TOKEN: 'sixteen-letters!', TEAMS_ALLOW_ANONYMOUS: 'false' };
    expect(problemsOf({ ...safe, AI_OPS_ENV: 'PROD' })).toEqual([]);
  });

  it('refuses anonymous Teams wherever others reach it', () => {
    expect(problemsOf({ HOST: '0.0.0.0', AI_OPS_ENV: 'LAB', TEAMS_ALLOW_ANONYMOUS: 'true' })).toEqual([
      'TEAMS_ALLOW_ANONYMOUS must not be set, because HOST is not a loopback address.',
    ]);
  });

  it('reads admins, and names those that are none', () => {
    const AI_OPS_ADMINS = 'slack:T1:U1, web:login.example.com:5,group:sre';
    expect(readConfig({ AI_OPS_ADMINS }).admins).toEqual([
      'slack:T1:U1',
      'web:login.example.com:5',
      'group:sre',
    ]);
    expect(problemsOf({ AI_OPS_ADMINS: 'slack:U1,ada,tenant:*' })).toEqual([
      'AI_OPS_ADMINS names slack:U1: Such a principal looks like slack:<team id>:<user id>.',
      'AI_OPS_ADMINS names ada: A principal begins with one of slack:, teams:, web:, token:, group:.',
      'AI_OPS_ADMINS names tenant:*: A principal begins with one of slack:, teams:, web:, token:, group:.',
    ]);
  });

  it('reads an issuer with its usual claims', () => {
    const issuer = { OIDC_ISSUER: 'https://login.example.com', OIDC_CLIENT_ID: 'bot' };
    expect(readConfig(issuer).issuer).toEqual({
      url: 'https://login.example.com',
      clientId: 'bot',
      scopes: 'openid email profile',
      groupsClaim: 'groups',
    });
    expect(readConfig({ ...issuer, OIDC_CLIENT_SECRET: 's' }).issuer?.clientSecret).toBe('s');
  });

  it.each([
    [{ OIDC_ISSUER: 'login.example.com' }, 'OIDC_ISSUER must be a URL like https://login.example.com.'],
    [
      { OIDC_ISSUER: 'http://login.example.com' },
      'OIDC_ISSUER must begin with https:// unless it is on a loopback address.',
    ],
    [
      { OIDC_ISSUER: 'http://127.0.0.1:9', OIDC_CLIENT_ID: '' },
      'OIDC_CLIENT_ID must be set, because OIDC_ISSUER is.',
    ],
    [{ OIDC_CLIENT_ID: 'bot' }, 'OIDC_ISSUER must be set, because there is a client for it.'],
    [{ OIDC_SCOPES: 'email' }, 'OIDC_SCOPES must hold openid.'],
    [
      { OIDC_ISSUER: 'https://x', OIDC_CLIENT_ID: 'bot', HOST: '0.0.0.0', AI_OPS_ENV: 'LAB' },
      'AI_OPS_PUBLIC_URL must be set, because people return to it from OIDC_ISSUER and HOST is not a loopback address.',
    ],
  ])('refuses %j', (env, problem) => {
    expect(problemsOf(env)).toContain(problem);
  });

  it.each(['http://127.0.0.1:4000', 'http://localhost:4000', 'http://[::1]:4000'])(
    'takes the issuer %s, which is on this machine',
    (OIDC_ISSUER) => {
      expect(problemsOf({ OIDC_ISSUER, OIDC_CLIENT_ID: 'bot' })).toEqual([]);
    },
  );

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

  it('is found in no time, however many * a name has', () => {
    const [name, begun] = ['A'.repeat(200), performance.now()];
    const env = {
      AI_OPS_SECRET_ENV: `${'*a'.repeat(60)}*b,ci*_to*n`,
      [name]: 'a',
      CI_TOKEN: 'b',
      CI_TO: 'c',
    };
    expect(readConfig(env).secretEnv).toEqual({ CI_TOKEN: 'b' });
    expect(performance.now() - begun).toBeLessThan(500);
  });

  it.each([
    'SLACK_BOT_TOKEN',
    'SLACK_SIGNING_SECRET',
    'slack_bot_token',
    'MicrosoftAppPassword',
    'MICROSOFT_APP_PASSWORD',
    'CertificatePrivateKey',
    'TEAMS_TOKEN',
    'DATABASE_URL',
    'DATABASE_PASSWORD',
    'POSTGRES_PASSWORD',
    'PGPASSWORD',
    'REDIS_URL',
    'REDIS_PASSWORD',
    'VAULT_TOKEN',
    'OIDC_CLIENT_SECRET',
    'AI_OPS_ADMIN_TOKEN',
    'AI_OPS_ENCRYPTION_KEY',
  ])('is never the bot’s own %s, whatever is listed', (name) => {
    const value = name.endsWith('_URL') ? 'redis://x' : 'own-credential';
    const someId = '11111111-2222-4333-8444-555555555555';
    const companions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
      OIDC_CLIENT_SECRET: { OIDC_ISSUER: 'https://x', OIDC_CLIENT_ID: 'x' },
      VAULT_TOKEN: { VAULT_ADDR: 'https://x' },
      SLACK_BOT_TOKEN: { SLACK_SIGNING_SECRET: 'x' },
      SLACK_SIGNING_SECRET: { SLACK_BOT_TOKEN: 'xoxb-x' },
      MicrosoftAppPassword: { MicrosoftAppId: someId, MicrosoftAppTenantId: someId },
      CertificatePrivateKey: {
        ...{ MicrosoftAppId: someId, MicrosoftAppTenantId: someId },
        CertificateThumbprint: 'ab'.repeat(20),
      },
    };
    const forms: Readonly<Record<string, string>> = {
      SLACK_BOT_TOKEN: 'xoxb-own-credential',
      DATABASE_URL: 'postgres://x',
      AI_OPS_ENCRYPTION_KEY: 'ab'.repeat(32),
      CertificatePrivateKey: '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----',
    };
    const own = forms[name] ?? value;
    const env = { ...companions[name], [name]: own };
    expect(readConfig({ ...env, AI_OPS_SECRET_ENV: `*,${name}` }).secretEnv).toEqual({});
  });
});

describe('the model that the environment describes', () => {
  const all = {
    OPENAI_API_KEY: 'k',
    ANTHROPIC_API_KEY: 'k',
    AZURE_OPENAI_API_KEY: 'k',
    AZURE_OPENAI_ENDPOINT: 'https://name.openai.azure.com/',
    HF_TOKEN: 't',
    OLLAMA_BASE_URL: 'http://ollama:11434',
  };

  it.each([
    ['openai', []],
    ['anthropic', ['OPENAI_API_KEY']],
    ['azure_ai', ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY']],
    ['huggingface', ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'AZURE_OPENAI_ENDPOINT']],
    ['ollama', ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'AZURE_OPENAI_API_KEY', 'HF_TOKEN']],
    [undefined, Object.keys(all)],
  ])('is %s without %j', (provider, without) => {
    const env = Object.fromEntries(Object.entries(all).filter(([name]) => !without.includes(name)));
    expect(readConfig(env).environmentModel?.provider).toBe(provider);
  });

  it('on Azure has its endpoint and, where one is named, its version', () => {
    const { AZURE_OPENAI_API_KEY, AZURE_OPENAI_ENDPOINT } = all;
    const env = { AZURE_OPENAI_API_KEY, AZURE_OPENAI_ENDPOINT };
    expect(readConfig(env).environmentModel).toEqual({
      provider: 'azure_ai',
      secretReference: 'env:AZURE_OPENAI_API_KEY',
      config: { azure_endpoint: AZURE_OPENAI_ENDPOINT },
    });
    const dated = readConfig({ ...env, AZURE_OPENAI_API_VERSION: '2024-10-21' });
    expect(dated.environmentModel?.config).toMatchObject({ api_version: '2024-10-21' });
  });

  it('on Azure may sign in as who the environment says', () => {
    const env = {
      AZURE_TENANT_ID: 'tenant',
      AZURE_CLIENT_ID: 'client',
      AZURE_FEDERATED_TOKEN_FILE: '/var/token',
      AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us',
    };
    expect(readConfig(env).entra).toEqual({
      tenantId: 'tenant',
      clientId: 'client',
      tokenFile: '/var/token',
      authorityHost: 'https://login.microsoftonline.us',
    });
    expect(problemsOf({ AZURE_AUTHORITY_HOST: 'http://login' })).toEqual([
      'AZURE_AUTHORITY_HOST must be a URL like https://login.microsoftonline.us.',
    ]);
  });
});

describe('the secrets of the configuration', () => {
  it('are all that the process was told', () => {
    const config = readConfig({
      AI_OPS_ADMIN_TOKEN: 'admin-token',
      DATABASE_URL: 'postgres://bot:p%40ss@db/ops',
      REDIS_URL: 'redis://:redis-pass@cache',
      OPENAI_API_KEY: 'sk-key',
      OIDC_ISSUER: 'https://login.example.com',
      OIDC_CLIENT_ID: 'bot',
      OIDC_CLIENT_SECRET: 'client-secret',
    });
    expect([...secretsOf(config)].sort()).toEqual(
      ['admin-token', 'client-secret', 'p%40ss', 'p@ss', 'redis-pass', 'redis-pass', 'sk-key'].sort(),
    );
  });

  it('are found in a URL whose password is not well encoded', () => {
    expect(secretsOf(readConfig({ DATABASE_URL: 'postgres://bot:100%@db/ops' }))).toContain('100%');
  });
});
