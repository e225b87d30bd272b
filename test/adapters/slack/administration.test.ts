import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scopes } from '../../../adapters/slack/scopes.ts';
import { subscriptions } from '../../../adapters/slack/subscriptions.ts';
import { resources } from '../../../src/resources/index.ts';
import { until } from '../../bot/stage.ts';
import { startMcpServer, type TestMcpServer } from '../../fakes/mcp-server.ts';
import { isRecord } from '../../fakes/slack/state.ts';
import { administration } from '../../scenarios/administration.ts';
import { run } from '../../scenarios/run.ts';
import { slackFace, wordsIn } from './face.ts';
import { openSlackStage, type SlackStage } from './stage.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

let at: SlackStage;
let mcp: TestMcpServer;
beforeAll(async () => {
  at = await openSlackStage({ reply: () => ({ text: 'OK.' }) });
  mcp = await startMcpServer(
    (server) => {
      server.registerTool('look', { description: 'Looks.' }, async () => ({
        content: [{ type: 'text', text: 'nothing' }],
      }));
    },
    (_request, response) => void response.writeHead(200).end(),
  );
}, 240_000);
afterAll(async () => {
  await at.close();
  await mcp.close();
});

describe('administration from Slack', () => {
  it('goes as the scenario says', async () => {
    await run(administration, slackFace(at), {
      llm: at.stage.llm.url,
      mcp: mcp.url,
      node: process.execPath,
      program: join(root, 'src/servers/host/main.ts'),
      viewer: `slack:T1:${at.alice.id}`,
    });
  }, 120_000);

  it('hears exact commands in messages, privately, and takes everything else for talk', async () => {
    const { ts } = await at.people.mention(at.bob, { channel: at.ops }, 'models list');
    await expect.poll(() => at.people.notices(at.bob, at.ops).length).toBe(1);
    expect(JSON.stringify(at.people.notices(at.bob, at.ops))).toContain('night');
    expect(at.people.heard({ channel: at.ops, thread: ts })).toEqual([]);
    const { ts: talk } = await at.people.mention(at.bob, { channel: at.ops }, 'delete the model night');
    await at.answers(talk);
    const { ts: shared } = await at.people.mention(at.bob, { channel: at.ops }, 'models share');
    await expect
      .poll(() => JSON.stringify(at.people.heard({ channel: at.ops, thread: shared })))
      .toContain('night');
  });

  it('forgives faults in what says that it is a command, and keeps a question for the model', async () => {
    const { body } = await at.people.command(at.bob, at.ops, 'models frobnicate night');
    expect(wordsIn(isRecord(body) ? body.blocks : [])).toContain('Did you mean `models show night`');
    const told = () => JSON.stringify(at.people.notices(at.bob, at.ops));
    const requests = at.stage.llm.requests.length;
    for (const [line, said] of [
      ['/aiops models frobnicate night', 'LLM models have no `frobnicate`'],
      ['/aiops modles', 'Did you mean `models`?'],
      ['/aiops models are slow today, why?', 'a question needs no `/aiops` before it'],
    ] as const) {
      const { ts } = await at.people.mention(at.bob, { channel: at.ops }, line);
      await expect.poll(told).toContain(said);
      expect(at.people.heard({ channel: at.ops, thread: ts })).toEqual([]);
    }
    expect(at.stage.llm.requests.length).toBe(requests);
    const question = 'models are slow today, why?';
    await at.people.command(at.bob, at.ops, question);
    await expect.poll(() => JSON.stringify(at.stage.llm.requests)).toContain(question);
  });

  it('believes nothing that a view says of itself', async () => {
    await at.people.command(at.bob, at.ops, 'models add');
    await expect.poll(() => at.people.modal(at.bob)?.view.callback_id).toBe('form');
    const modal = at.people.modal(at.bob);
    if (modal === undefined) throw new Error('no modal');
    const before = await rows('roles');
    const asked = modal.view;
    for (const metadata of [
      'not json',
      '[]',
      '{}',
      JSON.stringify({ path: 'no-such', channel: 'C1' }),
      JSON.stringify({ path: 'roles', channel: 'C1', respondTo: 'http://127.0.0.1:1/steal' }),
      JSON.stringify({ path: 'llm-models', id: 'not-an-id', channel: 'C1' }),
      JSON.stringify({ path: 'llm-models', id: '00000000-0000-4000-8000-000000000000' }),
      JSON.stringify({
        path: 'mcp-servers',
        id: '00000000-0000-4000-8000-000000000000',
        action: 'constructor',
      }),
    ]) {
      modal.view = { ...asked, private_metadata: metadata };
      modal.isOpen = true;
      const { status, body } = await at.people.submit(at.alice, modal, { name: 'forged' });
      expect(status, metadata).toBe(200);
      expect(JSON.stringify(body), metadata).toMatch(
        /There is no|have no action|required|needs the permission .* who can grant it/,
      );
    }
    expect(await rows('roles')).toBe(before);
  });
});

describe('every resource and action', () => {
  it.each(resources.map((resource) => [resource.word, resource] as const))(
    '%s is reached',
    async (word, resource) => {
      const said = async (line: string) =>
        JSON.stringify((await at.people.command(at.bob, at.ops, line)).body ?? '');
      expect(await said(word)).toContain(resource.many);
      expect(await said(`help ${word}`)).toContain(`${word} list`);
      for (const name of Object.keys(resource.actions ?? {})) {
        expect(await said(`help ${word} ${name}`)).toContain(`${word} ${name} <name>`);
        expect(await said(`${word} ${name}`), name).toMatch(/Which|There are no/);
      }
      if (!resource.changes.includes('create')) return expect(await said(`${word} add`)).toContain('have no');
      const before = at.people.modal(at.bob)?.id;
      await said(`${word} add`);
      await until(() => {
        const modal = at.people.modal(at.bob);
        return modal !== undefined && modal.id !== before && modal.view.callback_id === 'form';
      });
      expect(JSON.stringify(at.people.modal(at.bob)?.view)).toContain(`New ${resource.one}`.slice(0, 23));
    },
    60_000,
  );
});

describe('the doctor', () => {
  it('says which scopes are missing, what is lost by it, and how to mend it', async () => {
    at.slack.scopes.delete('reactions:read');
    const said = await slackFace(at).say('admin', 'doctor');
    at.slack.scopes.add('reactions:read');
    expect(said).toMatch(
      /❌ .?.?Slack scopes.*reactions:read \(reactions do not count as feedback\).*install the app again/s,
    );
    expect(said).toMatch(/✅ .?.?Clock/);
  });

  it('warns where Slack cannot know the bot’s address, and says what ever came and what never did', async () => {
    const face = slackFace(at);
    await face.say('admin', 'help');
    await expect
      .poll(() => face.say('admin', 'doctor'))
      .toMatch(/✅ .?.?Slack subscriptions.*command: last received less than a minute ago/s);
    const said = await face.say('admin', 'doctor');
    expect(said).toMatch(/⚠️ .?.?Slack events.*does not know under which address.*AI_OPS_PUBLIC_URL/s);
    expect(said).toMatch(/Never received since \d{4}-\d\d-\d\d.*message\.mpim \(it does not hear direct/s);
  });

  it('knows the events of the manifest', async () => {
    const manifest = await readFile(join(root, 'manifest/slack.yaml'), 'utf8');
    const listed = manifest.slice(manifest.indexOf('bot_events:'), manifest.indexOf('interactivity:'));
    const wanted = [...listed.matchAll(/^\s+- (\S+)$/gm)].map((match) => match[1]);
    expect(Object.keys(subscriptions).sort()).toEqual(wanted.sort());
  });

  it('knows the scopes of the manifest', async () => {
    const manifest = await readFile(join(root, 'manifest/slack.yaml'), 'utf8');
    const listed = manifest.slice(manifest.indexOf('bot:'), manifest.indexOf('bot_optional:'));
    const wanted = [...listed.matchAll(/^\s+- (\S+)$/gm)].map((match) => match[1]);
    expect(Object.keys(scopes).sort()).toEqual(wanted.sort());
  });
});

describe('the first admin who writes to a fresh bot', () => {
  it('is led to a working model in four steps', async () => {
    const fresh = await openSlackStage({
      reply: () => ({ text: 'I answer.' }),
      env: { AI_OPS_ENV: 'NONPROD' },
    });
    try {
      const { body } = await fresh.people.command(
        fresh.bob,
        fresh.ops,
        'models delete test-model confirm=yes',
      );
      expect(JSON.stringify(body)).toContain('is deleted');
      const { ts: first } = await fresh.people.mention(fresh.bob, { channel: fresh.ops }, 'hello');
      const steps = () =>
        fresh.people.notices(fresh.bob, fresh.ops).find(({ text }) => text.includes('no language model yet'));
      await until(() => steps() !== undefined);
      const notice = steps();
      if (notice === undefined) throw new Error('no notice');
      for (const vendor of ['Azure OpenAI', 'Hugging Face', 'OpenAI-compatible'])
        expect(JSON.stringify(notice)).toContain(vendor);
      await fresh.people.click(fresh.bob, notice, 'admin_line:0');
      await until(() => fresh.people.modal(fresh.bob)?.view.callback_id === 'form');
      const modal = fresh.people.modal(fresh.bob);
      if (modal === undefined) throw new Error('no modal');
      await fresh.people.submit(fresh.bob, modal, {
        name: 'first',
        model_secret_key: 'env:OPENAI_API_KEY',
        model_config: JSON.stringify({ base_url: `${fresh.stage.llm.url}/v1`, api: 'chat' }),
      });
      const { ts } = await fresh.people.mention(fresh.bob, { channel: fresh.ops }, 'hello again');
      const [answer] = await fresh.answers(ts);
      expect(answer?.text).toContain('I answer.');
      expect(fresh.people.heard({ channel: fresh.ops, thread: first })).toEqual([]);
    } finally {
      await fresh.close();
    }
  }, 120_000);
});

async function rows(path: string): Promise<string> {
  return await (await at.stage.bot.fetch(`/api/plugins/ai-ops/${path}/`)).text();
}
