import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestBot, type TestBot } from './fakes/bot.ts';
import { type NotingModel, startNotingModel } from './fakes/noting-model.ts';

const run = promisify(execFile);
const folder = new URL('./fixtures/rest-examples/', import.meta.url).pathname;
const pythons = ['/usr/bin/python3', '/usr/local/bin/python3'].filter((path) => existsSync(path));
const pythonWithRequests = await firstWithRequests();

async function firstWithRequests(): Promise<string | undefined> {
  for (const python of pythons) {
    const works = await run(python, ['-c', 'import requests']).then(
      () => true,
      () => false,
    );
    if (works) return python;
  }
  return undefined;
}

describe('the examples in the documentation of the reference app', () => {
  let bot: TestBot;
  let model: NotingModel;

  beforeAll(async () => {
    model = await startNotingModel();
    bot = await startTestBot({ env: model.env });
  });
  afterAll(async () => {
    await bot.stop();
    await model.stop();
  });

  async function idOf(path: string, name: string): Promise<string> {
    const answer = await bot.fetch(`/api/plugins/ai-ops/${path}/?name=${encodeURIComponent(name)}`);
    const { results } = (await answer.json()) as { results: readonly { id: string }[] };
    return results[0]?.id ?? '';
  }
  const environment = async () => ({
    PATH: process.env.PATH ?? '',
    BASE_URL: bot.url,
    YOUR_API_TOKEN: 'test-token-long-enough',
    STATUS_ID: await idOf('statuses', 'Healthy'),
    MODEL_ID: await idOf('llm-models', 'gpt-6.1-sol'),
  });

  it.skipIf(pythonWithRequests === undefined && process.env.CI === undefined)(
    'run with Python’s requests',
    async () => {
      const { stdout } = await run(pythonWithRequests ?? 'python3', [`${folder}examples.py`], {
        env: await environment(),
      });
      expect(stdout).toContain('MCP server created successfully');
      expect(stdout).toMatch(/Server ID: [0-9a-f-]{36}/);
      expect(stdout).toContain('AI Response: Noted.');
    },
  );

  it('run with curl', async () => {
    const { stdout } = await run('bash', [`${folder}examples.sh`], { env: await environment() });
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(answers).toHaveLength(6);
    expect(answers[0]).toMatchObject({ count: 1, results: [{ name: 'gpt-6.1-sol', is_default: false }] });
    expect(answers[2]).toMatchObject({
      name: 'gpt-4-turbo',
      azure_endpoint: 'https://your-resource.openai.azure.com/',
      api_version: '2024-02-15-preview',
      llm_provider: { name: 'azure_ai' },
      temperature: 0.3,
    });
    expect(answers[3]).toMatchObject({ temperature: 0.5, description: 'Updated description' });
    expect(answers[4].results).toContainEqual(expect.objectContaining({ name: 'host', protocol: 'stdio' }));
    expect(answers[5]).toMatchObject({
      name: 'new-mcp-server',
      mcp_type: 'external',
      status: { name: 'Unhealthy' },
    });
  });
});
