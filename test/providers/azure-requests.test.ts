import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { azure } from '../../src/providers/azure.ts';
import { resilient } from '../../src/providers/resilient.ts';
import { type StrictLlm, startStrictLlm } from '../fakes/llm/server.ts';
import { ask, hear } from './hear.ts';
import { azureChat, azureDeployment, azureResponses, customChat, huggingfaceRouter } from './subjects.ts';

const question = ask('Pods?', { temperature: 0.3, maxOutputTokens: 9 });

describe('Azure', () => {
  let llm: StrictLlm;
  beforeEach(async () => {
    llm = await startStrictLlm({ reply: () => ({ text: 'Hi.', usage: { input: 1, output: 1 } }) });
  });
  afterEach(() => llm.close());

  it.each([
    ['the v1 API', {}, '/openai/v1/responses'],
    ['the v1 API, by the name of its version', { api_version: 'v1' }, '/openai/v1/responses'],
    ['what v1 previews', { api_version: 'preview' }, '/openai/v1/responses?api-version=preview'],
    ['Chat Completions of v1', { api: 'chat' }, '/openai/v1/chat/completions'],
    [
      'a deployment',
      { api_version: '2024-10-21' },
      '/openai/deployments/gpt-4.1/chat/completions?api-version=2024-10-21',
    ],
    [
      'the older Responses API, where the model is in the body',
      { api_version: '2025-04-01-preview', api: 'responses' },
      '/openai/responses?api-version=2025-04-01-preview',
    ],
  ])('is asked at %s, with the key in its own header alone', async (_name, config, path) => {
    const vendor = await azureResponses.open(llm.url, { model: 'gpt-4.1', config });
    expect(await hear(resilient(vendor), question)).toMatchObject({ text: 'Hi.', error: undefined });
    expect(llm.requests[0]).toMatchObject({ path, body: { model: 'gpt-4.1' } });
    expect(llm.requests[0]?.headers['api-key']).toBe(azureResponses.apiKey);
    expect(llm.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it.each([
    '/',
    '/openai/v1/',
    '/openai',
    '/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21',
  ])('is found by a URL that was copied with %s', async (rest) => {
    const vendor = await azureResponses.open(llm.url, { config: { azure_endpoint: `${llm.url}${rest}` } });
    expect(await hear(resilient(vendor), ask('?'))).toMatchObject({ text: 'Hi.' });
  });

  it('is also named by endpoint', async () => {
    const config = { endpoint: llm.url };
    const vendor = await azure.create({ model: 'gpt-4.1', apiKey: 'k', config });
    expect(await hear(resilient(vendor), ask('?'))).toMatchObject({ text: 'Hi.' });
  });

  it('of an older date gets the older words and counts no tokens', async () => {
    const config = { api_version: '2024-02-15-preview' };
    const heard = await hear(resilient(await azureDeployment.open(llm.url, { config })), question);
    expect(heard).toMatchObject({ text: 'Hi.', stops: ['end'], error: undefined, usage: { input: 0 } });
    expect(llm.requests[0]?.body).toMatchObject({ max_tokens: 9 });
    expect(llm.requests[0]?.body).not.toHaveProperty('stream_options');
  });

  it.each([azureChat, azureResponses, azureDeployment])(
    'says in which categories its filter found something: $name',
    async (subject) => {
      llm.script({ fault: { type: 'http', refusal: 'content_filter' } });
      const { error } = await hear(resilient(await subject.open(llm.url)), ask('?'));
      expect(error).toMatchObject({ kind: 'content_filtered', status: 400 });
      expect(error?.message).toContain('Filtered: jailbreak, violence.');
      expect(llm.requests).toHaveLength(1);
    },
  );

  it('needs an endpoint, and a key unless it signs in', async () => {
    const opened = azure.create({ model: 'm', apiKey: 'k', config: {} });
    await expect(opened).rejects.toThrow('No azure_endpoint is configured.');
    const keyless = azure.create({ model: 'm', config: { azure_endpoint: llm.url } });
    await expect(keyless).rejects.toMatchObject({ kind: 'auth' });
  });

  it.each([{ api_version: 'newest' }, { azure_endpoint: 'file:///etc' }, { auth: 'magic' }])(
    'refuses %j',
    (config) => expect(azure.config.safeParse(config).success).toBe(false),
  );
});

describe('errors in shapes of their own', () => {
  /** A server with one answer for everything. */
  async function refusing(status: number, body: object, headers: Record<string, string> = {}) {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      request.resume();
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const close = () => {
      server.closeAllConnections();
      server.close();
    };
    return { url, asked, close };
  }

  it.each([
    [
      'a token for something else',
      401,
      { statusCode: 401, message: 'Unauthorized. Audience is incorrect.' },
      'auth',
      'Audience is incorrect',
    ],
    [
      'a role that is missing',
      401,
      { error: { code: 'PermissionDenied', message: 'The principal lacks the required data action.' } },
      'permission',
      'lacks the required data action',
    ],
    [
      'a deployment that is missing',
      404,
      { error: { code: 'DeploymentNotFound', message: 'The API deployment does not exist.' } },
      'not_found',
      'DeploymentNotFound',
    ],
    [
      'a filter of the Responses API',
      400,
      {
        error: {
          code: 'content_filter',
          message: 'Filtered.',
          content_filters: [{ blocked: true, content_filter_results: { hate: { filtered: true } } }],
        },
      },
      'content_filtered',
      'Filtered: hate.',
    ],
  ])('of Azure: %s', async (_name, status, body, kind, words) => {
    const server = await refusing(status, body);
    const { error } = await hear(resilient(await azureResponses.open(server.url)), ask('?'));
    server.close();
    expect(error).toMatchObject({ kind, status, message: expect.stringContaining(words) });
    expect(server.asked).toHaveLength(1);
  });

  it('of Azure: does not carry its key along to where it is redirected', async () => {
    const elsewhere = await refusing(200, {});
    const server = await refusing(307, {}, { location: `${elsewhere.url}/openai/v1/responses` });
    for (const subject of [azureResponses, azureDeployment]) {
      const vendor = await subject.open(server.url);
      expect((await hear(resilient(vendor, { retries: 0 }), ask('?'))).error).toBeDefined();
    }
    server.close();
    elsewhere.close();
    expect(server.asked).toHaveLength(2);
    expect(elsewhere.asked).toEqual([]);
  });

  it('of a gateway: a detail without an error', async () => {
    const server = await refusing(422, { detail: 'max_tokens must be positive' });
    const { error } = await hear(resilient(await customChat.open(server.url)), ask('?'));
    server.close();
    expect(error).toMatchObject({ kind: 'bad_request', status: 422 });
    expect(error?.message).toContain('max_tokens must be positive');
  });

  it('of Hugging Face: a sentence', async () => {
    const server = await refusing(401, { error: 'Invalid username or password.' });
    const { error } = await hear(resilient(await huggingfaceRouter.open(server.url)), ask('?'));
    server.close();
    expect(error?.message).toBe(
      'Hugging Face openai/gpt-oss-120b: HTTP 401, auth. Invalid username or password. Check the API key of this provider.',
    );
  });
});
