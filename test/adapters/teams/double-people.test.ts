import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { record, text } from '../../fakes/teams/json.ts';
import { type DoubleStage, openDouble, said } from './double-stage.ts';

let stage: DoubleStage;

beforeEach(async () => {
  stage = await openDouble();
});

afterEach(() => stage.close());

const lastHeard = () => stage.bot.heard.at(-1)?.activity ?? {};

describe('what people write', () => {
  it('is heard in personal chats, and elsewhere when the bot is named or may hear all', async () => {
    const { who, alice } = stage;
    const channel = who.channel('incidents', [alice]);
    await who.say(alice, who.personal(alice), 'Hello');
    expect(lastHeard()).toMatchObject({
      type: 'message',
      text: 'Hello',
      conversation: { conversationType: 'personal' },
    });
    expect((await who.say(alice, channel, 'Not for you')).tries).toEqual([]);
    const root = await who.mention(alice, channel, 'look');
    expect(root.conversation).toBe(`${channel};messageid=${root.id}`);
    expect(lastHeard()).toMatchObject({
      text: '<at>AI Ops</at> look',
      conversation: { id: root.conversation, isGroup: true },
      channelData: { channel: { id: channel }, team: { name: 'SRE' } },
    });
    expect((await who.say(alice, root.conversation, 'And this?')).tries).toEqual([]);
    who.place(channel).hearsAll = true;
    await who.say(alice, root.conversation, 'And this?');
    expect(lastHeard()).toMatchObject({ text: 'And this?', replyToId: root.id });
  });

  it('is edited, deleted, restored, quoted and reacted to', async () => {
    const { who, alice } = stage;
    const chat = who.personal(alice);
    const { message, id } = await who.say(alice, chat, 'Helo');
    await who.edit(message, 'Hello');
    expect(lastHeard()).toMatchObject({
      type: 'messageUpdate',
      id,
      text: 'Hello',
      channelData: { eventType: 'editMessage' },
    });
    await who.softDelete(message);
    expect(lastHeard()).toMatchObject({
      type: 'messageDelete',
      id,
      channelData: { eventType: 'softDeleteMessage' },
    });
    expect(who.sees(alice, chat)).toEqual([]);
    await who.undelete(message);
    expect(lastHeard()).toMatchObject({
      type: 'messageUpdate',
      channelData: { eventType: 'undeleteMessage' },
    });
    const answer = await stage.posted(chat, said('Hi'));
    await who.say(alice, chat, 'Why?', { quote: answer });
    expect(lastHeard().entities).toContainEqual(
      expect.objectContaining({
        quotedReply: expect.objectContaining({ messageId: answer.id, preview: 'Hi' }),
      }),
    );
    await who.react(alice, answer, 'like');
    expect(lastHeard()).toMatchObject({
      type: 'messageReaction',
      replyToId: answer.id,
      reactionsAdded: [{ type: 'like' }],
    });
  });

  it('carries files behind addresses and pictures behind the connector', async () => {
    const { who, alice, teams } = stage;
    const file = who.file({ name: 'web.log', type: 'text/plain', content: 'GET /' });
    const image = who.image({ name: 'graph.png', type: 'image/png', content: 'png' });
    await who.say(alice, who.personal(alice), 'See', { attachments: [file, image] });
    expect(lastHeard().attachments).toMatchObject([file, image, { contentType: 'text/html' }]);
    const authorization = `Bearer ${teams.token}`;
    const download = text(record(file.content).downloadUrl);
    expect(await (await fetch(download)).text()).toBe('GET /');
    expect((await fetch(download, { headers: { authorization } })).status).toBe(401);
    expect((await fetch(text(image.contentUrl))).status).toBe(401);
    expect((await fetch(text(image.contentUrl), { headers: { authorization } })).status).toBe(200);
    teams.skip(301_000);
    expect((await fetch(download)).status).toBe(403);
  });

  it('ends when the app is removed, and goes on when it is back', async () => {
    const { who, alice } = stage;
    const chat = who.personal(alice);
    await who.uninstall(alice);
    expect(lastHeard()).toMatchObject({ type: 'installationUpdate', action: 'remove' });
    expect((await stage.post(chat, said('Hello'))).code).toBe('BotNotInConversationRoster');
    expect((await who.say(alice, chat, 'Anybody?')).tries).toEqual([]);
    await who.install(alice);
    expect(lastHeard()).toMatchObject({ type: 'installationUpdate', action: 'add' });
    expect((await stage.post(chat, said('Hello'))).status).toBe(201);
  });
});
