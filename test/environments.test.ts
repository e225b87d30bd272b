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

  async function call(method: string, path: string, body?: object, token?: string) {
    const init = {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(token === undefined ? {} : { headers: { authorization: `Token ${token}` } }),
    };
    const answer = await bot.fetch(`/api/plugins/ai-ops/${path}`, init);
    return { status: answer.status, body: answerSchema.parse(await answer.json()) };
  }
  const post = async (path: string, body: object) => (await call('POST', path, body)).body;

  /** A token of somebody who may only look. */
  async function viewer(): Promise<string> {
    const { token } = await post('api-tokens/', { name: 'looker', permissions: ['ai_ops.view_mcpserver'] });
    return String(token);
  }

  async function command(line: string): Promise<unknown> {
    const answer = await bot.fetch('/plugins/ai-ops/api/command/', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ line }),
    });
    return await answer.json();
  }

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

  it('whoever may correct a server is told why it does not answer, and nobody else', async () => {
    const check = await call('POST', `mcp-servers/${serverId}/health-check/`);
    expect(check).toMatchObject({ status: 200, body: { success: false } });
    expect(String(check.body.message)).toMatch(details);
    const tools = await call('GET', `mcp-servers/${serverId}/tools/`);
    expect(tools.status).toBe(409);
    expect(String(tools.body.detail)).toMatch(details);
    const seen = await call('GET', `mcp-servers/${serverId}/tools/`, undefined, await viewer());
    expect(seen.status).toBe(409);
    expectRightly(String(seen.body.detail));
    const { body } = await call('GET', `mcp-servers/${serverId}/`);
    expectRightly(String(body.last_error));
  });

  it('whoever may correct a model is told what is wrong with it, in a test and by doctor', async () => {
    const test = await call('POST', `llm-models/${modelId}/test/`);
    expect(test).toMatchObject({ status: 200, body: { ok: false, kind: 'misconfigured' } });
    expect(String(test.body.detail)).toContain('GONE_KEY');
    const { body } = await call('GET', `llm-models/${modelId}/`);
    expectRightly(String(body.last_test_error));
    const found = JSON.stringify(await command('doctor'));
    expect(found).toContain('GONE_KEY');
    expect(found).toContain('Nothing listens');
    expect(JSON.stringify(await command('models test broken'))).toContain('GONE_KEY');
    expect(JSON.stringify(await command('servers check down'))).toContain('Nothing listens');
  });

  it('a turn that fails says it too', async () => {
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
