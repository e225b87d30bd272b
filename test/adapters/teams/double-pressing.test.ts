import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { record, text } from '../../fakes/teams/json.ts';
import { type DoubleStage, openDouble, said, withCard } from './double-stage.ts';

let stage: DoubleStage;

beforeEach(async () => {
  stage = await openDouble();
});

afterEach(() => stage.close());

const lastHeard = () => stage.bot.heard.at(-1)?.activity ?? {};

const approve = {
  body: [
    { type: 'TextBlock', text: 'Restart web-1?' },
    { type: 'Input.Text', id: 'reason', isRequired: true, errorMessage: 'Say why.' },
  ],
  actions: [
    { type: 'Action.Execute', title: 'Approve', verb: 'decide', data: { approval: '7' } },
    { type: 'Action.Submit', title: 'Change', data: { msteams: { type: 'task/fetch' }, form: 'change' } },
  ],
};

const cardAnswer = (words: string) => ({
  statusCode: 200,
  type: 'application/vnd.microsoft.card.adaptive',
  value: { type: 'AdaptiveCard', version: '1.5', body: [{ type: 'TextBlock', text: words }] },
});

const dialogAnswer = (body: object[]) => {
  const actions = [{ type: 'Action.Submit', title: 'Save', data: { form: 'change' } }];
  const content = { type: 'AdaptiveCard', version: '1.5', body, actions };
  const card = { contentType: 'application/vnd.microsoft.card.adaptive', content };
  return { task: { type: 'continue', value: { title: 'Change it', card } } };
};

describe('what people press', () => {
  it('changes the card for one by an answer, and for all by an update', async () => {
    const { who, alice, bob, bot } = stage;
    const group = who.groupChat('Incident', [alice, bob]);
    const message = await stage.posted(group, withCard(approve));
    bot.answer = () => ({ status: 200, body: cardAnswer('You approved.') });
    await expect(who.click(alice, message, 'Deny')).rejects.toThrow('no button Deny, only Approve, Change');
    await expect(who.click(alice, message, 'Approve')).rejects.toThrow('Say why.');
    await who.click(alice, message, 'Approve', { reason: 'It hangs.' });
    expect(lastHeard()).toMatchObject({
      type: 'invoke',
      name: 'adaptiveCard/action',
      from: { aadObjectId: alice.aadObjectId },
      replyToId: message.id,
      value: { action: { verb: 'decide', data: { approval: '7', reason: 'It hangs.' } }, trigger: 'manual' },
    });
    expect(who.look(alice, message).words).toContain('You approved.');
    expect(who.look(bob, message).buttons).toEqual(['Approve', 'Change']);
    const update = withCard({ body: [{ type: 'TextBlock', text: 'Alice approved.' }] });
    await stage.call('PUT', `conversations/${group}/activities/${message.id}`, update);
    for (const user of [alice, bob]) expect(who.look(user, message).words).toContain('Alice approved.');
  });

  it('opens dialogs, whose choices are searched and whose values are sent', async () => {
    const { who, alice, bot } = stage;
    const message = await stage.posted(who.personal(alice), withCard(approve));
    const query = { type: 'Data.Query', dataset: 'servers' };
    const input = { type: 'Input.ChoiceSet', id: 'server', 'choices.data': query };
    bot.answer = () => ({ status: 200, body: dialogAnswer([input]) });
    await who.click(alice, message, 'Change', { reason: 'Because' });
    expect(lastHeard()).toMatchObject({
      name: 'task/fetch',
      value: { data: { form: 'change', reason: 'Because' } },
    });
    const dialog = who.dialog(alice);
    if (dialog === undefined) throw new Error('no dialog');
    await expect(who.submit(alice, 'Save', { server: 'web-1' })).rejects.toThrow('it is not offered');
    const value = { results: [{ title: 'Web 1', value: 'web-1' }] };
    bot.answer = () => ({
      status: 200,
      body: { type: 'application/vnd.microsoft.search.searchResponse', value },
    });
    expect(await who.search(alice, dialog, 'server', 'web')).toEqual([{ title: 'Web 1', value: 'web-1' }]);
    expect(lastHeard()).toMatchObject({
      name: 'application/search',
      value: { queryText: 'web', dataset: 'servers' },
    });
    bot.answer = () => ({ status: 200, body: { task: { type: 'message', value: 'Saved.' } } });
    await who.submit(alice, 'Save', { server: 'web-1' });
    expect(lastHeard()).toMatchObject({
      name: 'task/submit',
      value: { data: { form: 'change', server: 'web-1' } },
    });
    expect(who.dialog(alice)).toBeUndefined();
    expect(who.notices(alice)).toEqual(['Saved.']);
  });

  it('ends with an error when nothing is answered in time, or nothing that Teams knows', async () => {
    const { who, alice, bot, teams } = stage;
    const message = await stage.posted(who.personal(alice), withCard(approve));
    const wrong = 'Something went wrong. Please try again.';
    bot.answer = () => ({ status: 200, body: { ok: true } });
    await who.click(alice, message, 'Approve', { reason: 'So' });
    expect(who.notices(alice)).toEqual([wrong]);
    teams.patience.invokeMs = 100;
    const { promise, resolve } = Promise.withResolvers<{ status: number }>();
    bot.answer = () => promise;
    expect(await who.click(alice, message, 'Approve', { reason: 'So' })).toMatchObject({ status: 0 });
    resolve({ status: 200 });
    expect(who.notices(alice)).toEqual([wrong, wrong]);
  });

  it('gives feedback in the words of Teams, or in those of the bot', async () => {
    const { who, alice, bot } = stage;
    const chat = who.personal(alice);
    const own = (type: string) => ({ ...said('Done.'), channelData: { feedbackLoop: { type } } });
    await who.feedback(alice, await stage.posted(chat, own('default')), 'like', 'Fast');
    expect(lastHeard()).toMatchObject({
      name: 'message/submitAction',
      value: {
        actionName: 'feedback',
        actionValue: { reaction: 'like', feedback: '{"feedbackText":"Fast"}' },
      },
    });
    bot.answer = () => ({ status: 200, body: dialogAnswer([{ type: 'Input.Text', id: 'why' }]) });
    await who.feedback(alice, await stage.posted(chat, own('custom')), 'dislike');
    expect(lastHeard().name).toBe('message/fetchTask');
    bot.answer = () => ({ status: 200 });
    await who.submit(alice, 'Save', { why: 'Slow' });
    const feedback = '{"form":"change","why":"Slow"}';
    expect(lastHeard()).toMatchObject({ value: { actionValue: { reaction: 'dislike', feedback } } });
  });

  it('refreshes a card, by itself for those whom it names', async () => {
    const { who, alice, bob, bot } = stage;
    const action = { type: 'Action.Execute', verb: 'refresh', data: { approval: '7' } };
    const group = who.groupChat('Incident', [alice, bob]);
    const message = await stage.posted(
      group,
      withCard({ ...approve, refresh: { action, userIds: [alice.id] } }),
    );
    bot.answer = () => ({ status: 200, body: cardAnswer('You may approve.') });
    await who.refresh(alice, message);
    expect(lastHeard().value).toMatchObject({ trigger: 'automatic', action: { verb: 'refresh' } });
    await who.refresh(bob, message);
    expect(lastHeard().value).toMatchObject({ trigger: 'manual' });
  });

  it('takes a suggestion', async () => {
    const { who, alice } = stage;
    const chat = who.personal(alice);
    const actions = [{ type: 'imBack', title: 'Help', value: 'help me' }];
    await stage.posted(chat, { ...said('Hi'), suggestedActions: { actions } });
    await expect(who.choose(alice, chat, 'Stop')).rejects.toThrow('Stop is not suggested');
    await who.choose(alice, chat, 'Help');
    expect(lastHeard()).toMatchObject({ type: 'message', text: 'help me', from: { id: alice.id } });
  });

  it('does not reach a message for somebody else', async () => {
    const { who, alice, bob } = stage;
    const group = who.groupChat('Incident', [alice, bob]);
    const path = `conversations/${group}/activities`;
    const secret = { ...withCard(approve), recipient: { id: alice.id } };
    const { id } = await stage.call('POST', `${path}?isTargetedActivity=true`, secret);
    expect(who.sees(alice, group)).toHaveLength(1);
    expect(who.sees(bob, group)).toEqual([]);
    const message = stage.teams.tenant.messages.find((known) => known.id === id);
    if (message === undefined) throw new Error('there is no message');
    await expect(who.click(bob, message, 'Approve')).rejects.toThrow('does not see the message');
    expect((await stage.call('PUT', `${path}/${id}`, said('Done.'))).status).toBe(404);
    expect((await stage.call('PUT', `${path}/${id}?isTargetedActivity=true`, said('Done.'))).status).toBe(
      200,
    );
  });

  it('accepts an offered file, whose parts are put in their order', async () => {
    const { who, alice } = stage;
    const content = { sizeInBytes: 5, acceptContext: { file: 'f1' }, declineContext: { file: 'f1' } };
    const contentType = 'application/vnd.microsoft.teams.card.file.consent';
    const offer = { type: 'message', attachments: [{ contentType, name: 'report.md', content }] };
    const message = await stage.posted(who.personal(alice), offer);
    const { upload } = await who.consent(alice, message, 'accept');
    const { context, uploadInfo } = record(lastHeard().value);
    expect(context).toEqual({ file: 'f1' });
    const put = (range: string) =>
      fetch(text(record(uploadInfo).uploadUrl), {
        method: 'PUT',
        body: 'Hello',
        headers: { 'content-range': range },
      });
    expect((await put('bytes 1-5/5')).status).toBe(400);
    expect((await put('bytes 0-4/5')).status).toBe(201);
    expect(upload).toMatchObject({ isComplete: true, bytes: Buffer.from('Hello') });
    expect((await who.consent(alice, message, 'decline')).upload).toBeUndefined();
    const group = who.groupChat('Incident', [alice]);
    expect((await stage.post(group, offer)).status).toBe(400);
  });
});
