import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSecrets, resolveValues, SecretError } from '../../src/access/secrets.ts';
import { readConfig } from '../../src/config.ts';

describe('a secret of the environment', () => {
  const { secretEnv } = readConfig({
    GITHUB_TOKEN: 'gh-value',
    Jira_Api_Key: 'jira-value',
    HOME: '/root',
    SLACK_BOT_TOKEN: 'xoxb-own',
    SLACK_SIGNING_SECRET: 'own-signing-secret',
    AI_OPS_ADMIN_TOKEN: 'own-admin-token',
    DATABASE_URL: 'postgres://own',
    AI_OPS_SECRET_ENV: '*',
  });
  const { resolve } = createSecrets({ env: secretEnv });

  it('is found by env:NAME', async () => {
    expect(await resolve('env:GITHUB_TOKEN')).toBe('gh-value');
  });

  it('is found by its plain name in any case', async () => {
    for (const name of ['GITHUB_TOKEN', 'github_token', 'jira_api_key', 'Jira_Api_Key'])
      expect(await resolve(name)).toMatch(/-value$/);
  });

  it('is found by env:NAME in its own case only', async () => {
    await expect(resolve('env:github_token')).rejects.toBeInstanceOf(SecretError);
  });

  it.each(['SLACK_BOT_TOKEN', 'AI_OPS_ADMIN_TOKEN', 'DATABASE_URL'])(
    'is never the bot’s own %s, however it is named',
    async (name) => {
      for (const reference of [`env:${name}`, name, name.toLowerCase(), ` ${name}`, `env: ${name}`])
        await expect(resolve(reference)).rejects.toBeInstanceOf(SecretError);
    },
  );

  it('that is the bot’s own says that it may never be named', async () => {
    for (const reference of ['env:SLACK_BOT_TOKEN', 'slack_bot_token'])
      await expect(resolve(reference)).rejects.toThrow('may never be named');
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', ''])(
    'is never something that every object has: %j',
    async (name) => {
      for (const reference of [`env:${name}`, name])
        await expect(resolve(reference)).rejects.toThrow(SecretError);
    },
  );

  it('must match the allow-list', async () => {
    const { secretEnv: few } = readConfig({ GITHUB_TOKEN: 'x', GITHUB_URL: 'y' });
    const { resolve: strict } = createSecrets({ env: few });
    expect(await strict('env:GITHUB_TOKEN')).toBe('x');
    await expect(strict('env:GITHUB_URL')).rejects.toThrow('AI_OPS_SECRET_ENV');
  });

  it('is named when it is missing, but a plain name is not: it may be the secret itself', async () => {
    await expect(resolve('env:NO_SUCH_KEY')).rejects.toThrow('env:NO_SUCH_KEY');
    const pasted = await resolve('ghp_16C7e42F292c6912E7710c838347Ae178B4a').catch((error: unknown) => error);
    expect(pasted).toBeInstanceOf(SecretError);
    expect(String(pasted)).not.toContain('ghp_');
  });

  it('is told to whoever keeps it out of the log', async () => {
    const told: string[] = [];
    const handedOut = (secret: string) => told.push(secret);
    await createSecrets({ env: secretEnv, handedOut }).resolve('env:GITHUB_TOKEN');
    expect(told).toEqual(['gh-value']);
  });
});

describe('a secret in a file', () => {
  let parent: string;
  let dir: string;

  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'ai-ops-secrets-'));
    dir = join(parent, 'secrets');
    await mkdir(join(dir, '..data'), { recursive: true });
    await writeFile(join(parent, 'outside'), 'outside');
    await writeFile(join(dir, 'plain'), ' s3cret\n');
    await writeFile(join(dir, 'empty'), '\n');
    await writeFile(join(dir, '..data', 'mounted'), 'mounted');
    await symlink(join('..data', 'mounted'), join(dir, 'mounted'));
    await symlink(join('..', 'outside'), join(dir, 'escape'));
    await symlink('/etc/hostname', join(dir, 'absolute'));
    await mkdir(`${dir}-more`);
    await writeFile(join(`${dir}-more`, 'sibling'), 'sibling');
    await symlink(join('..', 'secrets-more', 'sibling'), join(dir, 'sibling'));
  });
  afterAll(() => rm(parent, { recursive: true, force: true }));

  const resolve = (reference: string) => createSecrets({ env: {}, dir }).resolve(reference);

  it('is its content without the line break', async () => {
    expect(await resolve('file:plain')).toBe('s3cret');
  });

  it('may be a link within the folder, as Kubernetes mounts secrets', async () => {
    expect(await resolve('file:mounted')).toBe('mounted');
  });

  it.each(['escape', 'absolute', 'sibling'])(
    'may not be a link that leads out of the folder: %s',
    async (name) => {
      await expect(resolve(`file:${name}`)).rejects.toThrow(`The secret file:${name} cannot be read`);
    },
  );

  it.each([
    '../outside',
    '..',
    '.',
    '',
    '/etc/hostname',
    '..data/mounted',
    '..%2foutside',
    'plain\0',
    '.hidden',
  ])('must be a plain file name: %j', async (name) => {
    await expect(resolve(`file:${name}`)).rejects.toThrow('is not a plain file name');
  });

  it('must be there and hold something', async () => {
    await expect(resolve('file:missing')).rejects.toThrow('cannot be read from AI_OPS_SECRETS_DIR');
    await expect(resolve('file:empty')).rejects.toThrow('The secret file:empty is empty.');
  });

  it('needs the folder to be set', async () => {
    await expect(createSecrets({ env: {} }).resolve('file:plain')).rejects.toThrow(
      'needs AI_OPS_SECRETS_DIR',
    );
  });
});

describe('a secret in Vault', () => {
  const told: string[] = [];
  const forgotten: string[] = [];
  const vault = {
    read: async (reference: string) => `value of ${reference}`,
    forget: (reference: string) => void forgotten.push(reference),
  };
  const secrets = createSecrets({ env: {}, vault, handedOut: (secret) => told.push(secret) });

  it('is read there, and told to whoever keeps it out of the log', async () => {
    expect(await secrets.resolve('vault:kv/bot#key')).toBe('value of vault:kv/bot#key');
    expect(told).toEqual(['value of vault:kv/bot#key']);
  });

  it('is forgotten there; what is looked up anew each time need not be', () => {
    for (const reference of ['vault:kv/bot#key', 'env:A_TOKEN', 'file:key', 'a_token', ''])
      secrets.forget(reference);
    expect(forgotten).toEqual(['vault:kv/bot#key']);
  });

  it('needs a Vault', async () => {
    await expect(createSecrets({ env: {} }).resolve('vault:kv/bot#key')).rejects.toThrow('needs VAULT_ADDR');
  });
});

describe('values with secrets', () => {
  const vault = { read: async () => 'from vault', forget: () => undefined };
  const { resolve } = createSecrets({ env: { A_TOKEN: 'tea' }, vault });
  const resolved = async (value: string) => (await resolveValues({ value }, resolve)).value;

  it('are resolved when they are a reference or end in one', async () => {
    expect(await resolved('env:A_TOKEN')).toBe('tea');
    expect(await resolved('Bearer env:A_TOKEN')).toBe('Bearer tea');
    expect(await resolved('vault:kv/bot#key')).toBe('from vault');
    expect(await resolved('Bearer vault:kv/bot#key')).toBe('Bearer from vault');
  });

  it.each([
    'plain',
    'A_TOKEN',
    'https://dev-env:8080',
    'stage-env:blue',
    'vault:8200',
    'env:A_TOKEN and more',
    'env:',
  ])('are left alone otherwise: %s', async (value) => {
    expect(await resolved(value)).toBe(value);
  });

  it('are not resolved at all when one secret is missing', async () => {
    await expect(resolveValues({ a: 'env:A_TOKEN', b: 'env:B_TOKEN' }, resolve)).rejects.toThrow(
      'env:B_TOKEN',
    );
  });
});
