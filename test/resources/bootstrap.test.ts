import { describe, expect, it } from 'vitest';
import { parseBootstrap } from '../../src/resources/bootstrap.ts';

const servers = (...rows: readonly object[]) => JSON.stringify({ 'mcp-servers': rows });
const modelWith = (model_secret_key: string) =>
  JSON.stringify({ 'llm-models': [{ name: 'm', llm_provider: 'openai', model_secret_key }] });

describe('a bootstrap file', () => {
  it.each(['file:///etc/passwd', 'ftp://host', 'localhost:8080', ''])(
    'refuses an http server at %j',
    (url) => {
      expect(() => parseBootstrap(servers({ name: 'a', url }))).toThrow('mcp-servers[0].url: an http server');
    },
  );

  it.each(['', 'two words', '_first', 'a__b', 'päth', 'a.b'])('refuses a server named %j', (name) => {
    expect(() => parseBootstrap(servers({ name, url: 'http://host' }))).toThrow(
      'mcp-servers[0].name: must be',
    );
  });

  it('takes servers with plain names', () => {
    const rows = ['a', 'Host-2', 'git_hub'].map((name) => ({ name, url: 'https://host/x' }));
    expect(parseBootstrap(servers(...rows)).servers).toHaveLength(3);
  });

  it.each([
    'sk-proj-abc',
    'hf_abcdefghijk1234567890',
    '0123456789abcdef0123456789abcdef',
    'env:sk_live_0123456789abcdef0123456789abcdef',
  ])('refuses a key in the place of its name, and does not repeat it: %s', (key) => {
    expect(() => parseBootstrap(modelWith(key))).toThrow('looks like a key');
    expect(() => parseBootstrap(modelWith(key))).not.toThrow(key);
  });

  it.each(['with space', 'a/b', 'env:', 'vault:x'])('refuses the reference %j', (reference) => {
    expect(() => parseBootstrap(modelWith(reference))).toThrow('must be env:NAME');
  });

  it.each(['', 'env:OPENAI_API_KEY', 'file:vendor-key', 'HF_TOKEN', 'hf_token', 'openai_api_key'])(
    'takes the reference %j',
    (reference) => {
      expect(parseBootstrap(modelWith(reference)).models[0]?.secretReference).toBe(reference);
    },
  );
});
