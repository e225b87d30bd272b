import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Detail } from '../../../src/chat/reply.ts';
import { storeNotice } from '../../../src/store/notices.ts';
import { openPostgresql } from '../../../src/store/postgresql.ts';
import { conversationOf, until } from '../../bot/stage.ts';
import { startTestBot } from '../../fakes/bot.ts';
import { silentLog } from '../../fakes/log.ts';
import { addMessage } from '../../fakes/slack/methods/chat.ts';
import { openSlackStage, type SlackStage, wordsOf } from './stage.ts';

let at: SlackStage;
beforeAll(async () => {
  at = await openSlackStage({ reply: () => ({ text: 'The disk is full.' }) });
}, 240_000);
afterAll(async () => await at.close());

const requests = () => at.stage.llm.requests.length;
const lastSeen = () => conversationOf(at.stage.llm.requests.at(-1)).join('\n');
const healthSchema = z.object({ platforms: z.object({ slack: z.unknown() }) });
const listSchema = z.object({ results: z.array(z.object({ id: z.string() })) });
const health = async () =>
  healthSchema.parse(await (await at.stage.bot.fetch('/health/ready')).json()).platforms.slack;
const audit = async () => await (await at.stage.bot.fetch('/api/plugins/ai-ops/audit/')).text();

async function choose(name: string, value: string | null): Promise<void> {
  const path = '/api/plugins/ai-ops/settings/';
  const { results } = listSchema.parse(await (await at.stage.bot.fetch(`${path}?name=${name}`)).json());
  const response = await at.stage.bot.fetch(`${path}${results[0]?.id}/`, {
    method: 'PATCH',
    body: JSON.stringify({ value }),
    headers: { 'content-type': 'application/json' },
  });
  expect(response.status).toBe(200);
}

describe('what needs attention', () => {
  /** Told in the channel; as it stands there. */
  async function tell(text: string, details: readonly Detail[] = []) {
    const id = randomUUID();
    const url = at.stage.env.DATABASE_URL ?? '';
    const database = await openPostgresql({ url, log: silentLog, poolSize: 1, connectTimeoutMs: 5000 });
    await database.db.transaction().execute((trx) =>
      storeNotice(trx, {
        ...{ id, platform: 'slack', isPosted: true, title: 'Disk' },
        place: { type: 'channel', address: `slack:T1:${at.ops}` },
        author: { principal: 'bot', name: 'AI Ops Bot' },
        reply: { kind: 'answer', text, turnId: id, ...(details.length > 0 && { details }) },
        concern: { subject: 'alert:1', items: [] },
      }),
    );
    await database.close();
    const found = () => at.people.heard({ channel: at.ops }).find((one) => wordsOf(one).includes(id));
    await until(() => found() !== undefined);
    const message = found();
    if (message === undefined) throw new Error('nothing was told');
    return { message, snooze: { value: `60:${id}` } };
  }
  const told = () => at.people.notices(at.bob, at.ops).map(wordsOf).join('\n');

  it('is drawn at once, and who clicked hears of it where its message cannot be drawn anew', async () => {
    const { message, snooze } = await tell('The disk is full.');
    at.slack.faults.add('chat.update', { type: 'error', error: 'cant_update_message', times: 2 });
    await at.people.click(at.bob, message, 'concern_acknowledge');
    await until(() => told().includes(`Acknowledged by ${at.bob.realName}`));
    at.slack.faults.clear();
    await at.people.click(at.bob, message, 'concern_snooze', snooze);
    await until(() => wordsOf(message).includes('Snoozed until'));
    expect(told()).not.toContain('Snoozed');
  });

  it('shows what it rests on to whoever asks by its button', async () => {
    const details = [
      { title: '🔴 critical: Is it <!channel> dry?', text: '**Rule:** above 9' },
      { title: '🟢 ok: Is it warm?', text: '- `look`: ok' },
    ];
    const { message } = await tell('Two gauges.', details);
    // Its thread is there a moment after the message is.
    await until(async () => {
      await at.people.click(at.bob, message, 'details');
      return at.people.modal(at.bob) !== undefined;
    });
    const shown = JSON.stringify(at.people.modal(at.bob)?.view);
    expect(shown).toContain('*Rule:* above 9');
    expect(shown).toContain('🟢 ok: Is it warm?');
    expect(shown).not.toContain('<!channel>');
    expect(JSON.stringify(message.blocks)).not.toContain('above 9');
  });

  it('in more than one message is answered with a word', async () => {
    const long = Array.from({ length: 9 }, (_unused, n) => `Part ${n}. ${'word '.repeat(500)}`).join('\n\n');
    const { message, snooze } = await tell(long);
    await at.people.click(at.bob, message, 'concern_snooze', snooze);
    await until(() => /Snoozed until [-0-9]+ [:0-9]+ UTC by/.test(told()));
  });
});

describe('a prompt that changes', () => {
  it('steers the turn while it runs, and is left alone afterwards', async () => {
    const before = requests();
    at.stage.llm.script({ text: 'first', thinkMs: 1500 });
    const { ts } = await at.people.mention(at.alice, { channel: at.ops }, 'look at web1');
    await until(() => requests() > before);
    await at.people.edit(at.alice, { channel: at.ops, ts }, '<@UBOT> look at web2');
    await until(() => conversationOf(at.stage.llm.requests.at(-1)).join('\n').includes('web2'), 20_000);
    await until(() =>
      at.people.heard({ channel: at.ops, thread: ts }).some(({ text }) => text.includes('disk is full')),
    );
    const answers = await at.answers(ts);
    const settled = requests();
    await at.people.edit(at.alice, { channel: at.ops, ts }, '<@UBOT> look at web3');
    const { ts: next } = await at.people.mention(at.alice, { channel: at.ops }, 'next');
    await at.answers(next);
    expect(requests()).toBe(settled + 1);
    expect((await at.answers(ts)).length).toBe(answers.length);
  });

  it('stops its turn when it is taken back', async () => {
    const { ts } = await at.people.mention(at.alice, { channel: at.ops }, 'hello');
    await at.answers(ts);
    const before = requests();
    at.stage.llm.script({ text: 'too late', thinkMs: 8000 });
    const place = { channel: at.ops, thread: ts };
    const { ts: prompt } = await at.people.say(at.alice, place, 'never mind this');
    await until(() => requests() > before);
    await at.people.remove(at.alice, { channel: at.ops, ts: prompt });
    await until(() => at.people.heard(place).some((message) => wordsOf(message).includes('topped')));
    await at.people.say(at.alice, place, 'and now?');
    await at.answers(ts, 3);
    expect(lastSeen()).toContain('and now?');
    expect(lastSeen()).toContain('hello');
    expect(lastSeen()).not.toContain('never mind this');
  });

  it('is not known to later turns once it is taken back, and known as it was changed', async () => {
    const { ts } = await at.people.mention(at.alice, { channel: at.ops }, 'look at db1');
    await at.answers(ts);
    const place = { channel: at.ops, thread: ts };
    const { ts: second } = await at.people.say(at.alice, place, 'the password is hunter2');
    await at.answers(ts, 2);
    await at.people.remove(at.alice, { channel: at.ops, ts: second });
    await at.people.edit(at.alice, { channel: at.ops, ts }, '<@UBOT> look at db2');
    await at.people.say(at.alice, place, 'well?');
    await at.answers(ts, 3);
    expect(lastSeen()).toContain('look at db2');
    for (const words of ['hunter2', 'look at db1']) expect(lastSeen()).not.toContain(words);
  });
});

describe('a file that comes while a turn runs', () => {
  it('reaches the model with the words that it came with, as data', async () => {
    const before = requests();
    at.stage.llm.script({ calls: [{ name: 'no_such_tool', arguments: '{}' }], thinkMs: 1500 });
    const { ts } = await at.people.mention(at.alice, { channel: at.ops }, 'look at web1');
    await until(() => requests() > before);
    const log = at.people.file(at.alice, { name: 'web1.log', mimetype: 'text/plain', content: 'ENOSPC' });
    await at.people.say(at.alice, { channel: at.ops, thread: ts }, 'with this', { files: [log] });
    await until(() => lastSeen().includes('with this'), 20_000);
    expect(lastSeen()).toMatch(/never an instruction.*ENOSPC.*with this/s);
    expect(await at.answers(ts)).toHaveLength(1);
    expect(requests()).toBe(before + 2);
  });
});

describe('events in another order', () => {
  /** The event of a message that stands in Alice's direct messages and was not told of yet. */
  function eventOf(text: string, thread?: string) {
    const [channel, user] = [at.people.dm(at.alice), at.alice.id];
    const place = thread === undefined ? {} : { threadTs: thread };
    const { ts } = addMessage(at.slack.workspace, { channel, user, text, ...place });
    const more = thread === undefined ? {} : { thread_ts: thread };
    return { type: 'message', channel, channel_type: 'im', user, ts, text, ...more };
  }

  it('a removal or an edit that comes before its message counts', async () => {
    const dm = at.people.dm(at.alice);
    const before = requests();
    const [gone, changed] = [eventOf('gone'), eventOf('old words')];
    const around = { type: 'message', channel: dm, channel_type: 'im' };
    await at.people.event({ ...around, subtype: 'message_deleted', previous_message: gone });
    const message = {
      ...changed,
      text: 'new words',
      edited: { user: at.alice.id, ts: at.slack.workspace.nextTs() },
    };
    await at.people.event({ ...around, subtype: 'message_changed', message, previous_message: changed });
    await at.people.event(gone);
    await at.people.event(changed);
    await at.answers(changed.ts, 1, dm);
    expect(requests()).toBe(before + 1);
    expect(lastSeen()).toContain('new words');
  });

  it('an older message after a newer one is answered after it, and the model is told', async () => {
    const dm = at.people.dm(at.alice);
    const { ts } = await at.people.say(at.alice, { channel: dm }, 'begin');
    await at.answers(ts, 1, dm);
    const [older, newer] = [eventOf('the older', ts), eventOf('the newer', ts)];
    await at.people.event(newer);
    await at.answers(ts, 2, dm);
    await at.people.event(older);
    await at.answers(ts, 3, dm);
    expect(conversationOf(at.stage.llm.requests.at(-1)).at(-1)).toMatch(/This came late.*\n?the older/s);
  });
});

describe('more messages than the bot takes', () => {
  it('are left out, with one private notice', async () => {
    const flood = at.people.user('flood');
    const dm = at.people.dm(flood);
    const said = await Promise.all(
      Array.from({ length: 34 }, (_unused, n) => at.people.say(flood, { channel: dm }, `message ${n}`)),
    );
    expect(said.every(({ tries }) => tries.at(-1)?.status === 200)).toBe(true);
    const threads = () => new Set(at.people.heard({ channel: dm }).map((message) => message.threadTs));
    await until(() => threads().size === 30, 30_000);
    expect(at.people.notices(flood, dm).map(wordsOf)).toEqual([expect.stringContaining('in a minute')]);
  });
});

describe('feedback', () => {
  it('by the buttons and by a reaction is written down', async () => {
    const { ts } = await at.people.mention(at.alice, { channel: at.ops }, 'feedback, please');
    const [answer] = await at.answers(ts);
    if (answer === undefined) throw new Error('no answer');
    await at.people.click(at.alice, answer, 'feedback');
    await until(async () => (await audit()).includes('feedback.good'));
    await at.people.react(at.bob, { channel: at.ops, ts: answer.ts }, '-1');
    await until(async () => (await audit()).includes('feedback.bad'));
  });

  it('counts the emoji that admins chose, and no other', async () => {
    const { ts } = await at.people.mention(at.alice, { channel: at.ops }, 'hearts, please');
    const [answer] = await at.answers(ts);
    if (answer === undefined) throw new Error('no answer');
    const goods = async () => (await audit()).split('feedback.good').length - 1;
    const before = await goods();
    await choose('good_reactions', 'heart');
    await at.people.react(at.bob, { channel: at.ops, ts: answer.ts }, '+1');
    await at.people.react(at.bob, { channel: at.ops, ts: answer.ts }, 'heart');
    await until(async () => (await goods()) > before);
    expect(await goods()).toBe(before + 1);
    await choose('good_reactions', null);
  });
});

describe('a thread that is cleared while it is answered', () => {
  it('is left with no half of an answer', async () => {
    const before = requests();
    at.stage.llm.script({
      text: ['The disk of node7', ' is full'],
      fault: { type: 'stall', afterFrames: 4 },
    });
    const { ts } = await at.people.mention(at.alice, { channel: at.ops }, 'how is node7?');
    await until(() => requests() > before);
    await until(() => at.people.heard({ channel: at.ops, thread: ts }).length > 0);
    await at.people.mention(at.bob, { channel: at.ops, thread: ts }, 'clear');
    const [shown] = await at.answers(ts);
    expect(wordsOf(shown)).toContain('this conversation was cleared');
    expect(at.people.heard({ channel: at.ops, thread: ts })).toHaveLength(1);
  });
});

describe('an outage of Slack', () => {
  it('loses nothing: the answers come afterwards, each once, in their order', async () => {
    const { ts } = await at.people.mention(at.alice, { channel: at.ops }, 'before');
    await at.answers(ts);
    for (const method of ['chat.postMessage', 'chat.update', 'chat.startStream'])
      at.slack.faults.add(method, { type: 'http', status: 503, times: 1000 });
    at.stage.llm.script({ text: 'One.' }, { text: 'Two.' });
    await at.people.mention(at.alice, { channel: at.ops, thread: ts }, 'one');
    await at.people.mention(at.bob, { channel: at.ops, thread: ts }, 'two');
    await until(() => at.slack.calls.filter(({ outcome }) => outcome === 'http_503').length > 2);
    at.slack.faults.clear();
    const answers = await at.answers(ts, 3);
    expect(answers.map((message) => message.text)).toEqual(['The disk is full.', 'One.', 'Two.']);
  });

  it('without the scope to read threads still answers', async () => {
    at.slack.scopes.delete('channels:history');
    const { ts } = await at.people.alert({ channel: at.ops }, { text: 'something' });
    await at.people.mention(at.alice, { channel: at.ops, thread: ts }, 'what?');
    await at.answers(ts);
    at.slack.scopes.add('channels:history');
    expect(conversationOf(at.stage.llm.requests.at(-1)).at(-1)).toContain('could not be read');
    expect(await health()).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining('lacks scopes'),
    });
    const { ts: again } = await at.people.alert({ channel: at.ops }, { text: 'something else' });
    await at.people.mention(at.alice, { channel: at.ops, thread: again }, 'what?');
    await at.answers(again);
    expect(await health()).toEqual({ status: 'ok', detail: 'over HTTP' });
  });
});

describe('a replica that Slack does not tell who somebody is', () => {
  it('still hears who was here lately, and lets them decide nothing', async () => {
    const { ts } = await at.people.mention(at.alice, { channel: at.ops }, 'remember me');
    await at.answers(ts);
    const stranger = at.people.user('mallory');
    const other = await startTestBot({ env: at.stage.env });
    try {
      at.slack.deliverTo(other.url);
      at.slack.faults.add('users.info', { type: 'http', status: 503, times: 1000 });
      await at.people.mention(at.alice, { channel: at.ops, thread: ts }, 'and now?');
      await at.answers(ts, 2);
      const { tries } = await at.people.mention(stranger, { channel: at.ops, thread: ts }, 'let me in');
      expect(tries.every(({ status }) => status === 503)).toBe(true);
      const { body } = await at.people.command(at.alice, at.ops, 'models');
      expect(JSON.stringify(body)).toContain('Slack does not say who this is');
    } finally {
      at.slack.faults.clear();
      at.slack.deliverTo(at.stage.bot.url);
      await other.stop();
    }
  });
});
