import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serviceServer } from '../../bot/ops-server.ts';
import { until } from '../../bot/stage.ts';
import { startTestBot, type TestBot } from '../../fakes/bot.ts';
import { addMessage } from '../../fakes/slack/methods/chat.ts';
import { isRecord, type Json, records, type SlackUser, text } from '../../fakes/slack/state.ts';
import { configured } from '../../scenarios/forgiving.ts';
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

const rows = async (path: string) => await (await at.stage.bot.fetch(`/api/plugins/ai-ops/${path}/`)).text();
const everything = async () => await configured((path) => at.stage.bot.fetch(path));

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

describe('a form that asks for somebody, for a channel and for a time', () => {
  it('looks people up by name, also who never wrote to the bot, and takes groups', async () => {
    const carol = at.people.user('carol', { realName: 'Carol Ann', email: 'carol@acme.test' });
    const form = await openModal(at.bob, () => at.people.command(at.bob, at.ops, 'grants add'), 'form');
    const look = async (user: SlackUser, words: string) =>
      optionsIn((await at.people.options(user, form, 'form_principals', words)).body);
    expect(await look(at.bob, '@Carol')).toEqual([`slack:T1:${carol.id}`]);
    expect(await look(at.bob, 'carol@acme.test')).toEqual([`slack:T1:${carol.id}`]);
    expect(await look(at.bob, 'group:night')).toEqual(['group:night']);
    expect(await look(at.alice, 'carol')).toEqual([]);
    await at.people.submit(at.bob, form, {
      role: 'viewer',
      principal: `slack:T1:${carol.id}`,
      expires: 1_801_386_000,
    });
    await expect.poll(() => rows('grants')).toContain(`"slack:T1:${carol.id}"`);
    expect(await rows('grants')).toContain('"expires":"2027-01-31T09:00:00.000Z"');
    await expect
      .poll(() => JSON.stringify([...at.slack.responses.values()]))
      .toMatch(/never heard from carol.*Slack says that there is such a person/);
  });

  it('takes a channel as it is chosen, mentioned or named', async () => {
    const line = 'alert-routes add authentication=none format=json';
    for (const [name, target] of [
      ['mentioned', `<#${at.ops}|ops>`],
      ['named', '#ops'],
    ] as const)
      await at.people.command(at.bob, at.ops, `${line} name=${name} target=${target}`);
    const open = () => at.people.command(at.bob, at.ops, `${line} name=chosen form=yes`);
    await at.people.submit(at.bob, await openModal(at.bob, open, 'form'), { target: at.ops });
    await expect
      .poll(async () => (await rows('alert-routes')).match(new RegExp(`"target":"slack:T1:${at.ops}"`, 'g')))
      .toHaveLength(3);
    const { body } = await at.people.command(at.bob, at.ops, `${line} name=lost target=#lost`);
    expect(JSON.stringify(body ?? {})).not.toContain('is made');
  });
});

describe('a form that Slack does not open', () => {
  it('is offered by a button, with the reason and what was given', async () => {
    at.slack.faults.add('views.open', { type: 'error', error: 'expired_trigger_id' });
    const { body } = await at.people.command(at.bob, at.ops, 'models add name=offered form=yes');
    const said = wordsIn(isRecord(body) ? body.blocks : []);
    expect(said).toContain('longer than the three seconds that Slack waits');
    expect(said).toContain('Open the form');
    expect(JSON.stringify(body)).toContain('models add name=offered form=yes');
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

describe('an option of a type that nobody chose yet', () => {
  const option = (type: string, name: string) => `config@${type}.${name}`;
  const begun = async (line: string) =>
    await openModal(at.bob, () => at.people.command(at.bob, at.ops, line), 'form');
  const choose = async (form: Awaited<ReturnType<typeof begun>>, values: Json, seen: string) => {
    await at.people.click(at.bob, at.people.filled(form, values), 'form_decides');
    await until(() => JSON.stringify(form.view).includes(seen));
  };
  const inputIn = (view: Json, id: string) => {
    const block = records(view.blocks).find(({ block_id: own }) => own === id);
    return isRecord(block?.element) ? block.element : undefined;
  };

  it('is kept, stands at its field once the type is chosen, and is saved', async () => {
    await at.people.command(at.bob, at.ops, 'models add waiting provider=openai');
    const form = await begun('middleware add config.run_limit=9 config.warmth=2');
    expect(wordsIn(form.view.blocks)).toContain('Kept until you choose *Type*');
    const chosen = { llm_model: 'waiting', middleware: 'LoggingMiddleware' };
    await choose(form, chosen, 'LoggingMiddleware`');
    expect(wordsIn(form.view.blocks)).toMatch(
      /`config.run_limit`, `config.warmth` are no options of `LoggingMiddleware`, and left out/,
    );
    const limits = 'ToolCallLimitMiddleware';
    await choose(form, { ...chosen, middleware: limits }, option(limits, 'run_limit'));
    expect(inputIn(form.view, option(limits, 'run_limit'))).toMatchObject({ initial_value: '9' });
    expect(wordsIn(form.view.blocks)).toContain(`\`config.warmth\` is no option of \`${limits}\``);
    expect(wordsIn(form.view.blocks)).not.toContain('config.run_limit');
    await at.people.submit(at.bob, form, { ...chosen, middleware: limits });
    await until(async () => (await rows('llm-middleware')).includes('"run_limit":9'));
    expect(await rows('llm-middleware')).not.toContain('warmth');
    await at.people.command(at.bob, at.ops, 'models delete waiting confirm=yes');
  });

  it('gives way to what was written at its field, and is too long to be kept only where that is said', async () => {
    const form = await begun('middleware add config.run_limit=9');
    const limits = 'ToolCallLimitMiddleware';
    await choose(form, { middleware: limits }, option(limits, 'run_limit'));
    const written = { middleware: limits, [option(limits, 'run_limit')]: '4' };
    await choose(form, { ...written, llm_model: 'none' }, '"initial_value":"4"');
    const long = await begun(`middleware add config.prompt=${'x'.repeat(3000)}`);
    expect(wordsIn(long.view.blocks)).toContain('too much of that to be kept here');
  });

  it('is so for every field that depends on another', async () => {
    const form = await begun('servers add later command=node form=yes');
    expect(wordsIn(form.view.blocks)).toMatch(/\*Command\* is left out: .* \*Protocol\* is `stdio`/i);
    await choose(form, { name: 'later', protocol: 'stdio' }, '"block_id":"command"');
    expect(inputIn(form.view, 'command')).toMatchObject({ initial_value: 'node' });
  });
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

  it('tells who pressed there in their direct messages when Slack opens no window', async () => {
    const said = () => at.people.heard({ channel: at.people.dm(at.bob) }).map(({ text: words }) => words);
    at.slack.faults.add('views.open', { type: 'error', error: 'expired_trigger_id' });
    await pressed(at.bob, 'admin_line:1')();
    await until(() => said().some((words) => words.includes('That window did not open')));
    expect(at.people.heard({ channel: at.people.dm(at.alice) })).toEqual([]);
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

  it('calls people by their names, and so do lists and pages of what is managed', async () => {
    const face = slackFace(at);
    const used = await face.say('admin', 'usage');
    expect(used).toMatch(/alice|bob/);
    expect(used).not.toContain('slack:T1:U');
    const given = `grants add role=approver principal=channel:slack:T1:${at.ops}`;
    expect(await face.say('admin', given)).toContain(`#ops (channel:slack:T1:${at.ops})`);
    expect(await face.say('admin', 'grants')).toMatch(/approver → #ops\W/);
    const made = `grants add role=viewer principal=slack:T1:${at.alice.id}`;
    await face.say('admin', made);
    expect(await face.say('admin', 'grants')).toMatch(/viewer → alice\W/);
    expect(await face.say('admin', `grants show "viewer → slack:T1:${at.alice.id}"`)).toContain(
      `viewer → alice (slack:T1:${at.alice.id})`,
    );
  });
});

describe('a test that fails', () => {
  it('leads on to what can be done about it', async () => {
    const face = slackFace(at);
    await face.say('admin', 'models add unkeyed provider=openai model_secret_key=env:NO_SUCH_KEY');
    const said = await face.say('admin', 'models test unkeyed');
    expect(said).toMatch(/❌[\s\S]*Edit\nTry again/);
    expect(await face.press('admin', 'Try again')).toContain('❌');
    await face.say('admin', 'models delete unkeyed confirm=yes');
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
