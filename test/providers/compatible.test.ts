import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { custom } from '../../src/providers/custom.ts';
import { huggingface } from '../../src/providers/huggingface.ts';
import { resilient } from '../../src/providers/resilient.ts';
import { type StrictLlm, startStrictLlm } from '../fakes/llm/server.ts';
import { ask, hear } from './hear.ts';
import { customChat, huggingfaceRouter } from './subjects.ts';

const json = { 'content-type': 'application/json' };
const question = ask('Pods?', { temperature: 0.3, maxOutputTokens: 9 });

describe('Hugging Face and other servers', () => {
  let llm: StrictLlm;
  beforeEach(async () => {
    llm = await startStrictLlm({ reply: () => ({ text: 'Hi.' }) });
  });
  afterEach(() => llm.close());

  it('get the older name of max_tokens, unless the model reasons', async () => {
    await hear(resilient(await huggingfaceRouter.open(llm.url)), question);
    await hear(resilient(await customChat.open(llm.url)), question);
    await hear(resilient(await customChat.open(llm.url, { config: { reasoning: true } })), question);
    const limits = llm.requests.map(({ body }) => [body.max_tokens, body.max_completion_tokens]);
    expect(limits).toEqual([
      [9, undefined],
      [9, undefined],
      [undefined, 9],
    ]);
  });

  it('may be an endpoint with or without /v1', async () => {
    for (const rest of ['/router', '/router/', '/router/v1', '/router/v1/']) {
      const config = { endpoint_url: `${llm.url}${rest}` };
      const vendor = await huggingfaceRouter.open(llm.url, { config });
      expect(await hear(resilient(vendor), ask('?'))).toMatchObject({ text: 'Hi.', error: undefined });
    }
  });

  it('needs a token on Hugging Face, and knows the window of its default model', async () => {
    await expect(huggingface.create({ model: 'a/b', config: {} })).rejects.toMatchObject({ kind: 'auth' });
    expect(huggingface.contextWindow('openai/gpt-oss-120b:fastest', {})).toBe(131_072);
    expect(huggingface.contextWindow('meta-llama/any', {})).toBeUndefined();
  });

  it('say in many words that a prompt is too long', async () => {
    const error = {
      message: 'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 9000',
      type: 'validation',
    };
    const reply = () => new Response(JSON.stringify({ error }), { status: 422, headers: json });
    const config = { base_url: 'http://127.0.0.1:9/v1' };
    const vendor = await custom.create({ model: 'm', config, fetch: async () => reply() });
    const heard = await hear(resilient(vendor), question);
    expect(heard.error).toMatchObject({ kind: 'context_overflow', status: 422 });
  });

  it('custom: asks without a key where none is configured, and by Responses where told', async () => {
    const config = { base_url: `${llm.url}/v1`, api: 'responses' };
    const vendor = await custom.create({ model: 'local', config });
    expect(await hear(resilient(vendor), ask('?'))).toMatchObject({ text: 'Hi.', error: undefined });
    expect(llm.requests[0]?.path).toBe('/v1/responses');
    expect(llm.requests[0]?.headers).not.toHaveProperty('authorization');
  });
});
