import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyBootstrap, BootstrapError, parseBootstrap } from '../../src/resources/bootstrap.ts';
import { resources } from '../../src/resources/index.ts';
import { resourceStore } from '../../src/store/resources.ts';
import { openTestEmbedded, type TestDatabase } from '../fakes/database.ts';
import { fakeWorld } from '../fakes/world.ts';

describe('a bootstrap file', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await openTestEmbedded();
    for (const name of ['ollama', 'openai'])
      await sql`insert into llm_providers (name) values (${name})`.execute(database.db);
    await sql`insert into settings (name) values ('agent_recursion_limit'), ('timezone')`.execute(
      database.db,
    );
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await sql`delete from llm_models`.execute(database.db);
    await sql`delete from mcp_servers`.execute(database.db);
    await sql`update settings set value = null, last_updated = created`.execute(database.db);
  });

  async function apply(content: object | string) {
    const file = parseBootstrap(typeof content === 'string' ? content : JSON.stringify(content));
    return await applyBootstrap(file, {
      store: resourceStore(database.db, () => {}),
      resources,
      world: fakeWorld(),
    });
  }
  const server = (row: object) => apply({ 'mcp-servers': [row] });
  const model = (model_secret_key: string) =>
    apply({ 'llm-models': [{ name: 'm', llm_provider: 'openai', model_secret_key }] });
  const names = async (table: string) =>
    (
      await sql<{ name: string }>`select name from ${sql.table(table)} order by name`.execute(database.db)
    ).rows.map(({ name }) => name);

  it.each(['file:///etc/passwd', 'ftp://host', 'localhost:8080', ''])(
    'refuses an http server at %j',
    async (url) => {
      await expect(server({ name: 'a', url })).rejects.toThrow('mcp-servers[0].url: ');
    },
  );

  it.each(['', 'two words', '_first', 'a__b', 'päth', 'a.b'])('refuses a server named %j', async (name) => {
    await expect(server({ name, url: 'http://host' })).rejects.toThrow('mcp-servers[0].name: Letters');
  });

  it.each([
    'sk-proj-abc',
    'hf_abcdefghijk1234567890',
    '0123456789abcdef0123456789abcdef',
    'env:sk_live_0123456789abcdef0123456789abcdef',
  ])('refuses a key in the place of its name, and does not repeat it: %s', async (key) => {
    await expect(model(key)).rejects.toThrow('looks like a key');
    await expect(model(key)).rejects.not.toThrow(key);
  });

  it.each(['with space', 'a/b', 'env:', 'vault:x'])('refuses the reference %j', async (reference) => {
    await expect(model(reference)).rejects.toThrow('Write env:NAME');
  });

  it.each(['', 'env:OPENAI_API_KEY', 'file:vendor-key', 'HF_TOKEN', 'hf_token', 'vault:kv/bot#key'])(
    'takes the reference %j',
    async (reference) => {
      await model(reference);
      expect(await names('llm_models')).toEqual(['m']);
    },
  );

  it('creates what refers to others after them, whatever the order in the file', async () => {
    await apply({
      'llm-middleware': [{ llm_model: 'm', middleware: 'AuditMiddleware' }],
      'llm-models': [{ name: 'm', system_prompt: 'ours' }],
      'system-prompts': [{ name: 'ours', prompt_text: 'You help.' }],
      'middleware-types': [{ name: 'Audit', is_custom: true }],
    });
    const { rows } = await sql<{ origin: string; prompt: string }>`
      select m.origin, p.name as prompt from llm_models m join system_prompts p on p.id = m.system_prompt_id`.execute(
      database.db,
    );
    expect(rows).toEqual([{ origin: 'bootstrap', prompt: 'ours' }]);
  });

  it('says everything that is wrong with its place, and creates nothing', async () => {
    const applying = apply({
      'llm-modles': [],
      'llm-models': [{ name: 'good' }, { name: 'bad', temperature: 9 }],
      'mcp-servers': [{ name: 'a' }],
      settings: { agent_recursion_limit: 1000, nonsense: 1 },
    });
    await expect(applying).rejects.toThrow(BootstrapError);
    const message = await applying.catch((error: unknown) => String(error));
    expect(message).toContain('llm-modles: There is no such resource. Did you mean llm-models?');
    expect(message).toContain('llm-models[1].temperature: At most 2.');
    expect(message).toContain('mcp-servers[0].url: An http server needs a URL');
    expect(message).toContain('settings[0].value: ');
    expect(message).toContain('settings[1].name: There is no such setting.');
    expect(await names('llm_models')).toEqual([]);
  });

  it('finds what it made before, however it writes a relation', async () => {
    const file = {
      'llm-models': [{ name: ' m ' }],
      'llm-middleware': [{ llm_model: { name: 'm' }, middleware: 'TodoListMiddleware' }],
      grants: [{ role: { name: 'viewer' }, principal: 'group:sre' }],
    };
    await apply(file);
    await apply(file);
    expect(await names('llm_models')).toEqual(['m']);
  });

  it('sets what nobody has set, once', async () => {
    const file = { settings: { agent_recursion_limit: 30, timezone: 'Europe/Berlin' } };
    await apply(file);
    await sql`update settings set value = '40', last_updated = now() where name = 'agent_recursion_limit'`.execute(
      database.db,
    );
    await apply(file);
    const { rows } = await sql`select name, value from settings order by name`.execute(database.db);
    expect(rows).toEqual([
      { name: 'agent_recursion_limit', value: 40 },
      { name: 'timezone', value: 'Europe/Berlin' },
    ]);
  });

  it.each(['[]', '{"llm-models": {}}', '{'])('refuses %s', (text) => {
    expect(() => parseBootstrap(text)).toThrow(BootstrapError);
  });
});
