import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestPostgres, type TestDatabase } from '../../fakes/database.ts';
import { prepare, type Stage, startStage } from './stage.ts';

/** The calls that the reference application's documentation shows, but for address, token and ids. */
describe('the examples of the reference application', () => {
  let database: TestDatabase;
  let stage: Stage;

  beforeAll(async () => {
    database = await openTestPostgres();
    stage = await startStage(database);
    await prepare(stage, database);
  });
  afterAll(async () => {
    await stage.close();
    await database.close();
  });

  const models = '/api/plugins/ai-ops/llm-models/';
  const servers = '/api/plugins/ai-ops/mcp-servers/';
  const accept = { accept: 'application/json' };
  const json = { 'content-type': 'application/json' };

  it('creates a model of the older shape, lists it and changes it', async () => {
    const created = await stage.send('POST', models, {
      headers: json,
      body: {
        name: 'gpt-4-turbo',
        description: 'Fast GPT-4 model',
        model_secret_key: 'azure_gpt4_api_key',
        azure_endpoint: 'https://your-resource.openai.azure.com/',
        api_version: '2024-02-15-preview',
        is_default: false,
        temperature: 0.3,
      },
    });
    expect(created.status).toBe(201);
    const listed = await stage.send('GET', models, { headers: accept });
    expect(listed.json.count).toBe(2);
    expect(listed.json.results).toContainEqual(
      expect.objectContaining({
        id: created.json.id,
        name: 'gpt-4-turbo',
        description: 'Fast GPT-4 model',
        azure_endpoint: 'https://your-resource.openai.azure.com/',
        api_version: '2024-02-15-preview',
        is_default: false,
        temperature: 0.3,
      }),
    );
    const changed = await stage.send('PATCH', `${models}${created.json.id}/`, {
      headers: json,
      body: { temperature: 0.5, description: 'Updated description' },
    });
    expect([changed.status, changed.json.temperature, changed.json.description]).toEqual([
      200,
      0.5,
      'Updated description',
    ]);
    expect(changed.json.azure_endpoint).toBe('https://your-resource.openai.azure.com/');
  });

  it('creates servers with and without a status, and lists them', async () => {
    const statuses = await stage.send('GET', '/api/extras/statuses/?name=Healthy');
    const created = await stage.send('POST', servers, {
      headers: json,
      body: {
        name: 'new-mcp-server',
        protocol: 'http',
        url: 'https://mcp.example.com',
        health_check: '/health',
        description: 'External MCP server',
        mcp_type: 'external',
        status: statuses.json.results[0].id,
      },
    });
    expect(created.status).toBe(201);
    const second = await stage.send('POST', servers, {
      headers: json,
      body: {
        name: 'monitoring-mcp',
        protocol: 'http',
        url: 'https://monitoring.internal.com',
        health_check: '/health',
        description: 'Monitoring tools MCP',
        mcp_type: 'internal',
      },
    });
    expect([second.status, typeof second.json.id]).toEqual([201, 'string']);
    const listed = await stage.send('GET', servers, { headers: accept });
    expect(listed.json).toMatchObject({
      count: 2,
      results: [
        { name: 'monitoring-mcp', url: 'https://monitoring.internal.com' },
        { name: 'new-mcp-server', status: { name: 'Healthy' }, protocol: 'http', mcp_type: 'external' },
      ],
    });
    expect((await stage.send('DELETE', `${servers}${created.json.id}/`)).status).toBe(204);
  });
});
