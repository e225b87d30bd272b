import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChatPlatform, startChatPlatform } from '../fakes/chat-platform/server.ts';
import { createPostgresDatabase } from '../fakes/database.ts';
import { type StrictLlm, startStrictLlm } from '../fakes/llm/server.ts';
import { type BotProcess, deliver, startBotProcess } from './processes.ts';

/** A process that stood still past its lease, while another one took its turn over. */
describe('a stalled process', () => {
  let platform: ChatPlatform;
  let model: StrictLlm;
  let stalled: BotProcess;
  let other: BotProcess;

  beforeAll(async () => {
    platform = await startChatPlatform();
    model = await startStrictLlm({ reply: () => ({ text: 'the answer', thinkMs: 400 }) });
    const env = {
      DATABASE_URL: await createPostgresDatabase('migrated'),
      OPENAI_API_KEY: 'x',
      OPENAI_API: 'chat',
      OPENAI_BASE_URL: `${model.url}/v1`,
      PLATFORM_URL: platform.url,
      PLATFORM_CAN_FIND: 'false',
      PLATFORM_PREVIEW: 'false',
      LEASE_MS: '1500',
      LOG_LEVEL: 'silent',
    };
    stalled = await startBotProcess(env);
    other = await startBotProcess(env);
  });
  afterAll(async () => {
    await Promise.all([stalled.kill('SIGKILL'), other.kill('SIGKILL')]);
    await Promise.all([platform.close(), model.close()]);
  });

  it('falls silent when it wakes up', async () => {
    await deliver(() => stalled, { thread: 't', id: '1', author: 'ada', text: 'question' });
    while (model.requests.length === 0) await sleep(5);
    await stalled.kill('SIGSTOP');
    while (platform.messages.length === 0) await sleep(20);
    const requestsBefore = model.requests.length;
    await stalled.kill('SIGCONT');
    await sleep(2500);
    expect(platform.messages.map((message) => message.text)).toEqual(['the answer']);
    expect(model.requests.length).toBe(requestsBefore);
  });

  it('serves again afterwards', async () => {
    await deliver(() => stalled, { thread: 'u', id: '2', author: 'ada', text: 'another' });
    while (platform.messages.length < 2) await sleep(20);
    expect(platform.messages[1]).toMatchObject({ thread: 'fake:u', text: 'the answer' });
  });
});
