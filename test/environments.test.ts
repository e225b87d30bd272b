import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestBot, type TestBot } from './fakes/bot.ts';

const details =
  /ECONNREFUSED|refused|Nothing listens|127\.0\.0\.1:9|GONE_KEY|sets? the environment variable/i;
const answerSchema = z.record(z.string(), z.unknown());

/** What people see of errors: all of it in LAB, a sentence and a reference elsewhere. */
describe.each([
  { environment: 'LAB', isShown: true },
  { environment: 'NONPROD', isShown: false },
  { environment: 'PROD', isShown: false },
])('in $environment', ({ environment, isShown }) => {
  let bot: TestBot;
  let serverId: string;
  let modelId: string;

  beforeAll(async () => {
    bot = await startTestBot({ env: { AI_OPS_ENV: environment } });
    serverId = String(
      (await post('mcp-servers/', { name: 'down', url: 'http://127.0.0.1:9', health_check: '' })).id,
    );
    modelId = String(
      (
        await post('llm-models/', {
          name: 'broken',
          llm_provider: 'openai',
          model_secret_key: 'env:GONE_KEY',
          model_config: { base_url: 'http://127.0.0.1:9/v1' },
        })
      ).id,
    );
  });
  afterAll(() => bot.stop());

  async function call(method: string, path: string, body?: object) {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const answer = await bot.fetch(`/api/plugins/ai-ops/${path}`, init);
    return { status: answer.status, body: answerSchema.parse(await answer.json()) };
  }
  const post = async (path: string, body: object) => (await call('POST', path, body)).body;

  function expectRightly(text: string): void {
    if (isShown) expect(text).toMatch(details);
    else {
      expect(text).not.toMatch(details);
      expect(text).toMatch(/reference [0-9a-f-]{36}|Reference: [0-9a-f-]{36}/);
    }
  }

  it('a server that was saved says what its check found', async () => {
    const { body } = await call('GET', `mcp-servers/${serverId}/`);
    expect(body.status).toMatchObject({ name: 'Unhealthy' });
    expectRightly(String(body.last_error));
  });

  it('a check and a list of tools say it too', async () => {
    const check = await call('POST', `mcp-servers/${serverId}/health-check/`);
    expect(check).toMatchObject({ status: 200, body: { success: false } });
    expectRightly(JSON.stringify(check.body.message));
    const tools = await call('GET', `mcp-servers/${serverId}/tools/`);
    expect(tools.status).toBe(409);
    expectRightly(String(tools.body.detail));
  });

  it('a model that is tested, and a turn that fails', async () => {
    const test = await call('POST', `llm-models/${modelId}/test/`);
    expect(test).toMatchObject({ status: 200, body: { ok: false, kind: 'misconfigured' } });
    expectRightly(String(test.body.detail));
    const { status, body } = await bot.ask('hello');
    expect(status).toBe(502);
    expectRightly(body.response);
  });

  it('health in a chat and over HTTP', async () => {
    const { body } = await bot.ask('health');
    const ready = await (await bot.fetch('/health/ready')).text();
    for (const text of [body.response, ready]) {
      expect(text).toContain('down');
      if (isShown) expect(text).toMatch(details);
      else expect(text).not.toMatch(details);
    }
  });
});
