import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestBot, type TestBot } from './fakes/bot.ts';

const conversation = z.object({ messages: z.array(z.object({ role: z.string() })) });

/** The story of the README: ask in a thread, a model calls real tools, and the answer comes back. */
describe('AI Ops Bot', () => {
  const model = new LLMock({ port: 0, latency: 0, chunkSize: 12 });
  let bot: TestBot;

  beforeAll(async () => {
    model.addFixtures([
      {
        match: { userMessage: 'disk', hasToolResult: false },
        response: { content: 'Looking. ', toolCalls: [{ name: 'host__disk_usage', arguments: '{}' }] },
      },
      { match: { userMessage: 'disk', hasToolResult: true }, response: { content: 'The disk is fine.' } },
      { match: { userMessage: 'hello' }, response: { content: 'Hello! How can I help?' } },
    ]);
    await model.start();
    bot = await startTestBot({ env: { OPENAI_API_KEY: 'x', OPENAI_BASE_URL: `${model.url}/v1` } });
  });
  afterAll(async () => {
    await bot.stop();
    await model.stop();
  });

  it('answers a question', async () => {
    const { status, body } = await bot.ask('hello');
    expect(status).toBe(200);
    expect(body).toMatchObject({ response: 'Hello! How can I help?', status: 'done' });
  });

  it('lets the model call a real tool and answers with what it found', async () => {
    const { body } = await bot.ask('How full is the disk?', 'disk-thread');
    expect(body).toMatchObject({ response: 'The disk is fine.', thread_id: 'disk-thread', status: 'done' });
    const sent = JSON.stringify(model.getRequests().at(-1)?.body);
    expect(sent).toContain('% used');
  });

  it('remembers the thread', async () => {
    const response = await bot.fetch('/plugins/ai-ops/api/chat/disk-thread/');
    const { messages } = conversation.parse(await response.json());
    expect(messages.map((message) => message.role)).toEqual(['user', 'assistant', 'tool', 'assistant']);
  });

  it('runs a tool by an explicit command, without the model', async () => {
    const { body } = await bot.ask('run host__memory');
    expect(body.response).toMatch(/^✅ `host__memory`/);
  });
});
