import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestBot, type TestBot } from '../fakes/bot.ts';

describe('the HTTP edge', () => {
  let bot: TestBot;
  beforeAll(async () => {
    bot = await startTestBot();
  });
  afterAll(() => bot.stop());

  const expectError = async (response: Response, status: number, code: string) => {
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      detail: expect.any(String),
      code,
      reference_id: expect.any(String),
    });
  };

  it('says what it does not have', async () => {
    await expectError(await bot.fetch('/nothing/here'), 404, 'not_found');
  });

  it('says which methods a path has', async () => {
    const response = await bot.fetch('/plugins/ai-ops/api/chat/', { method: 'PUT' });
    expect(response.headers.get('allow')).toBe('POST, GET');
    await expectError(response, 405, 'method_not_allowed');
  });

  it('refuses a body that is too large', async () => {
    const body = JSON.stringify({ decision: 'approve', reason: 'x'.repeat(100_000) });
    await expectError(
      await bot.fetch('/plugins/ai-ops/api/approvals/1/', { method: 'POST', body }),
      413,
      'too_large',
    );
  });

  it('refuses a body that is not JSON, and a stranger', async () => {
    const path = '/plugins/ai-ops/api/chat/';
    expect((await bot.fetch(path, { method: 'POST', body: '{' })).status).toBe(400);
    const headers = { authorization: 'Token wrong' };
    expect((await bot.fetch(path, { method: 'POST', body: '{"message":"hi"}', headers })).status).toBe(401);
  });

  it('is alive and ready, and tells how each part stands', async () => {
    expect(await (await bot.fetch('/health/live')).json()).toEqual({ status: 'ok' });
    await expect
      .poll(async () => await (await bot.fetch('/health/ready')).json())
      .toEqual({
        status: 'ready',
        database: { status: 'ok', detail: 'embedded' },
        redis: { status: 'absent', detail: 'not configured' },
        model: { status: 'absent', detail: 'none configured' },
        servers: { host: { status: 'ok', detail: '9 tools' } },
      });
  });

  it('shows metrics of what it did', async () => {
    await bot.ask('run host__memory');
    const text = await (await fetch(new URL('/metrics', bot.url))).text();
    expect(text).toContain('ai_ops_turns_total{platform="web",state="done"} 1');
    expect(text).toContain('ai_ops_tool_calls_total{source="host",ok="true"} 1');
    expect(text).toContain('ai_ops_inbox_pending 0');
  });
});

it('closes at once although somebody follows a thread', async () => {
  const bot = await startTestBot();
  const response = await bot.fetch('/plugins/ai-ops/api/chat/quiet/events/', {
    headers: { accept: 'text/event-stream' },
  });
  expect(response.status).toBe(200);
  const startedAt = performance.now();
  await bot.stop();
  expect(performance.now() - startedAt).toBeLessThan(20_000);
  await response.body?.cancel().catch(() => undefined);
});
