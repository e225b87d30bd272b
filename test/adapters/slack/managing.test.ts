import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resources } from '../../../src/resources/index.ts';
import { serviceServer } from '../../bot/ops-server.ts';
import { until } from '../../bot/stage.ts';
import { startTestBot, type TestBot } from '../../fakes/bot.ts';
import { addMessage } from '../../fakes/slack/methods/chat.ts';
import { isRecord, type Json, records, type SlackUser, text } from '../../fakes/slack/state.ts';
import { nonsense } from '../../scenarios/nonsense.ts';
import { slackFace, wordsIn } from './face.ts';
import { openSlackStage, type SlackStage, wordsOf } from './stage.ts';

let at: SlackStage;
let other: TestBot;
beforeAll(async () => {
  at = await openSlackStage({
    reply: () => ({ text: 'OK.' }),
    env: { WEB_TOKEN: 'the-secret-value' },
    servers: [serviceServer()],
  });
  other = await startTestBot({ env: at.stage.env });
}, 240_000);
afterAll(async () => {
  await other.stop();
  await at.close();
});

/** All that is configured; whoever is seen is noted as a person, which configures nothing. */
const configured = resources.filter(({ path }) => !['people', 'identities'].includes(path));
const rows = async (path: string) => await (await at.stage.bot.fetch(`/api/plugins/ai-ops/${path}/`)).text();
const everything = async () => (await Promise.all(configured.map(({ path }) => rows(path)))).join('\n');

async function openModal(user: SlackUser, open: () => Promise<unknown>, callback: string) {
  const before = at.people.modal(user)?.id;
  await open();
  await until(() => {
    const modal = at.people.modal(user);
    return modal !== undefined && modal.id !== before && modal.view.callback_id === callback;
  });
  const modal = at.people.modal(user);
  if (modal === undefined) throw new Error('no modal');
  return modal;
}

const optionsIn = (body: unknown) =>
  (isRecord(body) ? records(body.options) : []).map(({ value }) => text(value));

describe('a form that asks for a secret', () => {
  it('offers what may be named to who may manage, and never what it leads to', async () => {
    const form = await openModal(at.bob, () => at.people.command(at.bob, at.ops, 'models add'), 'form');
    const look = async (user: SlackUser, words: string) =>
      (await at.people.options(user, form, 'form_secrets', words)).body;
    expect(optionsIn(await look(at.bob, ''))).toEqual(
      expect.arrayContaining(['env:OPENAI_API_KEY', 'env:WEB_TOKEN', '∅']),
    );
    expect(optionsIn(await look(at.bob, 'web'))).toEqual(['env:WEB_TOKEN', 'web']);
    expect(optionsIn(await look(at.bob, 'vault:kv/web#key'))).toEqual(['vault:kv/web#key']);
    const key = 'sk-0123456789abcdefghijklmnop';
    expect(JSON.stringify(await look(at.bob, key))).toMatch(/"value":"\?".*|looks like a key/);
    const all = JSON.stringify([await look(at.bob, key), await look(at.bob, ''), form.view]);
    expect(all).not.toMatch(/the-secret-value|test-key|sk-0123|SLACK_|AI_OPS_ADMIN_TOKEN/);
    expect(optionsIn(await look(at.alice, ''))).toEqual(['∅']);
    const { body } = await at.people.submit(at.bob, form, {
      name: 'keyed',
      llm_provider: 'openai',
      model_secret_key: '?',
    });
    expect(JSON.stringify(body)).toContain('Write env:NAME');
    expect(await rows('llm-models')).not.toContain('keyed');
  });
});

describe('a form whose options depend on a choice', () => {
  const option = (name: string) => `config@ToolCallLimitMiddleware.${name}`;
  const blockOf = (view: Json, id: string) => records(view.blocks).find(({ block_id: own }) => own === id);
  const elementOf = (view: Json, id: string) => {
    const element = blockOf(view, id)?.element;
    return isRecord(element) ? element : {};
  };

  it('asks for the options of the type once it is chosen, and shows what is stored', async () => {
    await at.people.command(at.bob, at.ops, 'models add layered provider=openai');
    const form = await openModal(at.bob, () => at.people.command(at.bob, at.ops, 'middleware add'), 'form');
    expect(JSON.stringify(form.view.blocks)).not.toMatch(/"block_id":"config[@"]/);
    const chosen = { llm_model: 'layered', middleware: 'ToolCallLimitMiddleware' };
    await at.people.click(at.bob, at.people.filled(form, chosen), 'form_decides');
    await until(() => blockOf(form.view, option('run_limit')) !== undefined);
    expect(elementOf(form.view, option('run_limit'))).toMatchObject({
      type: 'number_input',
      initial_value: '50',
    });
    expect(blockOf(form.view, 'config')).toBeUndefined();
    const wrong = await at.people.submit(at.bob, form, { ...chosen, [option('run_limit')]: '0' });
    const errors = { [option('run_limit')]: 'More than 0.' };
    expect(wrong.body).toEqual({ response_action: 'errors', errors });
    const filled = { ...chosen, [option('run_limit')]: '7', [option('exit_behavior')]: 'end' };
    await at.people.submit(at.bob, form, filled);
    const own = { run_limit: 7, per_tool: {}, exit_behavior: 'end' };
    await until(async () => (await rows('llm-middleware')).includes('"run_limit":7'));
    const [row] = records(JSON.parse(await rows('llm-middleware')).results);
    expect(row?.config).toEqual(own);
    const edit = await openModal(
      at.bob,
      () => at.people.command(at.bob, at.ops, `middleware edit ${text(row?.id)} config.run_limit=9 form=yes`),
      'form',
    );
    expect(elementOf(edit.view, option('run_limit'))).toMatchObject({ initial_value: '9' });
    expect(elementOf(edit.view, option('exit_behavior'))).toMatchObject({ initial_option: { value: 'end' } });
    const review = await at.people.submit(at.bob, edit, {});
    expect(JSON.stringify(review.body)).toContain('This changes');
    await at.people.submit(at.bob, edit, {});
    await until(async () => (await rows('llm-middleware')).includes('"run_limit":9'));
    await at.people.command(at.bob, at.ops, 'models delete layered confirm=yes');
  });

  it.each(['PIIMiddleware', 'ModelFallbackMiddleware', 'HumanInTheLoopMiddleware', 'RateLimitMiddleware'])(
    'has room for all options of %s',
    async (middleware) => {
      const form = await openModal(at.bob, () => at.people.command(at.bob, at.ops, 'middleware add'), 'form');
      await at.people.click(at.bob, at.people.filled(form, { middleware }), 'form_decides');
      await until(() => JSON.stringify(form.view).includes(`config@${middleware}.`));
      expect(records(form.view.blocks).length).toBeLessThan(30);
    },
  );
});

describe('Home', () => {
  const pressed = (user: SlackUser, action: string) => {
    const home = at.people.home(user);
    if (home === undefined) throw new Error('no Home');
    return () => at.people.click(user, home, action);
  };
  const labels = (view: Json | undefined) =>
    records(view?.blocks)
      .flatMap((block) => records(block.elements))
      .map(({ text: label }) => (isRecord(label) ? text(label.text) : ''));

  it('has what admins do most, and nothing of it for others', async () => {
    await at.people.openHome(at.alice, 'home');
    await until(() => at.people.home(at.alice) !== undefined);
    expect(labels(at.people.home(at.alice)?.view)).toEqual(['Refresh']);
    await at.people.openHome(at.bob, 'home');
    await until(() => at.people.home(at.bob) !== undefined);
    const own = ['LLM models', 'MCP servers', 'Schedules', 'System prompts', 'Approvals', 'Usage', 'Doctor'];
    expect(labels(at.people.home(at.bob)?.view)).toEqual([...own, 'Everything else', 'Refresh']);
  });

  it('opens lists, forms and their outcome in a modal, with a way back', async () => {
    const list = await openModal(at.bob, pressed(at.bob, 'admin_line:1'), 'admin_answer');
    expect(wordsIn(list.view.blocks)).toContain('*ops*');
    const menu = records(list.view.blocks).findIndex(
      (block) => isRecord(block.accessory) && wordsIn([block]).includes('*ops*'),
    );
    const accessory = records(list.view.blocks)[menu]?.accessory;
    const edit = records(isRecord(accessory) ? accessory.options : []).find(({ value }) =>
      text(value).startsWith('servers edit'),
    );
    await at.people.click(at.bob, list, text(isRecord(accessory) ? accessory.action_id : ''), edit);
    await until(() => at.people.modal(at.bob)?.view.callback_id === 'form');
    const form = at.people.modal(at.bob);
    if (form === undefined) throw new Error('no form');
    const review = await at.people.submit(at.bob, form, { description: 'Restarts what hangs' });
    expect(
      wordsIn(records(isRecord(review.body) && isRecord(review.body.view) ? review.body.view.blocks : [])),
    ).toContain('This changes');
    await at.people.submit(at.bob, form, { description: 'Restarts what hangs' });
    expect(form.view.callback_id).toBe('admin_answer');
    expect(wordsIn(form.view.blocks)).toContain('is changed');
    await at.people.click(at.bob, form, 'admin_line:0');
    await until(() => wordsIn(form.view.blocks).includes('Undone'));
    expect(await rows('mcp-servers')).not.toContain('what hangs');
  });

  it('draws usage without a table or a chart, which modals do not hold', async () => {
    const usage = await openModal(at.bob, pressed(at.bob, 'admin_line:5'), 'admin_answer');
    expect(wordsIn(usage.view.blocks)).toContain('This month');
  });
});

describe('approvals', () => {
  async function asked(service: string) {
    at.stage.llm.script({ calls: [{ name: 'ops__restart', arguments: JSON.stringify({ service }) }] });
    const { ts } = await at.people.mention(at.alice, { channel: at.ops }, `restart ${service}`);
    const [question] = await at.answers(ts);
    return { ts, question };
  }

  it('are listed with the call and a link, shown, and decided once they were looked at', async () => {
    const { ts, question } = await asked('nginx');
    const face = slackFace(at);
    const listed = await face.say('admin', 'approvals');
    expect(listed).toMatch(
      /ops__restart[\s\S]*nginx[\s\S]*https:\/\/acme\.slack\.com\/archives\/COPS\/p\d+\|Open the thread/,
    );
    expect(await face.press('admin', 'Approve', 'ops__restart')).toContain('nginx');
    expect(wordsOf(question)).toContain('Waits for a decision');
    expect(await face.press('admin', 'Approve')).toContain('is approved');
    await at.answers(ts, 2);
    await until(() => wordsOf(question).includes('Approved by bob'));
    expect(await face.say('admin', 'approvals')).toContain('Nothing waits');
  });

  it('are denied with a reason, and nothing is shown to who may not decide', async () => {
    const { ts, question } = await asked('db');
    const id = /"approval:([0-9a-f-]{36}):/.exec(wordsOf(question))?.[1] ?? '';
    const carol = at.people.user('carol');
    const theirs = at.people.channel('theirs', [carol]);
    await at.stage.bot.fetch('/api/plugins/ai-ops/grants/', {
      method: 'POST',
      body: JSON.stringify({ role: 'approver', principal: `channel:slack:T1:${theirs}` }),
    });
    for (const line of ['approvals', `approvals show ${id}`, `approvals approve ${id} confirm=yes`]) {
      const { body } = await at.people.command(carol, theirs, line);
      expect(JSON.stringify(body), line).not.toMatch(/service|restart/);
    }
    const { body } = await at.people.command(at.people.user('dave'), at.ops, 'approvals');
    expect(JSON.stringify(body)).toMatch(/permission approve.*who can grant it/);
    expect(wordsOf(question)).toContain('Waits for a decision');
    const said = await slackFace(at).say('admin', `approvals deny ${id.slice(0, 8)} Not in the afternoon`);
    expect(said).toContain('is denied');
    await until(() => wordsOf(question).includes('Not in the afternoon'));
    await at.answers(ts, 2);
  });
});

describe('usage', () => {
  it('calls channels by their names', async () => {
    const said = await slackFace(at).say('admin', 'usage');
    expect(said).toContain('#ops');
    expect(said).not.toContain('slack:T1:COPS');
  });
});

describe('a command that comes to two replicas', () => {
  it('is run once, and is no question to the model where it was undone meanwhile', async () => {
    const line = 'prompts add name=Twice prompt_text="Once."';
    const message = addMessage(at.slack.workspace, {
      channel: at.ops,
      user: at.bob.id,
      text: `<@UBOT> ${line}`,
    });
    const event = {
      type: 'app_mention',
      channel: at.ops,
      user: at.bob.id,
      ts: message.ts,
      text: message.text,
      team: 'T1',
      event_ts: message.ts,
    };
    const told = at.people.notices(at.bob, at.ops).length;
    const notices = () => at.people.notices(at.bob, at.ops).slice(told);
    const deliver = async (to: string, id: string) => {
      at.slack.deliverTo(to);
      return await at.people.event(event, id);
    };
    const requests = at.stage.llm.requests.length;
    const both = [deliver(at.stage.bot.url, 'EvA'), deliver(other.url, 'EvB')];
    for (const tries of await Promise.all(both)) expect(tries.at(-1)?.status).toBe(200);
    await until(() => notices().length > 0);
    const before = await rows('system-prompts');
    await deliver(other.url, 'EvC');
    await deliver(other.url, 'EvA');
    at.slack.deliverTo(at.stage.bot.url);
    expect(notices().map(wordsOf)).toEqual([expect.stringMatching(/Twice v1[^"]* is made/)]);
    expect(await rows('system-prompts')).toBe(before);
    expect(at.stage.llm.requests.length).toBe(requests);
    expect(at.people.heard({ channel: at.ops, thread: message.ts })).toEqual([]);
  });
});

describe('nonsense by signed requests', () => {
  it('changes nothing for who may not, and always gets a sentence', async () => {
    const before = await everything();
    for (const line of nonsense(40)) {
      const { status, body } = await at.people.command(at.alice, at.ops, line);
      expect(status, line).toBe(200);
      const isAsked = body === undefined || body === '';
      expect(isAsked || wordsIn(isRecord(body) ? body.blocks : []) !== '', line).toBe(true);
    }
    expect(await everything()).toBe(before);
  }, 60_000);

  it('in buttons, menus and views of others: stale, forged and foreign', async () => {
    const form = await openModal(at.bob, () => at.people.command(at.bob, at.ops, 'servers edit ops'), 'form');
    const before = await everything();
    const place: Json = JSON.parse(text(form.view.private_metadata));
    const forged: readonly Json[] = [
      place,
      { ...place, revision: 'stale', seen: 'forged' },
      { ...place, revision: '', seen: '0123456789abcdef' },
      { ...place, id: '00000000-0000-4000-8000-000000000000' },
      { ...place, path: 'constructor' },
      { ...place, path: '__proto__', id: 'x', action: 'toString' },
      { ...place, action: 'delete', respondTo: 'http://169.254.169.254/' },
      { ...place, channel: '' },
    ];
    for (const metadata of forged) {
      const view = { ...form, view: { ...form.view, private_metadata: JSON.stringify(metadata) } };
      const { status, body } = await at.people.submit(at.alice, view, { description: 'forged' });
      expect(status, JSON.stringify(metadata)).toBe(200);
      expect(JSON.stringify(body), JSON.stringify(metadata)).toMatch(/\w+ \w+ \w+/);
    }
    for (const metadata of [
      { ...place, revision: 'stale', seen: 'forged' },
      { ...place, path: 'constructor' },
    ]) {
      const view = { ...form, view: { ...form.view, private_metadata: JSON.stringify(metadata) } };
      const { body } = await at.people.submit(at.bob, view, { description: 'forged' });
      expect(JSON.stringify(body)).toMatch(/Somebody changed it since|There is nothing to manage/);
    }
    expect(await everything()).toBe(before);
    const message = addMessage(at.slack.workspace, {
      channel: at.ops,
      user: 'UBOT',
      botId: 'BBOT',
      text: 'x',
    });
    const lines = [
      'servers delete ops confirm=yes',
      'undo 00000000-0000-4000-8000-000000000000',
      '',
      '\u0000',
    ];
    for (const line of lines) {
      const seen =
        at.people.notices(at.alice, at.ops).length + [...at.slack.responses.values()].flat().length;
      message.blocks = [
        { type: 'actions', elements: [{ type: 'button', action_id: 'admin_line:0', value: line }] },
      ];
      const { status } = await at.people.click(at.alice, message, 'admin_line');
      expect(status, line).toBe(200);
      await until(
        () =>
          at.people.notices(at.alice, at.ops).length + [...at.slack.responses.values()].flat().length > seen,
      );
    }
    expect(await everything()).toBe(before);
  }, 60_000);
});
