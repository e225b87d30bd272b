import { describe, expect, it } from 'vitest';
import type { Log, LogFields } from '../../src/observe/port.ts';
import { providers } from '../../src/providers/index.ts';
import { ollama } from '../../src/providers/ollama.ts';
import { openai } from '../../src/providers/openai.ts';
import { resilient } from '../../src/providers/resilient.ts';
import { type ScriptedReply, startStrictLlm } from '../fakes/llm/server.ts';
import { ask, hear } from './hear.ts';
import { ollamaNative, openaiChat, openaiResponses, type Subject } from './subjects.ts';

/** What a subject sends for one question, and its headers. */
async function sent(
  subject: Subject,
  options: { model?: string; config?: object; reply?: ScriptedReply } = {},
  request = ask('Pods?', { temperature: 0.3 }),
) {
  const llm = await startStrictLlm();
  llm.script(options.reply ?? { text: 'x' });
  const { error } = await hear(resilient(await subject.open(llm.url, options)), request);
  await llm.close();
  expect(error).toBeUndefined();
  return { body: llm.requests[0]?.body, headers: llm.requests[0]?.headers };
}

const withTool = ask('Pods?', {
  tools: [
    { name: 'a__b', description: 'B.', inputSchema: { $schema: 'https://x', type: 'object', required: [] } },
  ],
});

describe('what OpenAI gets', () => {
  it('keeps nothing at the vendor and asks a reasoning model for its encrypted thoughts', async () => {
    const config = { reasoning_effort: 'low', top_p: 0.5 };
    const { body } = await sent(openaiResponses, { config });
    expect(body).toEqual({
      model: 'gpt-6.1-sol',
      stream: true,
      store: false,
      instructions: 'You help the people on call.',
      input: [{ role: 'user', content: 'Pods?' }],
      include: ['reasoning.encrypted_content'],
      reasoning: { effort: 'low' },
    });
  });

  it('sends temperature, and nothing of reasoning, to a model that does not reason', async () => {
    const { body } = await sent(openaiResponses, { model: 'gpt-4.1', config: { reasoning_effort: 'low' } });
    expect(body).toMatchObject({ temperature: 0.3 });
    expect(body).not.toHaveProperty('include');
    expect(body).not.toHaveProperty('reasoning');
  });

  it('gets tools that are not strict, without $schema and with properties', async () => {
    const parameters = { type: 'object', properties: {}, required: [] };
    const tool = { name: 'a__b', description: 'B.', parameters, strict: false };
    const responses = await sent(openaiResponses, {}, withTool);
    expect(responses.body?.tools).toEqual([{ type: 'function', ...tool }]);
    const chat = await sent(openaiChat, {}, withTool);
    expect(chat.body?.tools).toEqual([{ type: 'function', function: tool }]);
  });

  it('asks Chat Completions for usage', async () => {
    const { body } = await sent(openaiChat, { config: { max_tokens: 9 } });
    expect(body).toEqual({
      model: 'gpt-4.1',
      stream: true,
      stream_options: { include_usage: true },
      messages: [
        { role: 'system', content: 'You help the people on call.' },
        { role: 'user', content: 'Pods?' },
      ],
      temperature: 0.3,
      max_completion_tokens: 9,
    });
  });

  it('gets the turn as the id of the request', async () => {
    const { headers } = await sent(openaiResponses);
    expect(headers?.['x-client-request-id']).toBe('turn-1');
  });

  it('needs a key', async () => {
    await expect(openai.create({ model: 'gpt-4.1', config: {} })).rejects.toMatchObject({ kind: 'auth' });
  });
});

describe('what Ollama gets', () => {
  it('always holds num_ctx and forbids silent truncation', async () => {
    const config = { think: 'low', keep_alive: '10m', num_ctx: 4_096, max_tokens: 5 };
    const { body } = await sent(ollamaNative, { config });
    expect(body).toEqual({
      model: 'qwen3:8b',
      stream: true,
      truncate: false,
      messages: [
        { role: 'system', content: 'You help the people on call.' },
        { role: 'user', content: 'Pods?' },
      ],
      options: { num_ctx: 4_096, temperature: 0.3, num_predict: 5 },
      think: 'low',
      keep_alive: '10m',
    });
    expect((await sent(ollamaNative)).body?.options).toMatchObject({ num_ctx: 32_768 });
  });

  it('says how to get a model that is missing', async () => {
    const llm = await startStrictLlm();
    llm.script({ fault: { type: 'http', refusal: 'model_not_found' } });
    const { error } = await hear(resilient(await ollamaNative.open(llm.url)), ask('?'));
    await llm.close();
    expect(error?.message).toContain('ollama pull qwen3:8b');
  });

  it.each([
    [950, ['ollama_context_nearly_full']],
    [500, []],
  ])('warns when a prompt of %i tokens nearly fills a window of 1000', async (input, warned) => {
    const llm = await startStrictLlm();
    llm.script({ text: 'x', usage: { input, output: 1 } });
    const warnings: string[] = [];
    const config = { base_url: llm.url, num_ctx: 1_000 };
    const vendor = await ollama.create({ model: 'm', config, log: logInto(warnings) });
    await hear(resilient(vendor), ask('?'));
    await llm.close();
    expect(warnings).toEqual(warned);
  });
});

function logInto(warnings: string[]): Log {
  const quiet = (_event: string, _fields?: LogFields) => undefined;
  const log: Log = {
    debug: quiet,
    info: quiet,
    error: quiet,
    warn: (event) => void warnings.push(event),
    with: () => log,
  };
  return log;
}

describe('the record of providers', () => {
  it('names each by its key, and every config may be empty', () => {
    for (const [name, definition] of Object.entries(providers)) {
      expect(definition.name).toBe(name);
      expect(definition.config.safeParse({}).success).toBe(true);
      // Nobody knows the models of an operator's own server.
      if (name === 'custom') expect(definition.defaultModel).toBe('');
      else expect(definition.contextWindow(definition.defaultModel, {})).toBeGreaterThan(4_096);
    }
  });

  it('knows windows by the longest beginning of a name, and says when it knows none', () => {
    expect(openai.contextWindow('gpt-5-chat-latest', {})).toBe(128_000);
    expect(openai.contextWindow('gpt-5-mini', {})).toBe(400_000);
    expect(openai.contextWindow('somebody-elses', {})).toBeUndefined();
    expect(ollama.contextWindow('any', { num_ctx: 65_536 })).toBe(65_536);
  });

  it('refuses a config that is not valid', async () => {
    const config = { base_url: 'file:///etc/passwd' };
    await expect(openai.create({ model: 'm', apiKey: 'k', config })).rejects.toThrow(/base_url/);
    expect(ollama.config.safeParse({ num_ctx: 'many' }).success).toBe(false);
  });
});
