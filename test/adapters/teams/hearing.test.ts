import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conversationOf, until } from '../../bot/stage.ts';
import { startTestBot } from '../../fakes/bot.ts';
import { createPostgresDatabase } from '../../fakes/database.ts';
import type { TeamsUser } from '../../fakes/teams/state.ts';
import { openTeamsStage, type TeamsStage, wordsOf } from './stage.ts';

let s: TeamsStage;
let url: string;
/** The model answers once this resolves. */
let held = Promise.resolve();
beforeAll(async () => {
  url = await createPostgresDatabase('migrated');
  s = await openTeamsStage({
    env: { DATABASE_URL: url },
    async reply() {
      await held;
      return { text: 'The disk is full.' };
    },
  });
}, 60_000);
afterAll(async () => await s.close());

/** What the model was told last. */
const told = () => conversationOf(s.stage.llm.requests.at(-1)).at(-1) ?? '';
const someone = (name: string, more: Partial<TeamsUser> = {}) => s.people.user(name, more);

async function count(text: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(text).finally(() => client.end());
  return Number(rows[0]?.n);
}
const turns = () => count('select count(*) as n from turns');

/** The bot's words there, other than answers of the model. */
async function notice(conversation: string): Promise<string> {
  await until(() => s.people.heard(conversation).length > 0);
  return wordsOf(s.people.heard(conversation).at(-1));
}

describe('where people talk', () => {
  it('everything in a personal chat is for the bot', async () => {
    const chat = s.people.personal(s.alice);
    await s.people.say(s.alice, chat, 'Is 1 < 2 & 3?');
    await s.answers(chat);
    expect(told()).toContain('Is 1 < 2 & 3?');
  });

  it('in a channel a mention begins a thread, and the answer stands in it', async () => {
    const { conversation } = await s.people.mention(s.alice, s.ops, 'What is wrong?');
    const [answer] = await s.answers(conversation);
    expect(answer?.conversation).toBe(conversation);
    expect(told()).toContain('What is wrong?');
    expect(told()).not.toContain('<at>');
  });

  it('what is not for the bot is never stored', async () => {
    const open = s.people.channel('open', [s.alice, s.bob], { hearsAll: true });
    const before = await turns();
    const { tries } = await s.people.say(s.alice, open, 'Lunch?');
    expect(tries.map(({ status }) => status)).toEqual([200]);
    const group = s.people.groupChat('all', [s.alice, s.bob], { hearsAll: true });
    await s.people.say(s.bob, group, 'Lunch!');
    expect(await turns()).toBe(before);
  });

  it('a thread that the bot is part of goes on without mentions, until it is muted', async () => {
    const open = s.people.channel('follow', [s.alice, s.bob], { hearsAll: true });
    const { conversation } = await s.people.mention(s.alice, open, 'First?');
    await s.answers(conversation);
    await s.people.say(s.alice, conversation, 'And second?');
    await s.answers(conversation, 2);
    await s.people.say(s.alice, conversation, 'mute');
    await until(() => s.people.heard(conversation).some((message) => wordsOf(message).includes('mentioned')));
    const before = await turns();
    await s.people.say(s.alice, conversation, 'We talk among us');
    expect(await turns()).toBe(before);
    await s.people.mention(s.alice, conversation, 'But now you');
    await s.answers(conversation, 3);
  });

  it('a group chat is one conversation, and the model hears what was quoted and what it cannot see', async () => {
    const group = s.people.groupChat('incident', [s.alice, s.bob]);
    const quote = (await s.people.say(s.bob, group, 'The disk of db1 is full')).message;
    await s.people.mention(s.alice, group, 'Why that?', { quote });
    await s.answers(group);
    expect(told()).toContain('The disk of db1 is full');
    expect(told()).toContain('The bot sees only the messages that mention it');
    await s.people.mention(s.alice, group, 'Thanks');
    await s.answers(group, 2);
    expect(told()).not.toContain('The bot sees only');
  });

  it('in the middle of a thread the model is told that it came late', async () => {
    const { conversation } = await s.people.say(s.bob, s.ops, 'db1 is slow');
    await s.people.mention(s.alice, conversation, 'Can you look?');
    await s.answers(conversation);
    expect(told()).toContain('whose earlier messages the bot cannot see');
  });
});

describe('a message is one turn', () => {
  it('however often it is sent', async () => {
    const chat = s.people.personal(someone('Twice'));
    const user = [...s.teams.tenant.users.values()].find(({ name }) => name === 'Twice') ?? s.alice;
    const before = await turns();
    const { activity } = await s.people.say(user, chat, 'Once?');
    await Promise.all([s.people.deliver(activity), s.people.deliver(activity)]);
    await s.answers(chat);
    await s.people.deliver(activity);
    expect(await turns()).toBe(before + 1);
    expect(s.people.heard(chat)).toHaveLength(1);
  });

  it('though Teams gave up waiting and sent it again, while the first was still under way', async () => {
    const user = someone('Waiting');
    const chat = s.people.personal(user);
    const before = await turns();
    s.teams.faults.add('member', { type: 'slow', latencyMs: 1000 });
    s.teams.patience.ackMs = 200;
    const { tries } = await s.people.say(user, chat, 'Hurry');
    s.teams.patience.ackMs = 15_000;
    expect(tries[0]?.status).toBe(0);
    await s.answers(chat);
    expect(await turns()).toBe(before + 1);
    expect(s.people.heard(chat)).toHaveLength(1);
  });

  it('though the database was away when it came first', async () => {
    const user = someone('Patient');
    const chat = s.people.personal(user);
    const before = await turns();
    const blocker = new pg.Client({ connectionString: url });
    await blocker.connect();
    await blocker.query('begin');
    await blocker.query('lock table inbox_events in access exclusive mode');
    const held = await s.people.say(user, chat, 'Is anybody there?', { isHeld: true });
    const refused = await s.people.deliver(held.activity, { resends: 0 });
    expect(refused.map(({ status }) => status)).toEqual([503]);
    await blocker.query('rollback');
    await blocker.end();
    const taken = await s.people.deliver(held.activity, { resends: 0 });
    expect(taken.map(({ status }) => status)).toEqual([200]);
    await s.answers(chat);
    expect(await turns()).toBe(before + 1);
  });
});

describe('what people change', () => {
  it('an edit replaces the words for later turns', async () => {
    const user = someone('Editor');
    const chat = s.people.personal(user);
    const { message } = await s.people.say(user, chat, 'The server is called alpha');
    await s.answers(chat);
    expect((await s.people.edit(message, 'The server is called beta')).map(({ status }) => status)).toEqual([
      200,
    ]);
    await s.people.say(user, chat, 'What is it called?');
    await s.answers(chat, 2);
    const lines = conversationOf(s.stage.llm.requests.at(-1)).join('\n');
    expect(lines).toContain('called beta');
    expect(lines).not.toContain('called alpha');
  });

  it('what was taken back is forgotten, and what is there again is heard again', async () => {
    const user = someone('Shy');
    const chat = s.people.personal(user);
    const { message } = await s.people.say(user, chat, 'The password is swordfish');
    await s.answers(chat);
    await s.people.softDelete(message);
    await s.people.say(user, chat, 'Hello again');
    await s.answers(chat, 2);
    expect(conversationOf(s.stage.llm.requests.at(-1)).join('\n')).not.toContain('swordfish');
    await s.people.undelete(message);
    await s.answers(chat, 3);
    expect(told()).toContain('swordfish');
  });

  it('a removal that comes before its message keeps it from being heard', async () => {
    const user = someone('Quick');
    const chat = s.people.personal(user);
    const held = await s.people.say(user, chat, 'Never mind', { isHeld: true });
    const before = await turns();
    await s.people.softDelete(held.message);
    await s.people.deliver(held.activity);
    expect(await turns()).toBe(before);
  });
});

describe('who may talk', () => {
  it('guests may not, and are told so', async () => {
    const guest = someone('Guest', { role: 'guest' });
    const chat = s.people.personal(guest);
    const before = await turns();
    await s.people.say(guest, chat, 'Hi');
    expect(await notice(chat)).toContain('You may not talk to me here');
    expect(await turns()).toBe(before);
  });

  it('nobody, while Teams does not say who it is: the message comes again', async () => {
    const user = someone('Unknown');
    const chat = s.people.personal(user);
    s.teams.faults.add('member', { type: 'http', status: 503, times: 50 });
    const held = await s.people.say(user, chat, 'Who am I?', { isHeld: true });
    const refused = await s.people.deliver(held.activity, { resends: 0 });
    expect(refused.map(({ status }) => status)).toEqual([503]);
    s.teams.faults.clear();
    await s.people.deliver(held.activity);
    await s.answers(chat);
  });

  it('who was here lately is heard also by a replica that Teams does not tell who it is', async () => {
    const user = someone('Regular');
    const chat = s.people.personal(user);
    await s.people.say(user, chat, 'Remember me.');
    await s.answers(chat);
    const other = await startTestBot({ env: s.stage.env });
    try {
      s.teams.deliverTo(other.url);
      s.teams.faults.add('member', { type: 'http', status: 503, times: 1000 });
      const { tries } = await s.people.say(user, chat, 'And now?');
      expect(tries.map(({ status }) => status)).toEqual([200]);
      await s.answers(chat, 2);
    } finally {
      s.teams.faults.clear();
      s.teams.deliverTo(s.stage.bot.url);
      await other.stop();
    }
  });

  it('who may not talk is told so once in a conversation, and only when the bot is meant', async () => {
    const guest = someone('Visitor', { role: 'guest' });
    const open = s.people.channel('visited', [s.alice, guest], { hearsAll: true });
    const { conversation } = await s.people.mention(s.alice, open, 'What is up?');
    await s.answers(conversation);
    const refusals = () =>
      s.people.heard(conversation).filter((message) => wordsOf(message).includes('You may not talk to me'));
    await s.people.say(guest, conversation, 'Me too!');
    await s.people.mention(guest, conversation, 'Hello?');
    await until(() => refusals().length > 0);
    await s.people.mention(guest, conversation, 'Hello??');
    expect(refusals()).toHaveLength(1);
  });

  it('a word that cannot be answered is not acknowledged, and is answered when it comes again', async () => {
    const user = someone('Patient');
    const chat = s.people.personal(user);
    await s.people.say(user, chat, 'status');
    await until(() => s.people.heard(chat).length === 1);
    s.teams.faults.add('send', { type: 'http', status: 503, times: 50 });
    const held = await s.people.say(user, chat, 'help', { isHeld: true });
    const refused = await s.people.deliver(held.activity, { resends: 0 });
    expect(refused.map(({ status }) => status)).toEqual([503]);
    s.teams.faults.clear();
    await s.people.deliver(held.activity);
    await until(() => s.people.heard(chat).length === 2);
    await s.people.deliver(held.activity);
    expect(s.people.heard(chat)).toHaveLength(2);
  });

  it('a mention that is added afterwards is heard', async () => {
    const said = await s.people.say(
      s.alice,
      s.people.channel('added', [s.alice], { hearsAll: true }),
      'disk?',
    );
    await s.people.edit(said.message, 'disk?', { isMention: true });
    await s.answers(said.conversation);
  });

  it('words that are commands are answered at once', async () => {
    const user = someone('Commander');
    const chat = s.people.personal(user);
    const before = await turns();
    await s.people.say(user, chat, 'help');
    expect(await notice(chat)).toContain('mention me');
    await s.people.say(user, chat, 'models add');
    await until(() => s.people.heard(chat).length === 2);
    expect(await notice(chat)).toContain('who can grant it');
    expect(await turns()).toBe(before);
  });
});

describe('what comes with a message', () => {
  it('text files are read, and what is not read is said', async () => {
    const user = someone('Sender');
    const chat = s.people.personal(user);
    const attachments = [
      s.people.file({ name: 'app.log', type: 'text/plain', content: 'ERROR disk full' }),
      s.people.file({ name: 'app.exe', type: 'application/octet-stream', content: 'MZ' }),
    ];
    await s.people.say(user, chat, 'What does it say?', { attachments });
    await s.answers(chat);
    expect(told()).toContain('ERROR disk full');
    expect(told()).toContain('File app.exe: its contents are not read.');
  });

  it('an image within the words is stored with the message', async () => {
    const user = someone('Painter');
    const chat = s.people.personal(user);
    const content = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    const attachments = [s.people.image({ name: 'x.png', type: 'image/png', content })];
    await s.people.say(user, chat, 'What is this?', { attachments });
    await s.answers(chat);
    expect(await count('select count(*) as n from message_files')).toBe(1);
  });
});

describe('coming and going', () => {
  it('the bot greets once with words to begin with, and falls silent when it is removed', async () => {
    const user = someone('Host');
    const chat = s.people.personal(user);
    await s.people.install(user);
    expect(await notice(chat)).toContain('imBack');
    const { activity } = s.teams.delivery.log.at(-1) ?? {};
    await s.people.deliver(activity ?? {});
    expect(s.people.heard(chat)).toHaveLength(1);
    await s.people.uninstall(user);
    const calls = s.teams.calls.length;
    const held = await s.people.say(user, chat, 'help', { isHeld: true });
    await s.people.softDelete(held.message);
    expect(s.teams.calls.length).toBe(calls);
    await s.people.install(user);
    await until(() => s.people.heard(chat).length === 2);
  });

  it('an answer that comes after the bot was removed is not tried', async () => {
    const user = someone('Leaver');
    const chat = s.people.personal(user);
    const gate = Promise.withResolvers<void>();
    held = gate.promise;
    const before = s.stage.llm.requests.length;
    await s.people.say(user, chat, 'Think long');
    await until(() => s.stage.llm.requests.length > before);
    await s.people.uninstall(user);
    held = Promise.resolve();
    gate.resolve();
    await until(async () => (await count("select count(*) as n from outbox where state = 'dead'")) === 1);
    const messages = s.teams.calls.filter(({ path, body }) => path.includes(chat) && body.type === 'message');
    expect(messages).toEqual([]);
  });

  it('in a team it says how it is asked', async () => {
    const channel = s.people.channel('new', [s.alice]);
    await s.people.install(s.alice, channel);
    expect(await notice(channel)).toContain('Mention me with your question');
    const added = await s.people.addMembers(channel, [s.bob]);
    expect(added.map(({ status }) => status)).toEqual([200]);
  });

  it('answers go to where the tenant moved', async () => {
    const user = someone('Mover');
    const chat = s.people.personal(user);
    await s.people.say(user, chat, 'Before');
    await s.answers(chat);
    s.teams.move('amer');
    await s.people.say(user, chat, 'After');
    await s.answers(chat, 2);
  });
});
