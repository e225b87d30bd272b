import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { channelOf, encodeThreadId } from '../../../adapters/teams/thread-id.ts';
import { serviceServer } from '../../bot/ops-server.ts';
import { conversationOf, until } from '../../bot/stage.ts';
import { arrivalOf } from '../../fakes/teams/arrivals.ts';
import { tenantId } from '../../fakes/teams/server.ts';
import type { TeamsMessage, TeamsUser } from '../../fakes/teams/state.ts';
import { openTeamsStage, type TeamsStage, wordsOf } from './stage.ts';

let at: TeamsStage;
const restarted: string[] = [];
beforeAll(async () => {
  at = await openTeamsStage({
    reply: () => ({ text: 'The disk is full.' }),
    servers: [serviceServer(restarted)],
  });
}, 240_000);
afterAll(async () => await at.close());

const seen = () => conversationOf(at.stage.llm.requests.at(-1)).join('\n');
const audit = async () => await (await at.stage.bot.fetch('/api/plugins/ai-ops/audit/')).text();
const looks = (user: TeamsUser, message: TeamsMessage) => at.people.look(user, message);

/** A message of the bot that says this. */
async function heard(conversation: string, words: string): Promise<TeamsMessage> {
  const find = () =>
    at.people.heard(conversation).find((message) => looks(at.alice, message).words.includes(words));
  await until(() => find() !== undefined);
  const found = find();
  if (found === undefined) throw new Error(`nobody said ${words}`);
  return found;
}

/** Its turn must have ended before the next reply of the model is scripted. */
async function asked(service: string): Promise<{ thread: string; question: TeamsMessage; id: string }> {
  at.stage.llm.script({
    calls: [{ name: 'ops__restart', arguments: JSON.stringify({ service }) }],
  });
  const { conversation } = await at.people.mention(at.alice, at.ops, `restart ${service}`);
  const question = await heard(conversation, 'Waits for a decision');
  const id = /"approval:([0-9a-f-]{36})"/.exec(JSON.stringify(question.activity))?.[1] ?? '';
  return { thread: conversation, question, id };
}

describe('an approval', () => {
  it('is refused in private to who may not decide, and becomes its outcome for everybody', async () => {
    const { thread, question } = await asked('nginx');
    await at.people.click(at.alice, question, 'Approve');
    expect(at.people.notices(at.alice).at(-1)).toContain('may not decide');
    expect(looks(at.bob, question).buttons).toContain('Approve');
    const clicked = await at.people.click(at.bob, question, 'Approve');
    expect(clicked.body).toMatchObject({ type: 'application/vnd.microsoft.card.adaptive' });
    await until(() => looks(at.alice, question).words.includes('Approved by Bob'));
    for (const user of [at.alice, at.bob]) expect(looks(user, question).buttons).toEqual([]);
    await at.answers(thread);
    expect(seen()).toContain('restarted nginx');
  });

  it('shows the exact call in a dialog, and is denied with a reason', async () => {
    const { thread, question } = await asked('db');
    await at.people.click(at.bob, question, 'Details');
    expect(JSON.stringify(at.people.dialog(at.bob)?.card)).toContain('service');
    await at.people.click(at.bob, question, 'Deny', { reason: 'Not in the afternoon.' });
    await until(() => looks(at.alice, question).words.includes('Denied by Bob'));
    expect(looks(at.alice, question).words).toContain('Not in the afternoon.');
    await at.answers(thread);
    expect(restarted).not.toContain('db');
  });

  it('may be denied by who asked, and looked at', async () => {
    const { question, thread } = await asked('mine');
    await at.people.click(at.alice, question, 'Details');
    expect(at.people.dialog(at.alice)?.title).toBe('The exact call');
    await at.people.click(at.alice, question, 'Deny');
    await until(() => looks(at.bob, question).words.includes('Denied by Alice'));
    await at.answers(thread);
  });

  it('is decided once: the second who presses sees how it stands', async () => {
    const { question, id, thread } = await asked('once');
    const press = (verb: string) =>
      at.teams.delivery.invoke(
        arrivalOf(at.teams, {
          type: 'invoke',
          conversation: question.conversation,
          user: at.bob,
          more: {
            name: 'adaptiveCard/action',
            value: { action: { type: 'Action.Execute', verb, data: { approvalId: id } }, trigger: 'manual' },
            replyToId: question.id,
          },
        }),
      );
    const both = await Promise.all([press('approval_approve'), press('approval_deny')]);
    for (const { status } of both) expect(status).toBe(200);
    const shown = both.map(({ body }) => /Approved by|Denied by/.exec(JSON.stringify(body))?.[0]);
    expect(new Set(shown).size).toBe(1);
    expect(shown[0]).toBeDefined();
    await at.answers(thread);
  });

  it('that was decided elsewhere is drawn again, and one of a stopped turn is closed', async () => {
    const { question, id, thread } = await asked('cache');
    await at.stage.decide(id, 'deny', 'Not now.');
    await until(() => looks(at.alice, question).words.includes('Not now.'));
    await at.answers(thread);
    const next = await asked('web');
    await at.people.mention(at.alice, next.thread, 'stop');
    await until(() => looks(at.alice, next.question).words.includes('Cancelled'));
    expect(looks(at.bob, next.question).buttons).toEqual([]);
  });

  it('is decided by a client that knows no Action.Execute', async () => {
    const { question, id, thread } = await asked('old');
    const value = { approvalId: id, verb: 'approval_approve' };
    const from = (user: TeamsUser) =>
      arrivalOf(at.teams, {
        type: 'message',
        conversation: question.conversation,
        user,
        id: at.teams.tenant.nextMessageId(question.conversation),
        more: { value, replyToId: question.id },
      });
    await at.people.deliver(from(at.alice));
    await heard(question.conversation, 'Alice: You may not decide');
    await at.people.deliver(from(at.bob));
    await until(() => looks(at.alice, question).words.includes('Approved by Bob'));
    await at.answers(thread);
  });

  it('is decided and looked at only where it is asked, whatever a button says of itself', async () => {
    const carol = at.people.user('Carol');
    const theirs = at.people.channel('theirs', [carol]);
    const channel = channelOf(encodeThreadId({ tenant: tenantId, id: theirs }));
    const made = await at.stage.bot.fetch('/api/plugins/ai-ops/grants/', {
      method: 'POST',
      body: JSON.stringify({ role: 'approver', principal: `channel:${channel}` }),
      headers: { 'content-type': 'application/json' },
    });
    expect(made.status).toBe(201);
    const { question, id: approvalId, thread } = await asked('theirs');
    const { conversation } = await at.people.mention(carol, theirs, 'hello');
    await at.answers(conversation);
    const press = async (name: string, verb: string, where = conversation, id = approvalId) => {
      const data = { verb, approvalId: id };
      const value = name === 'adaptiveCard/action' ? { action: { verb, data } } : { data };
      const given = { type: 'invoke', conversation: where, user: carol, more: { name, value } };
      const { status, body } = await at.teams.delivery.invoke(arrivalOf(at.teams, given));
      expect(status).toBe(200);
      return JSON.stringify(body);
    };
    for (const [name, verb] of [
      ['adaptiveCard/action', 'approval_approve'],
      ['adaptiveCard/action', 'approval_deny'],
      ['adaptiveCard/action', 'need_decline'],
      ['task/fetch', 'approval_details'],
      ['task/fetch', 'need_open'],
      ['task/submit', 'need_done'],
      ['task/submit', 'need_submit'],
    ] as const) {
      const answer = await press(name, verb);
      expect(answer, verb).toContain('That is asked in another conversation; decide there.');
      expect(answer, verb).not.toContain('service');
    }
    expect(looks(at.bob, question).words).toContain('Waits for a decision');
    // Where she may, she may.
    at.stage.llm.script({ calls: [{ name: 'ops__restart', arguments: '{"service":"hers"}' }] });
    const { conversation: hers } = await at.people.mention(carol, theirs, 'restart hers');
    const find = () =>
      at.people.heard(hers).find((message) => looks(carol, message).words.includes('Waits for a decision'));
    await until(() => find() !== undefined);
    const own = /"approval:([0-9a-f-]{36})"/.exec(JSON.stringify(find()?.activity))?.[1] ?? '';
    expect(await press('adaptiveCard/action', 'approval_approve', hers, own)).toContain('Approved by Carol');
    await until(() => restarted.includes('hers'));
    await at.answers(hers);
    expect(restarted).not.toContain('theirs');
    await at.people.click(at.bob, question, 'Deny');
    await at.answers(thread);
  });

  it('answers what it does not know with a word', async () => {
    const { question } = await asked('odd');
    const invoke = (name: string, value: object) =>
      at.teams.delivery.invoke(
        arrivalOf(at.teams, {
          type: 'invoke',
          conversation: question.conversation,
          user: at.bob,
          more: { name, value },
        }),
      );
    const odd = [
      ['adaptiveCard/action', { action: { verb: 'approval_approve', data: { approvalId: 'nothing' } } }],
      ['adaptiveCard/action', { action: { verb: 'format_disk' } }],
      ['adaptiveCard/action', {}],
      ['task/fetch', { data: { verb: 'approval_details', approvalId: 'nothing' } }],
      ['task/fetch', { data: { verb: 'need_open', approvalId: 'nothing' } }],
      ['task/fetch', {}],
      ['task/submit', { data: { verb: 'form_submit' } }],
      ['task/submit', { data: { verb: 'form_submit', place: { path: 'nowhere', conversation: 'x' } } }],
      ['task/submit', { data: { verb: 'form_redraw', redraw: 'form_submit', place: 'x' } }],
    ] as const;
    for (const [name, value] of odd) {
      const { status, body } = await invoke(name, value);
      expect(status).toBe(200);
      expect(JSON.stringify(body)).toMatch(/"(value|message)":"[A-Z][^"]+\./);
    }
  });
});

describe('feedback', () => {
  it('by the buttons, with words, and by a reaction is written down', async () => {
    const { conversation } = await at.people.mention(at.alice, at.ops, 'feedback, please');
    const [answer] = await at.answers(conversation);
    if (answer === undefined) throw new Error('no answer');
    const { status } = await at.people.feedback(at.alice, answer, 'like', 'Just what I needed.');
    expect(status).toBe(200);
    await until(async () => (await audit()).includes('feedback.good'));
    expect(await audit()).toContain('Just what I needed.');
    await at.people.react(at.bob, answer, 'dislike');
    await until(async () => (await audit()).includes('feedback.bad'));
  });
});

describe('a tool that is run by hand', () => {
  it('answers without the label of a model', async () => {
    const chat = at.people.personal(at.alice);
    await at.people.say(at.alice, chat, 'tools ops');
    const answer = await heard(chat, 'ops__restart');
    await until(() => answer.stream === undefined || answer.stream.state === 'done');
    expect(looks(at.alice, answer)).toMatchObject({ isLabelled: false, hasFeedback: false });
    await at.people.say(at.alice, chat, 'what now?');
    const models = await heard(chat, 'The disk is full.');
    await until(() => looks(at.alice, models).hasFeedback);
    expect(looks(at.alice, models).isLabelled).toBe(true);
  });
});

describe('a long output', () => {
  const log = 'ENOSPC on node7\n'.repeat(500);

  it('is a file in a personal chat, once the person wants it', async () => {
    at.stage.llm.script({ text: `See:\n\n\`\`\`log\n${log}\`\`\`` });
    const chat = at.people.personal(at.alice);
    await at.people.say(at.alice, chat, 'show me the log');
    const offer = () =>
      at.people.heard(chat).find((message) => wordsOf(message).includes('card.file.consent'));
    await until(() => offer() !== undefined);
    const consent = offer();
    if (consent === undefined) throw new Error('no file was offered');
    await at.people.consent(at.alice, consent, 'accept');
    await until(() => at.people.heard(chat).some((message) => wordsOf(message).includes('card.file.info')));
    const [upload] = [...at.teams.tenant.uploads.values()];
    expect(upload?.isComplete).toBe(true);
    expect(upload?.bytes.toString()).toBe(log.trimEnd());
  });

  it('is left alone when the person declines', async () => {
    at.stage.llm.script({ text: `See:\n\n\`\`\`log\n${log}\`\`\`` });
    const chat = at.people.personal(at.bob);
    await at.people.say(at.bob, chat, 'show me the log');
    const offer = () =>
      at.people.heard(chat).find((message) => wordsOf(message).includes('card.file.consent'));
    await until(() => offer() !== undefined);
    const consent = offer();
    if (consent === undefined) throw new Error('no file was offered');
    await at.people.consent(at.bob, consent, 'decline');
    await until(() => wordsOf(consent).includes('was not saved'));
  });
});

describe('forms', () => {
  it('adds and edits a model, with errors at their fields and nothing that was written lost', async () => {
    const chat = at.people.personal(at.bob);
    await at.people.say(at.bob, chat, 'models add');
    const offer = await heardBy(at.bob, chat, 'New LLM model');
    await at.people.click(at.bob, offer, 'Open the form');
    expect(at.people.dialog(at.bob)?.title).toContain('odel');
    const open = at.people.dialog(at.bob);
    if (open === undefined) throw new Error('no dialog');
    expect(JSON.stringify(open.card)).toContain('"value":"openai"');
    expect(await at.people.search(at.bob, open, 'field:system_prompt', '')).toBeInstanceOf(Array);
    const key = await at.people.search(at.bob, open, 'field:model_secret_key', 'sk-very-secret');
    expect(key).toEqual([{ title: expect.stringContaining('looks like a key'), value: '?' }]);
    await at.people.search(at.bob, open, 'field:model_secret_key', 'openai');
    await at.people.submit(at.bob, 'Create', {
      'field:name': 'teams-model',
      'field:llm_provider': 'openai',
      'field:model_secret_key': '?',
      'field:model_config': '{',
    });
    const wrong = JSON.stringify(at.people.dialog(at.bob)?.card ?? '');
    for (const words of ['Attention', 'teams-model', 'This is not JSON']) expect(wrong).toContain(words);
    await at.people.submit(at.bob, 'Create', {
      'field:model_secret_key': 'env:OPENAI_API_KEY',
      'field:model_config': '{}',
    });
    await heardBy(at.bob, chat, '**teams-model (default)** is made');
    await at.people.say(at.bob, chat, 'models edit teams-model');
    const edit = await heardBy(at.bob, chat, 'Edit teams-model (default)');
    await at.people.click(at.bob, edit, 'Open the form');
    await at.people.submit(at.bob, 'Review', { 'field:description': 'Edited in Teams' });
    expect(JSON.stringify(at.people.dialog(at.bob)?.card)).toContain('This changes');
    await at.people.submit(at.bob, 'Save');
    await until(async () => (await models()).includes('Edited in Teams'));
  });

  it('ask for the options of a type once it is chosen, and show what is stored', async () => {
    const option = (name: string) => `field:config@ToolCallLimitMiddleware.${name}`;
    const card = () => JSON.stringify(at.people.dialog(at.bob)?.card ?? '');
    const layers = async () => {
      const listed = await at.stage.bot.fetch('/api/plugins/ai-ops/llm-middleware/');
      return layerSchema.parse(await listed.json()).results;
    };
    const chat = at.people.personal(at.bob);
    await at.people.say(at.bob, chat, 'middleware add');
    await at.people.click(at.bob, await heardBy(at.bob, chat, 'New middleware'), 'Open the form');
    expect(card()).not.toMatch(/field:config[@"]/);
    const open = at.people.dialog(at.bob);
    if (open === undefined) throw new Error('no dialog');
    await at.people.search(at.bob, open, 'field:llm_model', 'teams');
    await at.people.submit(at.bob, 'Update the fields', {
      'field:llm_model': 'teams-model',
      'field:middleware': 'ToolCallLimitMiddleware',
    });
    expect(card()).toContain(option('run_limit'));
    await at.people.submit(at.bob, 'Create', { [option('per_tool')]: '{"ls": {"run_limit": 0}}' });
    expect(card()).toMatch(/Attention.*ls\.run_limit: More than 0|ls\.run_limit: More than 0.*Attention/);
    expect(await layers()).toEqual([]);
    await at.people.submit(at.bob, 'Create', { [option('per_tool')]: '', [option('run_limit')]: '7' });
    await until(async () => (await layers()).length > 0);
    const [layer] = await layers();
    expect(layer?.config).toEqual({ run_limit: 7, per_tool: {}, exit_behavior: 'continue' });
    await at.people.say(at.bob, chat, `middleware edit ${layer?.id}`);
    await at.people.click(at.bob, await heardBy(at.bob, chat, 'Edit ToolCallLimit'), 'Open the form');
    expect(card()).toMatch(/ToolCallLimitMiddleware\.run_limit"[^}]*"value":7/);
    await at.people.submit(at.bob, 'Review', { [option('run_limit')]: '' });
    expect(card()).toContain('This changes');
    await at.people.submit(at.bob, 'Save');
    await until(async () => JSON.stringify(await layers()).includes('"run_limit":50'));
    await at.people.say(at.bob, chat, `middleware delete ${layer?.id} confirm=yes`);
  });

  it('tell that somebody else was faster, and overwrite nothing', async () => {
    const chat = at.people.personal(at.bob);
    const before = at.people.heard(chat).length;
    await at.people.say(at.bob, chat, 'models edit teams-model');
    await until(() => at.people.heard(chat).length > before);
    await at.people.click(at.bob, await newest(chat), 'Open the form');
    const { results } = listSchema.parse(JSON.parse(await models()));
    const row = results.find(({ name }) => name === 'teams-model');
    const path = `/api/plugins/ai-ops/llm-models/${row?.id}/`;
    const body = JSON.stringify({ description: 'From elsewhere' });
    expect((await at.stage.bot.fetch(path, { method: 'PATCH', body })).status).toBe(200);
    await at.people.submit(at.bob, 'Review', { 'field:description': 'Too late' });
    expect(JSON.stringify(at.people.dialog(at.bob)?.card)).toMatch(/Somebody changed it.*From elsewhere/);
    at.people.closeDialog(at.bob);
    expect(await models()).toContain('From elsewhere');
  });

  it('are nothing for who may not: every call is checked, whatever a dialog says of itself', async () => {
    const conversation = at.people.personal(at.alice);
    await at.people.say(at.alice, conversation, 'models add');
    await heardBy(at.alice, conversation, 'who can grant it');
    const forged = {
      verb: 'form_submit',
      place: { path: 'llm-models', id: 'teams-model' },
      shown: ['description'],
      'field:description': 'Forged',
    };
    const { status, body } = await at.teams.delivery.invoke(
      arrivalOf(at.teams, {
        type: 'invoke',
        conversation,
        user: at.alice,
        more: { name: 'task/submit', value: { data: forged } },
      }),
    );
    expect(status).toBe(200);
    expect(JSON.stringify(body)).toMatch(/may not|permission/);
    expect(await models()).not.toContain('Forged');
  });

  const models = async () => await (await at.stage.bot.fetch('/api/plugins/ai-ops/llm-models/')).text();
  const layerSchema = z.object({ results: z.array(z.object({ id: z.string(), config: z.json() })) });
  const listSchema = z.object({ results: z.array(z.object({ id: z.string(), name: z.string() })) });

  async function newest(chat: string): Promise<TeamsMessage> {
    const found = at.people.heard(chat).at(-1);
    if (found === undefined) throw new Error('nothing was said');
    return found;
  }

  async function heardBy(user: TeamsUser, chat: string, words: string): Promise<TeamsMessage> {
    const find = () => at.people.heard(chat).find((message) => looks(user, message).words.includes(words));
    await until(() => find() !== undefined);
    const found = find();
    if (found === undefined) throw new Error(`nobody said ${words}`);
    return found;
  }
});
