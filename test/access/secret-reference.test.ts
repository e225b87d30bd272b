import { describe, expect, it } from 'vitest';
import {
  isSecretReference,
  looksLikeKey,
  parseVaultReference,
  referenceIn,
  refusalOf,
} from '../../src/access/secret-reference.ts';

describe('a secret reference', () => {
  it.each([
    'env:OPENAI_API_KEY',
    'file:vendor-key',
    'file:tls.key',
    'vault:kv/bot#key',
    'vault:team%2Fkv/prod/bot#api-key',
    'azure_gpt4_api_key',
    'HF_TOKEN',
  ])('may be %j', (text) => {
    expect(isSecretReference(text)).toBe(true);
    expect(refusalOf(text)).toBeUndefined();
  });

  it.each([
    '',
    'env:',
    'env:A-B',
    'env:A B',
    'file:../outside',
    'file:.hidden',
    'file:a/b',
    'vault:kv#key',
    'vault:kv/bot',
    'vault:kv/bot#',
    'vault:kv/bot#a#b',
    'vault:kv/../sys/raw#key',
    'vault:../sys/raw#key',
    'vault:kv/./bot#key',
    'vault:kv//bot#key',
    'vault:kv/bot/#key',
    'vault:kv%2F..%2Fsys/raw#key',
    'vault:kv/%2e%2e/raw#key',
    'vault:kv/bot?version=1#key',
    'vault:kv/a\\b#key',
    'vault:kv/a b#key',
    'two words',
    'http://somewhere',
  ])('is not %j', (text) => {
    expect(isSecretReference(text)).toBe(false);
    expect(refusalOf(text)).toMatch(/^Write env:NAME/);
  });

  it.each([
    'sk-proj-abc',
    'hf_0123456789abcdefghij',
    'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
    'AKIAIOSFODNN7EXAMPLE',
    '0123456789abcdef0123456789abcdef',
    'env:sk-proj-abc',
    'env:0123456789abcdef0123456789abcdef',
    'vault:0123456789abcdef0123456789abcdef',
  ])('is never a key in the place of its name, which is not repeated: %j', (text) => {
    expect(looksLikeKey(text)).toBe(true);
    expect(refusalOf(text)).toMatch(/^This looks like a key/);
    expect(refusalOf(text)).not.toContain(text);
  });

  it.each([
    'env:SLACK_BOT_TOKEN',
    'slack_bot_token',
    'VAULT_TOKEN',
    'env:AI_OPS_ADMIN_TOKEN',
    'oidc_client_secret',
  ])('never names one of the bot’s own credentials: %j', (text) => {
    expect(refusalOf(text)).toMatch(/^This is one of the bot’s own credentials/);
  });

  it('to a secret in Vault may have a path that is as long as a key', () => {
    expect(refusalOf('vault:kv/0123456789abcdef0123456789abcdef#key')).toBeUndefined();
  });
});

describe('a reference to Vault', () => {
  it('has a mount, a path and a field', () => {
    expect(parseVaultReference('vault:kv/prod/bot#key')).toEqual({
      mount: 'kv',
      path: 'prod/bot',
      field: 'key',
    });
  });

  it('may have a mount with slashes', () => {
    expect(parseVaultReference('vault:team%2Fkv/bot#key')?.mount).toBe('team/kv');
  });
});

describe('the reference in a value', () => {
  it('is all of it or its last word', () => {
    expect(referenceIn('env:A_TOKEN')).toEqual({ before: '', reference: 'env:A_TOKEN' });
    expect(referenceIn('Bearer vault:kv/bot#key')).toEqual({
      before: 'Bearer ',
      reference: 'vault:kv/bot#key',
    });
  });

  it.each(['plain', 'A_TOKEN', 'vault:8200', 'https://vault:8200/ui#top', 'vault:kv/bot#key and more'])(
    'is not in %j',
    (value) => {
      expect(referenceIn(value)).toBeUndefined();
    },
  );
});
