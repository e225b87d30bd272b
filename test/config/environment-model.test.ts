import { expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';

const anthropic = { ANTHROPIC_API_KEY: 'sk-ant', ANTHROPIC_BASE_URL: 'http://claude:1' };
const ollama = { OLLAMA_BASE_URL: 'http://ollama:2' };

it('Anthropic is used when its key is set', () => {
  expect(readConfig({ ...anthropic, ...ollama }).environmentModel).toEqual({
    provider: 'anthropic',
    secretReference: 'env:ANTHROPIC_API_KEY',
    config: { base_url: 'http://claude:1' },
  });
  expect(readConfig({ ANTHROPIC_API_KEY: 'sk-ant' }).environmentModel?.config).toEqual({});
});

it('OpenAI comes before Anthropic, and Anthropic before all others', () => {
  const others = {
    AZURE_OPENAI_API_KEY: 'a',
    AZURE_OPENAI_ENDPOINT: 'https://x.y',
    HF_TOKEN: 'h',
    ...ollama,
  };
  expect(readConfig({ ...others, ...anthropic }).environmentModel?.provider).toBe('anthropic');
  const all = { ...others, ...anthropic, OPENAI_API_KEY: 'sk' };
  expect(readConfig(all).environmentModel?.provider).toBe('openai');
});
