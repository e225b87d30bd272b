import { describe, expect, it } from 'vitest';
import { readConfig, secretsOf } from '../../src/config.ts';
import { problemsOf } from './problems.ts';

const VAULT_ADDR = 'https://vault.example.com:8200';

describe('the configuration of Vault', () => {
  it('is a place and one way to sign in', () => {
    expect(readConfig({}).vault).toBeUndefined();
    expect(readConfig({ VAULT_ADDR, VAULT_TOKEN: 'hvs.token' }).vault).toEqual({
      address: VAULT_ADDR,
      signIn: { kind: 'token', token: 'hvs.token' },
    });
    expect(
      readConfig({ VAULT_ADDR, VAULT_ROLE_ID: 'role', VAULT_SECRET_ID: 'secret' }).vault?.signIn,
    ).toEqual({
      kind: 'approle',
      mount: 'approle',
      roleId: 'role',
      secretId: 'secret',
    });
    expect(readConfig({ VAULT_ADDR, VAULT_K8S_ROLE: 'ai-ops' }).vault?.signIn).toEqual({
      kind: 'kubernetes',
      mount: 'kubernetes',
      role: 'ai-ops',
      tokenPath: '/var/run/secrets/kubernetes.io/serviceaccount/token',
    });
  });

  it('may have a namespace, a CA and other mounts', () => {
    const more = { VAULT_NAMESPACE: 'ops/team', VAULT_CACERT: '/etc/vault/ca.pem' };
    const approle = {
      VAULT_ROLE_ID: 'role',
      VAULT_SECRET_ID: 'secret',
      VAULT_APPROLE_MOUNT: '/team/approle/',
    };
    expect(readConfig({ VAULT_ADDR, ...more, ...approle }).vault).toMatchObject({
      namespace: 'ops/team',
      caFile: '/etc/vault/ca.pem',
      signIn: { mount: 'team/approle' },
    });
    const kubernetes = {
      VAULT_K8S_ROLE: 'ai-ops',
      VAULT_K8S_MOUNT: 'prod',
      VAULT_K8S_TOKEN_PATH: '/run/token',
    };
    expect(readConfig({ VAULT_ADDR, ...kubernetes }).vault?.signIn).toMatchObject({
      mount: 'prod',
      tokenPath: '/run/token',
    });
  });

  it.each([
    [{ VAULT_ADDR: 'vault:8200', VAULT_TOKEN: 't' }, /^VAULT_ADDR must be a URL like/],
    [
      { VAULT_ADDR: 'https://user:secret@vault', VAULT_TOKEN: 't' },
      /^VAULT_ADDR must be a URL like .+ without a user/,
    ],
    [{ VAULT_ADDR: 'https://vault?x=1', VAULT_TOKEN: 't' }, /^VAULT_ADDR must be a URL like/],
    [{ VAULT_ADDR, VAULT_TOKEN: 'two words' }, /^VAULT_TOKEN must not contain spaces or line breaks\.$/],
    [
      { VAULT_ADDR, VAULT_K8S_ROLE: 'r', VAULT_K8S_MOUNT: 'a/../sys' },
      /^VAULT_K8S_MOUNT must be a path like/,
    ],
    [{ VAULT_ADDR, VAULT_K8S_ROLE: 'r', VAULT_K8S_MOUNT: 'a b' }, /^VAULT_K8S_MOUNT must be a path like/],
    [{ VAULT_TOKEN: 't' }, /^VAULT_ADDR must be set, because VAULT_TOKEN is\.$/],
    [{ VAULT_K8S_ROLE: 'r' }, /^VAULT_ADDR must be set, because VAULT_K8S_ROLE is\.$/],
    [{ VAULT_ADDR }, /^VAULT_TOKEN, VAULT_ROLE_ID with VAULT_SECRET_ID, or VAULT_K8S_ROLE must be set/],
    [{ VAULT_ADDR, VAULT_ROLE_ID: 'r' }, /^VAULT_SECRET_ID must be set, because VAULT_ROLE_ID is\.$/],
    [{ VAULT_ADDR, VAULT_SECRET_ID: 's' }, /^VAULT_ROLE_ID must be set, because VAULT_SECRET_ID is\.$/],
    [
      { VAULT_ADDR, VAULT_TOKEN: 't', VAULT_K8S_ROLE: 'r' },
      /^VAULT_K8S_ROLE must not be set, because VAULT_TOKEN is: there is one way to sign in\.$/,
    ],
  ])('is refused with what to do: %j', (env, problem) => {
    expect(problemsOf(env)).toEqual([expect.stringMatching(problem)]);
  });

  it('keeps what it must not show among the secrets', () => {
    expect(secretsOf(readConfig({ VAULT_ADDR, VAULT_TOKEN: 'hvs.token' }))).toEqual(['hvs.token']);
    const approle = { VAULT_ROLE_ID: 'role', VAULT_SECRET_ID: 'the-secret-id' };
    expect(secretsOf(readConfig({ VAULT_ADDR, ...approle }))).toEqual(['the-secret-id']);
  });

  it('never lends its secrets to resources', () => {
    const env = { VAULT_ADDR, VAULT_ROLE_ID: 'role', VAULT_SECRET_ID: 'secret', AI_OPS_SECRET_ENV: '*' };
    expect(readConfig(env).secretEnv).toEqual({});
  });
});
