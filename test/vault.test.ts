import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../src/observe/port.ts';
import { startTestBot, type TestBot } from './fakes/bot.ts';
import { type StrictLlm, startStrictLlm } from './fakes/llm/server.ts';
import { type FakeVault, startVault } from './fakes/vault.ts';

describe('a bot whose keys are in Vault', () => {
  let folder: string;
  let vault: FakeVault;
  let llm: StrictLlm;
  let bot: TestBot;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ai-ops-vault-'));
    [vault, llm] = await Promise.all([startVault({ clock: systemClock }), startStrictLlm()]);
    vault.put('kv/bot', { openai: 'sk-first' });
    const model = {
      name: 'gpt-4.1',
      llm_provider: 'openai',
      model_secret_key: 'vault:kv/bot#openai',
      is_default: true,
      model_config: { base_url: `${llm.url}/v1`, api: 'chat' },
    };
    const bootstrap = join(folder, 'bootstrap.json');
    await writeFile(bootstrap, JSON.stringify({ 'llm-models': [model] }));
    const { roleId, secretId } = vault.approle;
    bot = await startTestBot({
      env: {
        AI_OPS_BOOTSTRAP: bootstrap,
        VAULT_ADDR: vault.url,
        VAULT_ROLE_ID: roleId,
        VAULT_SECRET_ID: secretId,
      },
    });
  });
  afterAll(async () => {
    await bot.stop();
    await Promise.all([vault.close(), llm.close(), rm(folder, { recursive: true, force: true })]);
  });

  it('uses them, and asks again when one was replaced and the old one is refused', async () => {
    llm.script({ text: 'With the first key.' });
    expect((await bot.ask('hello')).body.response).toBe('With the first key.');
    expect(llm.requests.at(-1)?.headers.authorization).toBe('Bearer sk-first');
    vault.put('kv/bot', { openai: 'sk-second' });
    llm.script({ fault: { type: 'http', refusal: 'unauthorized' } }, { text: 'With the second key.' });
    expect((await bot.ask('hello')).status).toBe(502);
    expect((await bot.ask('hello')).body.response).toBe('With the second key.');
    expect(llm.requests.at(-1)?.headers.authorization).toBe('Bearer sk-second');
  });

  it('says what is wrong when one is gone', async () => {
    vault.remove('kv/bot', 'deleted');
    llm.script({ fault: { type: 'http', refusal: 'unauthorized' } });
    expect((await bot.ask('hello')).status).toBe(502);
    const { body } = await bot.ask('hello');
    expect(body.response).toContain(
      'The secret vault:kv/bot#openai cannot be read. Its latest version was deleted',
    );
  });
});
