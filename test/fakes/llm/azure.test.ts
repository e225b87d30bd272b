import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StrictLlm, startStrictLlm } from './server.ts';

const chat = { model: 'gpt-4.1', stream: true, messages: [{ role: 'user', content: 'hi' }] };
const responses = { model: 'gpt-4.1', stream: true, store: false, input: [{ role: 'user', content: 'hi' }] };
const deployment = '/openai/deployments/gpt-4.1/chat/completions';

describe('Azure', () => {
  let llm: StrictLlm;
  beforeAll(async () => {
    llm = await startStrictLlm({ apiKey: 'key', reply: () => ({ text: 'fine' }) });
  });
  afterAll(() => llm.close());

  async function post(path: string, body: object, headers: Record<string, string> = { 'api-key': 'key' }) {
    const response = await fetch(llm.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: response.status, text: await response.text() };
  }

  it.each([
    ['/openai/v1/responses', responses],
    ['/openai/v1/chat/completions?api-version=preview', chat],
    [`${deployment}?api-version=2024-10-21`, chat],
    ['/openai/responses?api-version=2025-04-01-preview', responses],
  ])('answers at %s', async (path, body) => {
    const { status, text } = await post(path, body);
    expect(status, text).toBe(200);
    expect(text).toContain('fine');
  });

  it('lets in by its own header or by a token, and nobody else', async () => {
    const path = '/openai/v1/chat/completions';
    expect((await post(path, chat, { authorization: 'Bearer key' })).status).toBe(200);
    const refused = await post(path, chat, { 'api-key': 'other' });
    expect(refused).toMatchObject({ status: 401, text: expect.stringContaining('invalid subscription key') });
  });

  it('tells what its filter found, once in a choice without a delta', async () => {
    const { text } = await post(`${deployment}?api-version=2024-10-21`, chat);
    const frames = text.split('\n\n').filter((frame) => frame.includes('content_filter'));
    expect(frames).toHaveLength(2);
    expect(frames[0]).toContain('"choices":[]');
    expect(frames[1]).not.toContain('"delta"');
  });

  it.each<[string, string, object, number, RegExp]>([
    ['a deployment without a version', deployment, chat, 404, /Resource not found/],
    ['responses without a version', '/openai/responses', responses, 404, /Resource not found/],
    ['a dated version of v1', '/openai/v1/responses?api-version=2024-10-21', responses, 404, /no POST/],
    [
      'counted tokens before their time',
      `${deployment}?api-version=2024-02-15-preview`,
      { ...chat, stream_options: { include_usage: true } },
      400,
      /Unrecognized request argument supplied: stream_options/,
    ],
    [
      'the newer limit before its time',
      `${deployment}?api-version=2024-08-01-preview`,
      { ...chat, max_completion_tokens: 1 },
      400,
      /supplied: max_completion_tokens/,
    ],
    [
      'responses before their time',
      '/openai/responses?api-version=2024-10-21',
      responses,
      400,
      /2025-03-01-preview and later/,
    ],
    [
      'what OpenAI refuses',
      `${deployment}?api-version=2024-10-21`,
      { ...chat, messages: [] },
      400,
      /messages/,
    ],
  ])('refuses %s', async (_name, path, body, status, words) => {
    const refused = await post(path, body);
    expect(refused.status).toBe(status);
    expect(refused.text).toMatch(words);
  });
});
