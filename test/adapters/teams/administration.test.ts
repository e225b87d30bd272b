import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { examine } from '../../../adapters/teams/examine.ts';
import { TokenError } from '../../../adapters/teams/tokens.ts';
import { resources } from '../../../src/resources/index.ts';
import { serviceServer } from '../../bot/ops-server.ts';
import { until } from '../../bot/stage.ts';
import { startTestBot } from '../../fakes/bot.ts';
import { startMcpServer, type TestMcpServer } from '../../fakes/mcp-server.ts';
import { arrivalOf } from '../../fakes/teams/arrivals.ts';
import { wordsOf as cardWords } from '../../fakes/teams/card-parts.ts';
import { tenantId } from '../../fakes/teams/server.ts';
import type { TeamsUser } from '../../fakes/teams/state.ts';
import { administration } from '../../scenarios/administration.ts';
import { nonsense } from '../../scenarios/nonsense.ts';
import { run } from '../../scenarios/run.ts';
import { strictlyCheckMessage } from './card-check.ts';
import { teamsFace } from './face.ts';
import { openTeamsStage, type TeamsStage, wordsOf } from './stage.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

let at: TeamsStage;
let mcp: TestMcpServer;
beforeAll(async () => {
  at = await openTeamsStage({
    reply: () => ({ text: 'OK.' }),
    env: { AI_OPS_PUBLIC_URL: 'https://bot.example.com', WEB_TOKEN: 'the-secret-value' },
    servers: [serviceServer()],
  });
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

const rows = async (path: string) => await (await at.stage.bot.fetch(`/api/plugins/ai-ops/${path}/`)).text();
/** All that is configured; whoever says something is noted as a person, which configures nothing. */
const configured = resources.filter(({ path }) => !['people', 'identities'].includes(path));
const everything = async () => (await Promise.all(configured.map(({ path }) => rows(path)))).join('\n');

async function made(path: string, values: object): Promise<void> {
  const body = JSON.stringify(values);
  const answer = await at.stage.bot.fetch(`/api/plugins/ai-ops/${path}/`, { method: 'POST', body });
  if (!answer.ok) throw new Error(await answer.text());
}

/** What the bot wrote there since, as text. */
async function heardSince(conversation: string, before: number, count = 1): Promise<string> {
  await until(() => at.people.heard(conversation).length >= before + count, 30_000);
  return at.people.heard(conversation).slice(before).map(wordsOf).join('\n');
}

function invoke(user: TeamsUser, name: string, value: object, conversation = at.people.personal(user)) {
  const more = { name, value };
  return at.teams.delivery.invoke(arrivalOf(at.teams, { type: 'invoke', conversation, user, more }));
}

describe('administration from Teams', () => {
  it('goes as the scenario says', async () => {
    await run(administration, teamsFace(at), {
      llm: at.stage.llm.url,
      mcp: mcp.url,
      node: process.execPath,
      program: join(root, 'src/servers/host/main.ts'),
      viewer: `teams:${tenantId}:${at.alice.aadObjectId}`,
    });
    for (const { activity } of at.people.heard(at.people.personal(at.bob))) strictlyCheckMessage(activity);
  }, 120_000);

  it('takes a message for a command only when it is an exact one, or says that it is one', async () => {
    const chat = at.people.personal(at.bob);
    const said = async (words: string) => {
      const before = at.people.heard(chat).length;
      await at.people.say(at.bob, chat, words);
      return await heardSince(chat, before);
    };
    expect(await said('models list')).toContain('night');
    expect(await said('/aiops modles')).toContain('Did you mean');
    expect(await said('/aiops')).toContain('what it does');
    expect(await said('/aiops status')).not.toContain('I do not know');
    const answers = (await at.answers(chat, 0)).length;
    for (const [n, talk] of [
      'delete the model night',
      'modles',
      'why are the models slow?',
      '/aiops ask Hi',
    ].entries()) {
      await at.people.say(at.bob, chat, talk);
      await at.answers(chat, answers + n + 1);
    }
    expect(await rows('llm-models')).toContain('"night"');
  });

  it('runs a command that is delivered again once', async () => {
    const chat = at.people.personal(at.bob);
    const before = at.people.heard(chat).length;
    const { activity } = await at.people.say(at.bob, chat, 'prompts add name=Twice prompt_text="Once."');
    await at.people.deliver(activity);
    const { activity: next } = await at.people.say(at.bob, chat, 'usage');
    await at.people.deliver(next);
    const said = await heardSince(chat, before, 2);
    expect(said.match(/Twice v1[^"]* is made/g)).toHaveLength(1);
    expect(at.people.heard(chat)).toHaveLength(before + 2);
  });
});

describe('somebody who is mentioned in a command', () => {
  it('is a principal, also where another one is called alike', async () => {
    const carol = at.people.user('Carol Ann');
    const group = at.people.groupChat('granting', [at.bob, carol]);
    const own = at.people.personal(at.bob);
    const before = at.people.heard(own).length;
    const line = '/aiops grants add role=approver principal=<at>Carol Ann</at>';
    await at.people.mention(at.bob, group, line, { whom: [carol] });
    const said = await heardSince(own, before);
    expect(said).toContain('is made');
    expect(said).toContain(`teams:${tenantId}:${carol.aadObjectId.toLowerCase()}`);
    expect(said).toContain('never heard from');
  });

  it('is known by name and by e-mail once they wrote to the bot', async () => {
    const dora = at.people.user('Dora');
    await at.people.say(dora, at.people.personal(dora), 'models');
    const face = teamsFace(at);
    for (const [role, called] of [
      ['approver', '@Dora'],
      ['viewer', dora.email],
    ] as const)
      expect(await face.say('admin', `grants add role=${role} principal=${called}`)).toContain(
        `teams:${tenantId}:${dora.aadObjectId.toLowerCase()}`,
      );
    expect(await face.say('admin', 'grants add role=viewer principal=nobody@acme.test')).toContain(
      'Nobody I know is called',
    );
    const search = {
      kind: 'search',
      queryText: 'dor',
      dataset: 'principals',
      queryOptions: { skip: 0, top: 15 },
    };
    const found = async (user: TeamsUser) =>
      JSON.stringify((await invoke(user, 'application/search', search)).body);
    expect(await found(at.bob)).toContain(`teams:${tenantId}:${dora.aadObjectId.toLowerCase()}`);
    expect(await found(dora)).not.toContain(dora.aadObjectId.toLowerCase());
  });
});

describe('a kind and a verb that there is not', () => {
  it('get the verbs, and what was perhaps meant', async () => {
    const said = await teamsFace(at).say('admin', 'models frobnicate night');
    expect(said).toMatch(/LLM models have no `?frobnicate/);
    expect(said).toContain('models show night');
    const group = at.people.groupChat('talk', [at.bob]);
    const alone = at.people.heard(at.people.personal(at.bob)).length;
    await at.people.mention(at.bob, group, '/aiops models frobnicate night');
    expect(await heardSince(at.people.personal(at.bob), alone)).toContain('frobnicate');
    expect(at.people.heard(group).map(wordsOf).join()).not.toContain('frobnicate');
  });
});

describe('usage', () => {
  it('calls channels and group chats by their names', async () => {
    const group = at.people.groupChat('late shift', [at.bob]);
    await at.people.mention(at.bob, group, 'is all well?');
    await at.answers(group);
    const before = at.people.heard(at.ops).length;
    await at.people.mention(at.bob, at.ops, 'is all well?');
    await until(() => at.people.heard(at.ops).length > before);
    const said = async () => await teamsFace(at).say('admin', 'usage');
    await expect.poll(said, { timeout: 15_000 }).toMatch(/ops \(SRE\)/);
    expect(await said()).toContain('late shift');
    expect(await said()).not.toMatch(/teams:[^ ]*(?:tacv2|thread)/);
  });
});

describe('in a channel and in a group chat', () => {
  it('answers are for who asked alone, and the others hear nothing of them', async () => {
    const group = at.people.groupChat('war room', [at.alice, at.bob]);
    const own = at.people.personal(at.bob);
    await at.people.say(at.bob, own, 'usage');
    for (const place of [at.ops, group]) {
      const [before, alone] = [at.people.heard(place).length, at.people.heard(own).length];
      await at.people.mention(at.bob, place, 'models');
      const open = await heardSince(place, before);
      expect(open).toContain('I answered you in private');
      expect(open).not.toContain('night');
      expect(await heardSince(own, alone)).toContain('night');
    }
  });

  it('who never wrote to the bot alone is told how, and sees nothing there', async () => {
    const eve = at.people.user('Eve');
    const group = at.people.groupChat('new here', [eve, at.alice]);
    for (const words of ['models', '/aiops servers', '/aiops models delete night']) {
      const before = at.people.heard(group).length;
      await at.people.mention(eve, group, words);
      const said = await heardSince(group, before);
      expect(said).toContain('Open a chat with me');
      expect(said).not.toMatch(/night|local|permission/);
    }
    const before = at.people.heard(group).length;
    await at.people.mention(eve, group, 'models share');
    expect(await heardSince(group, before)).toContain('night');
  });

  it('who took the bot out of their own chat is told how, too', async () => {
    const dave = at.people.user('Dave');
    const group = at.people.groupChat('left', [dave, at.alice]);
    await at.people.say(dave, at.people.personal(dave), 'models');
    await at.people.uninstall(dave);
    const before = at.people.heard(group).length;
    await at.people.mention(dave, group, 'models');
    const said = await heardSince(group, before);
    expect(said).toContain('Open a chat with me');
    expect(said).not.toContain('night');
  });

  it('a shared card changes for who presses alone, within what they may', async () => {
    const group = at.people.groupChat('shared', [at.alice, at.bob]);
    const before = at.people.heard(group).length;
    await at.people.mention(at.bob, group, 'models share');
    await heardSince(group, before);
    const card = at.people.heard(group).at(-1);
    if (card === undefined) throw new Error('no card');
    const kept = await everything();
    const buttons = (user: TeamsUser) => JSON.stringify(at.people.look(user, card));
    expect(buttons(at.bob)).not.toContain('models delete');
    await at.people.click(at.alice, card, 'Open for me');
    expect(buttons(at.alice)).toContain('models show');
    expect(buttons(at.alice)).not.toContain('models delete');
    expect(at.people.look(at.bob, card).words).toContain('night');
    expect(buttons(at.bob)).not.toContain('models show');
    await at.people.click(at.bob, card, 'Open for me');
    expect(buttons(at.bob)).toContain('models delete');
    expect(await everything()).toBe(kept);
  });

  it('what comes of a form is shown in the dialog, with Undo', async () => {
    const group = at.people.groupChat('forms', [at.alice, at.bob]);
    const before = at.people.heard(group).length;
    await at.people.mention(at.bob, group, 'prompts share');
    await heardSince(group, before);
    const card = at.people.heard(group).at(-1);
    if (card === undefined) throw new Error('no card');
    await at.people.click(at.bob, card, 'Open for me');
    await at.people.click(at.bob, card, 'Add system prompt');
    await at.people.submit(at.bob, 'Create', { 'field:name': 'Grouped', 'field:prompt_text': 'You help.' });
    expect(dialogWords(at.bob)).toContain('is made');
    await at.people.submit(at.bob, 'Undo');
    expect(dialogWords(at.bob)).toContain('Undone');
    expect(at.people.heard(group)).toHaveLength(before + 1);
    expect(await rows('system-prompts')).not.toContain('Grouped');
    at.people.closeDialog(at.bob);
  });
});

describe('a form', () => {
  const face = () => teamsFace(at);

  it('asks for what depends on a choice, and keeps what was written', async () => {
    await face().say('admin', 'servers add');
    await at.people.submit(at.bob, 'Update the fields', { 'field:name': 'dep', 'field:protocol': 'stdio' });
    const inputs = JSON.stringify(at.people.dialog(at.bob)?.card);
    expect(inputs).toContain('field:command');
    expect(inputs).toContain('"dep"');
    at.people.closeDialog(at.bob);
  });

  it('keeps what was given for a type that nobody chose yet, and says what does not apply', async () => {
    const option = 'field:config@ToolCallLimitMiddleware.run_limit';
    const card = () => JSON.stringify(at.people.dialog(at.bob)?.card);
    await face().say('admin', 'models add waiting provider=openai');
    expect(await face().say('admin', 'middleware add config.run_limit=9 config.warmth=2')).toContain(
      'Kept until you choose',
    );
    const open = at.people.dialog(at.bob);
    if (open === undefined) throw new Error('no dialog');
    await at.people.search(at.bob, open, 'field:llm_model', 'wait');
    const chosen = { 'field:llm_model': 'waiting', 'field:middleware': 'LoggingMiddleware' };
    await at.people.submit(at.bob, 'Update the fields', chosen);
    expect(card()).toMatch(/config\.run_limit.*config\.warmth.*are no options of.*LoggingMiddleware/);
    await at.people.submit(at.bob, 'Update the fields', { 'field:middleware': 'ToolCallLimitMiddleware' });
    expect(card()).toMatch(/ToolCallLimitMiddleware\.run_limit"[^}]*"value":9/);
    expect(card()).toMatch(/config\.warmth.*is no option of/);
    await at.people.submit(at.bob, 'Update the fields', { [option]: '4' });
    expect(card()).toMatch(/ToolCallLimitMiddleware\.run_limit"[^}]*"value":4/);
    await at.people.submit(at.bob, 'Create', {});
    await until(async () => (await rows('llm-middleware')).includes('"run_limit":4'));
    expect(await rows('llm-middleware')).not.toContain('warmth');
    await face().say('admin', 'models delete waiting confirm=yes');
  });

  it('keeps a text that no dialog has room for until it is saved, for its author alone', async () => {
    const long = `Begin. ${'Be kind and exact. '.repeat(1600)}End.`;
    await face().say('admin', 'prompts add Long prompt_text="Short."');
    await face().say('admin', 'prompts edit Long');
    const shown = await face().send('admin', { prompt_text: long });
    expect(shown).toContain('kept as it is');
    expect(shown).toContain('is changed');
    expect(await rows('system-prompts')).toContain(long);
    await face().say('admin', 'prompts edit Long');
    expect(dialogWords(at.bob)).toContain('to be edited in the console: Text');
    await face().send('admin', { name: 'Longer' });
    const kept = await rows('system-prompts');
    expect(kept).toContain('"Longer"');
    expect(kept).toContain(long);
  });

  it('that somebody else overtook shows what it would change now, and overwrites nothing unseen', async () => {
    await face().say('admin', 'prompts add Raced prompt_text="Mine."');
    await face().say('admin', 'prompts edit Raced');
    const { results } = listSchema.parse(JSON.parse(await rows('system-prompts')));
    const id = results.find(({ name }) => name === 'Raced')?.id;
    const body = JSON.stringify({ prompt_text: 'Theirs.' });
    const path = `/api/plugins/ai-ops/system-prompts/${id}/`;
    expect((await at.stage.bot.fetch(path, { method: 'PATCH', body })).status).toBe(200);
    await at.people.submit(at.bob, 'Review', { 'field:prompt_text': 'Mine again.' });
    expect(dialogWords(at.bob)).toMatch(/Somebody changed it.*Theirs\./s);
    expect(await rows('system-prompts')).toContain('Theirs.');
    at.people.closeDialog(at.bob);
  });
});

describe('what a card or a dialog says of itself', () => {
  const id = '00000000-0000-4000-8000-000000000000';
  const places = [
    undefined,
    'x',
    [],
    {},
    { path: 'no-such' },
    { path: 'constructor' },
    { path: 'llm-models', id: 'not-an-id' },
    { path: 'llm-models', id },
    { path: 'llm-models', id, revision: '1', seen: 'forged' },
    { path: 'mcp-servers', id, action: 'constructor' },
    { path: 'roles', kept: 'nothing' },
    { path: 'llm-models', kept: '../other' },
  ];
  const lines = [
    undefined,
    7,
    '',
    'x'.repeat(9000),
    'models delete',
    'models delete nothing confirm=yes',
    `undo ${id}`,
  ];
  const sentence = /"(value|message|text)":"[^"]*[A-Za-z]+ [A-Za-z]+/;

  it('is believed by nobody: it changes nothing, and gets a sentence', async () => {
    const before = await everything();
    const all = [
      ...['form_submit', 'form_redraw', 'form_try'].flatMap((verb) =>
        places.map(
          (place) =>
            ['task/submit', { data: { verb, place, shown: ['name'], 'field:name': 'forged' } }] as const,
        ),
      ),
      ...lines.flatMap((line) => [
        [
          'adaptiveCard/action',
          { action: { verb: 'admin_line', data: { line, undo: `undo ${id}; drop` } } },
        ] as const,
        ['task/fetch', { data: { verb: 'admin_line', line } }] as const,
        ['task/submit', { data: { verb: 'admin_line', line } }] as const,
      ]),
    ];
    for (const user of [at.alice, at.bob, at.people.user('Guest', { role: 'guest' })])
      for (const [name, value] of all) {
        const { status, body } = await invoke(user, name, value);
        expect(status, JSON.stringify(value)).toBe(200);
        expect(JSON.stringify(body), JSON.stringify(value).slice(0, 300)).toMatch(sentence);
      }
    expect(await everything()).toBe(before);
  }, 120_000);

  it('is nothing that another may do with it: not a foreign form, nor what was kept of one', async () => {
    await teamsFace(at).say('admin', 'prompts add Guarded prompt_text="Ours."');
    await teamsFace(at).say('admin', 'prompts edit Guarded');
    const text = 'Secret plans. '.repeat(2500);
    await at.people.submit(at.bob, 'Review', { 'field:prompt_text': text });
    const action = JSON.stringify(at.people.dialog(at.bob)?.card);
    const kept = /"kept":"([0-9a-f-]{36})"/.exec(action)?.[1] ?? '';
    expect(kept).not.toBe('');
    const carol = at.people.user('Carol');
    for (const user of [at.alice, carol]) {
      const place = { path: 'system-prompts', kept };
      for (const verb of ['form_submit', 'form_redraw', 'form_try']) {
        const { body } = await invoke(user, 'task/submit', { data: { verb, place, shown: [] } });
        expect(JSON.stringify(body)).not.toContain('Secret plans');
        expect(JSON.stringify(body)).toMatch(sentence);
      }
    }
    at.people.closeDialog(at.bob);
    expect(await rows('system-prompts')).not.toContain('Secret plans');
  });

  it('is the same for old clients, which send a message', async () => {
    const conversation = at.people.personal(at.alice);
    const before = at.people.heard(conversation).length;
    const value = { verb: 'admin_line', line: 'models delete night confirm=yes' };
    await at.people.deliver(
      arrivalOf(at.teams, {
        type: 'message',
        conversation,
        user: at.alice,
        id: at.teams.tenant.nextMessageId(conversation),
        more: { value },
      }),
    );
    expect(await heardSince(conversation, before)).toContain('who can grant it');
    expect(await rows('llm-models')).toContain('"night"');
  });
});

describe('nonsense by authenticated activities', () => {
  it('changes nothing for who may not, and always gets a sentence', async () => {
    const before = await everything();
    for (const line of nonsense(40, 23)) {
      const value = { action: { verb: 'admin_line', data: { line } } };
      const { status, body } = await invoke(at.alice, 'adaptiveCard/action', value);
      expect(status, line).toBe(200);
      expect(JSON.stringify(body), line).toMatch(/"(value|text)":"[^"]*[A-Za-z]{2}/);
    }
    const frank = at.people.user('Frank');
    const chat = at.people.personal(frank);
    for (const line of [
      '/aiops models delete "',
      '/aiops {',
      '/aiops servers edit ops url=\u0000 form=yes',
    ]) {
      const heard = at.people.heard(chat).length;
      await at.people.say(frank, chat, line);
      expect((await heardSince(chat, heard)).trim()).not.toBe('');
    }
    expect(await everything()).toBe(before);
  }, 60_000);
});

describe('a form that asks for a secret', () => {
  it('offers what may be named to who may manage, and never what it leads to', async () => {
    const look = async (user: TeamsUser, words: string) => {
      const value = {
        kind: 'search',
        queryText: words,
        dataset: 'secret-references',
        queryOptions: { skip: 0 },
      };
      return JSON.stringify((await invoke(user, 'application/search', value)).body);
    };
    expect(await look(at.bob, '')).toMatch(/env:OPENAI_API_KEY.*env:WEB_TOKEN/);
    expect(await look(at.bob, 'vault:kv/web#key')).toContain('"value":"vault:kv/web#key"');
    const key = 'sk-0123456789abcdefghijklmnop';
    expect(await look(at.bob, key)).toContain('looks like a key');
    expect(`${await look(at.bob, key)}${await look(at.bob, '')}`).not.toMatch(
      /the-secret-value|test-key|sk-0123|MicrosoftApp|AI_OPS/,
    );
    expect(await look(at.alice, '')).toContain('"results":[]');
  });
});

describe('approvals', () => {
  it('are listed with the call, looked at, and decided once, in private', async () => {
    at.stage.llm.script({ calls: [{ name: 'ops__restart', arguments: '{"service":"nginx"}' }] });
    await at.people.mention(at.alice, at.ops, 'restart nginx');
    const face = teamsFace(at);
    await until(async () => (await face.say('admin', 'approvals')).includes('nginx'));
    const id = /approvals show ([0-9a-f-]{36})/.exec(
      JSON.stringify(at.people.heard(at.people.personal(at.bob)).at(-1)?.activity),
    )?.[1];
    expect(JSON.stringify(at.people.heard(at.people.personal(at.bob)).at(-1)?.activity)).toContain(
      'https://teams.microsoft.com/l/message/',
    );
    expect(await face.say('viewer', 'approvals')).toContain('ops__restart');
    expect(await face.say('viewer', `approvals approve ${id} confirm=yes`)).toContain('needs the permission');
    const stranger = at.people.user('Sam');
    const refused = await teamsFace(at, { viewer: stranger }).say('viewer', `approvals show ${id}`);
    expect(refused).toContain('not yours to see');
    expect(await face.say('admin', `approvals approve ${id}`)).toContain('nginx');
    expect(await face.press('admin', 'Approve')).toContain('is approved');
    expect(await face.say('admin', `approvals deny ${id}`)).toContain('was approved already');
  });
});

describe('a command that comes to two replicas', () => {
  it('is run once', async () => {
    const other = await startTestBot({ env: at.stage.env });
    try {
      const gina = at.people.user('Gina');
      await made('grants', { role: 'admin', principal: `teams:${tenantId}:${gina.aadObjectId}` });
      const chat = at.people.personal(gina);
      const before = at.people.heard(chat).length;
      const words = 'prompts add name=Replicated prompt_text="Once."';
      const { activity } = await at.people.say(gina, chat, words);
      at.teams.deliverTo(other.url);
      await at.people.deliver(activity);
      at.teams.deliverTo(at.stage.bot.url);
      expect(await heardSince(chat, before)).toMatch(/Replicated v1[^"]* is made/);
      await at.people.say(gina, chat, 'usage');
      await heardSince(chat, before, 2);
      expect(at.people.heard(chat)).toHaveLength(before + 2);
    } finally {
      await other.stop();
    }
  }, 60_000);
});

describe('every resource and action', () => {
  it.each(resources.map((resource) => [resource.word, resource] as const))(
    '%s is reached',
    async (word, resource) => {
      // Each in a chat of its own: Teams takes only so many messages in one.
      const admin = at.people.user(`Admin of ${word}`);
      await made('grants', { role: 'admin', principal: `teams:${tenantId}:${admin.aadObjectId}` });
      const said = (line: string) => teamsFace(at, { admin }).say('admin', line);
      expect(await said(word)).toContain(resource.many);
      expect(await said(`help ${word}`)).toContain(`${word} list`);
      for (const name of Object.keys(resource.actions ?? {})) {
        expect(await said(`help ${word} ${name}`)).toContain(`${word} ${name} <name>`);
        expect(await said(`${word} ${name}`), name).toMatch(/Which|There are no/);
      }
      const form = await said(`${word} add`);
      if (resource.changes.includes('create')) expect(form).toContain(`New ${resource.one}`);
      else expect(form).toContain('have no');
    },
    120_000,
  );
});

describe('a long list', () => {
  it('fits its cards, and is turned page by page', async () => {
    for (let n = 0; n < 12; n += 1)
      await made('system-prompts', { name: `Page ${n} ${'ünïcödé '.repeat(11).trim()}`, prompt_text: 'x' });
    const face = teamsFace(at);
    expect(await face.say('admin', 'prompts')).toContain('page 1 of');
    const shown = await face.press('admin', 'More');
    expect(shown).toContain('page 2 of');
    expect(await face.press('admin', 'Back')).toContain('page 1 of');
  });
});

describe('the doctor', () => {
  it('looks at the credentials, the tenants and the address', async () => {
    const said = await teamsFace(at).say('admin', 'doctor');
    expect(said).toMatch(/✅ \*\*Teams credentials\*\*: Microsoft Entra ID gives a token/);
    expect(said).toMatch(/✅ \*\*Teams tenants\*\*/);
    expect(said).toMatch(
      /✅ \*\*Teams address\*\*: Teams is to write to https:\/\/bot.example.com\/api\/messages/,
    );
    await expect
      .poll(() => teamsFace(at).say('admin', 'doctor'))
      .toMatch(/✅ \*\*Teams registration\*\*: messages: last received less than a minute ago/);
    expect(await teamsFace(at).say('admin', 'doctor')).toMatch(/So far something came from/);
  });

  it.each([
    ['refused credentials', true, {}, /refuses them.*MicrosoftAppPassword/],
    ['an unreachable Entra', false, {}, /cannot be asked/],
  ])('names %s', async (_name, isRefused, more, words) => {
    const token = async () => {
      throw new TokenError('no', { isRefused });
    };
    const settings = {
      identity: { kind: 'secret' as const, appId: 'a', tenantId: 't', password: 'p' },
      allowedTenants: [],
    };
    const findings = await examine({ settings, ...more }, { token });
    expect(JSON.stringify(findings)).toMatch(words);
    for (const { status, fix } of findings) expect(status === 'ok' || (fix ?? '') !== '').toBe(true);
    expect(findings.map(({ status }) => status)).toEqual(['failed', 'warning', 'warning', 'unknown']);
  });
});

describe('the first admin who writes to a fresh bot', () => {
  it('is led to a working model in four steps', async () => {
    const fresh = await openTeamsStage({
      reply: () => ({ text: 'I answer.' }),
      env: { AI_OPS_ENV: 'NONPROD', AI_OPS_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64') },
    });
    try {
      const chat = fresh.people.personal(fresh.bob);
      await fresh.people.say(fresh.bob, chat, '/aiops models delete test-model confirm=yes');
      await until(() => fresh.people.heard(chat).some((message) => wordsOf(message).includes('is deleted')));
      await fresh.people.say(fresh.bob, chat, 'hello');
      const steps = () =>
        fresh.people.heard(chat).find((message) => wordsOf(message).includes('no language model yet'));
      await until(() => steps() !== undefined);
      const notice = steps();
      if (notice === undefined) throw new Error('no notice');
      await fresh.people.click(fresh.bob, notice, 'OpenAI');
      const dialog = fresh.people.dialog(fresh.bob);
      if (dialog === undefined) throw new Error('no form');
      await fresh.people.search(fresh.bob, dialog, 'field:model_secret_key', 'openai');
      await fresh.people.submit(fresh.bob, 'Create', {
        'field:name': 'first',
        'field:model_secret_key': 'env:OPENAI_API_KEY',
        'field:model_config': JSON.stringify({ base_url: `${fresh.stage.llm.url}/v1`, api: 'chat' }),
      });
      await until(() => fresh.people.heard(chat).some((message) => wordsOf(message).includes('is made')));
      expect(
        fresh.people.heard(chat).filter((message) => wordsOf(message).includes('no language model yet')),
      ).toHaveLength(1);
      await fresh.people.say(fresh.bob, chat, 'hello again');
      await until(() => fresh.people.heard(chat).some((message) => wordsOf(message).includes('I answer.')));
    } finally {
      await fresh.close();
    }
  }, 120_000);
});

const listSchema = z.object({ results: z.array(z.object({ id: z.string(), name: z.string() })) });

function dialogWords(user: TeamsUser): string {
  const dialog = at.people.dialog(user);
  if (dialog === undefined) throw new Error(`no dialog: ${at.people.notices(user).at(-1)}`);
  return cardWords(dialog.card);
}
