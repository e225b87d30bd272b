import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isToldHere } from '../../../adapters/teams/elsewhere.ts';
import { createPersonalChats } from '../../../adapters/teams/personal-chats.ts';
import { decodeThreadId, encodeThreadId, placeOf } from '../../../adapters/teams/thread-id.ts';
import type { Poster } from '../../../src/chat/adapter.ts';
import { PostError } from '../../../src/chat/adapter.ts';
import { card } from '../../fakes/typical-replies.ts';
import { calm, failure, openParts, type Parts, textOf } from './parts.ts';

let at: Parts;
let poster: Poster;
beforeEach(async () => {
  at = await openParts();
  poster = at.process().poster;
});
afterEach(async () => await at.close());

const heard = () => at.heard(at.group);
const long = Array.from({ length: 9 }, (_unused, n) => `Part ${n}. ${'word '.repeat(500)}`).join('\n\n');
const all = () => heard().map(textOf).join('\n');

describe('a post to a person', () => {
  const target = () => `teams:${at.personal.tenant}:${at.alice.aadObjectId}`;

  it('stands in their chat with the bot, which is the thread that it opens', async () => {
    const { aadObjectId } = at.alice;
    await createPersonalChats(at.memory).note({ tenant: at.personal.tenant, aadObjectId }, at.personal);
    expect(placeOf(target())).toEqual({ type: 'channel', address: target(), only: target() });
    const post = { ...at.post(at.personal), threadId: target() };
    const ref = await poster.post(post, calm);
    expect(at.heard(at.personal).map(textOf)).toEqual(['The answer.']);
    expect(poster.threadOf?.(ref)).toBe(encodeThreadId(at.personal));
    const over = at.post(at.personal, { text: 'It is over.' });
    await poster.restate?.(ref, { ...over, threadId: target() }, calm);
    expect(at.heard(at.personal).map(textOf)).toEqual(['It is over.']);
  });

  it('who never wrote to the bot is refused for good, with what to do', async () => {
    const post = { ...at.post(at.personal), threadId: target() };
    expect(await failure(poster.post(post, calm))).toMatchObject({
      ...{ outcome: 'refused', retryable: false },
      message: expect.stringContaining('has not written to the bot yet'),
    });
  });
});

describe('a post', () => {
  it('stands in the conversation, labelled and open to feedback', async () => {
    const ref = await poster.post(at.post(at.group), calm);
    expect(ref).toEqual({ kind: 'message', id: heard()[0]?.id });
    const [message] = heard();
    if (message === undefined) throw new Error('nothing was heard');
    expect(at.people.look(at.alice, message)).toMatchObject({
      text: 'The answer.',
      isLabelled: true,
      hasFeedback: true,
    });
  });

  it('of unknown outcome says so, and is sent again with a mark', async () => {
    at.teams.faults.add('send', { type: 'cut_after' });
    const error = await failure(poster.post(at.post(at.group), calm));
    expect(error).toBeInstanceOf(PostError);
    expect(error).toMatchObject({ outcome: 'unknown', retryable: true });
    await poster.post(at.post(at.group, { possiblyRepeated: true }), calm);
    expect(heard()).toHaveLength(2);
    expect(textOf(heard()[0])).not.toContain('repetition');
    expect(textOf(heard()[1])).toContain('This may be a repetition.');
  });

  it('of several messages is completed by another process, which doubles none of them', async () => {
    at.teams.faults.add('send', { type: 'slow', latencyMs: 1 });
    at.teams.faults.add('send', { type: 'error', status: 403, code: 'Forbidden' });
    expect(await failure(poster.post(at.post(at.group, { text: long }), calm))).toMatchObject({
      outcome: 'refused',
      retryable: true,
    });
    expect(heard()).toHaveLength(1);
    await at.process().poster.post(at.post(at.group, { text: long }), calm);
    for (let n = 0; n < 9; n += 1) expect(all().split(`Part ${n}.`)).toHaveLength(2);
    expect(heard().length).toBeGreaterThan(1);
  });

  it('of several messages marks only the one that may stand there already', async () => {
    at.teams.faults.add('send', { type: 'slow', latencyMs: 1 });
    at.teams.faults.add('send', { type: 'cut_before' });
    const post = at.post(at.group, { text: long });
    expect(await failure(poster.post(post, calm))).toMatchObject({ outcome: 'unknown' });
    await at.process().poster.post({ ...post, reply: { ...post.reply, possiblyRepeated: true } }, calm);
    const marks = heard().map((message) => textOf(message).includes('may stand above already'));
    expect(marks.slice(0, 3)).toEqual([false, true, false].slice(0, marks.length));
    for (let n = 0; n < 9; n += 1) expect(all().split(`Part ${n}.`)).toHaveLength(2);
  });

  it('marks a question that may stand there already, though it has no words beside its card', async () => {
    at.teams.faults.add('send', { type: 'slow', latencyMs: 1 });
    at.teams.faults.add('send', { type: 'cut_after' });
    const post = at.post(at.group, { kind: 'approval', text: 'I need a decision.', approvals: [card] });
    expect(await failure(poster.post(post, calm))).toMatchObject({ outcome: 'unknown' });
    await at.process().poster.post({ ...post, reply: { ...post.reply, possiblyRepeated: true } }, calm);
    const words = heard().map((message) => textOf(message).includes('may stand above already'));
    expect(words).toEqual([false, false, true]);
    expect(JSON.stringify(heard()[2]?.activity)).toContain('host__restart');
  });

  it('that nobody can remember is unknown once something of it stands there', async () => {
    at.teams.faults.add('send', { type: 'slow', latencyMs: 1 });
    at.teams.faults.add('send', { type: 'error', status: 403, code: 'Forbidden' });
    at.memory.put = async () => {
      throw new Error('no database');
    };
    expect(await failure(poster.post(at.post(at.group, { text: long }), calm))).toMatchObject({
      outcome: 'unknown',
    });
  });

  it('that is too large goes out in smaller messages, whole', async () => {
    at.teams.faults.add('send', { type: 'error', status: 413, code: 'MessageSizeTooBig' });
    await poster.post(at.post(at.group, { text: long }), calm);
    expect(at.teams.calls.some(({ outcome }) => outcome === 'MessageSizeTooBig')).toBe(true);
    for (let n = 0; n < 9; n += 1) expect(all().split(`Part ${n}.`)).toHaveLength(2);
  });

  it('that Teams does not understand goes out in plain words', async () => {
    at.teams.faults.add('send', { type: 'error', status: 400, code: 'BadSyntax' });
    await poster.post(at.post(at.group, { text: 'See:\n\n| a | b |\n|---|---|\n| one | two |' }), calm);
    expect(at.teams.calls.some(({ outcome }) => outcome === 'BadSyntax')).toBe(true);
    expect(heard()).toHaveLength(1);
    for (const word of ['one', 'two']) expect(all()).toContain(word);
    expect(heard()[0]?.activity.attachments).toBeUndefined();
  });

  it('where the bot may not write any more is not tried again', async () => {
    at.people.place(at.group.id).closed = 'BotNotInConversationRoster';
    expect(await failure(poster.post(at.post(at.group), calm))).toMatchObject({
      outcome: 'refused',
      retryable: false,
    });
    const nowhere = { ...at.group, id: '19:gone@thread.v2' };
    expect(await failure(poster.post(at.post(nowhere), calm))).toMatchObject({ retryable: false });
  });

  it('into a storm of 429 says how long to wait, and is there once afterwards', async () => {
    at.teams.faults.add('send', { type: 'rate_limit', seconds: 30, times: 1 });
    expect(await failure(poster.post(at.post(at.group), calm))).toMatchObject({
      outcome: 'refused',
      retryable: true,
      retryAfterMs: expect.any(Number),
    });
    at.teams.skip(31_000);
    await poster.post(at.post(at.group), calm);
    expect(heard()).toHaveLength(1);
  });

  it('ends soon after its signal', async () => {
    at.teams.faults.add('send', { type: 'slow', latencyMs: 10_000 });
    expect(await failure(poster.post(at.post(at.group), AbortSignal.timeout(100)))).toMatchObject({
      outcome: 'unknown',
    });
  });
});

describe('a file', () => {
  const log = 'a line of a long log\n'.repeat(400);
  const text = `See:\n\`\`\`log\n${log}\`\`\``;

  it('is offered in a personal chat, once', async () => {
    await poster.post(at.post(at.personal, { text }), calm);
    await at.process().poster.post(at.post(at.personal, { text }), calm);
    const offered = at
      .heard(at.personal)
      .filter((message) => JSON.stringify(message.activity).includes('file.consent'));
    expect(offered).toHaveLength(1);
  });

  it('follows as messages elsewhere, whole', async () => {
    await poster.post(at.post(at.group, { text }), calm);
    expect(all().split('a line of a long log').length - 1).toBeGreaterThanOrEqual(400);
  });
});

describe('an edit', () => {
  it('changes the placeholder, and adds what follows', async () => {
    const { id = '' } = await poster.post(at.post(at.group, { text: '…' }, 'preview:0'), calm);
    await poster.edit({ kind: 'message', id }, at.post(at.group, { text: long }), calm);
    await poster.edit({ kind: 'message', id }, at.post(at.group, { text: long }), calm);
    expect(heard()[0]?.id).toBe(id);
    for (let n = 0; n < 9; n += 1) expect(all().split(`Part ${n}.`)).toHaveLength(2);
  });

  it('of a message that is gone says that trying again does not help', async () => {
    const edit = poster.edit({ kind: 'message', id: '1' }, at.post(at.group), calm);
    expect(await failure(edit)).toMatchObject({ retryable: false });
  });
});

describe('a post that opens a thread', () => {
  const opening = (reply = {}) => at.post(at.channel, reply);

  it('begins it in the channel, and names it', async () => {
    const ref = await poster.post(opening(), calm);
    const thread = decodeThreadId(poster.threadOf?.(ref) ?? '');
    expect(thread?.id).toBe(`${at.channel.id};messageid=${ref.id}`);
    const [message] = at.heard({ ...at.channel, id: thread?.id ?? '' });
    expect(textOf(message)).toContain('The answer.');
  });

  it('of several messages has the others in the thread, also after a failure between them', async () => {
    at.teams.faults.add('send', { type: 'error', status: 403, code: 'Forbidden' });
    await failure(poster.post(opening({ text: long }), calm));
    const ref = await at.process().poster.post(opening({ text: long }), calm);
    expect(at.teams.calls.filter(({ operation }) => operation === 'create')).toHaveLength(1);
    const thread = decodeThreadId(poster.threadOf?.(ref) ?? '')?.id ?? '';
    const said = at
      .heard({ ...at.channel, id: thread })
      .map(textOf)
      .join('\n');
    for (let n = 0; n < 9; n += 1) expect(said.split(`Part ${n}.`)).toHaveLength(2);
  });
});

describe('a target in Teams', () => {
  it('is where somebody presses in it, before and after it has a thread', () => {
    const { channel, bobs, alice, bob } = at;
    const thread = { ...channel, id: `${channel.id};messageid=1` };
    const pressed = { conversation: thread, aadObjectId: alice.aadObjectId.toLowerCase() };
    const own = (user: typeof alice) => `teams:${channel.tenant}:${user.aadObjectId}`;
    for (const here of [encodeThreadId(channel), encodeThreadId(thread), own(alice)])
      expect(isToldHere(here, pressed)).toBe(true);
    for (const other of [encodeThreadId(bobs), own(bob), encodeThreadId({ ...channel, tenant: 't' })])
      expect(isToldHere(other, pressed)).toBe(false);
  });

  const id = (conversation: string) => encodeThreadId({ tenant: 'T', id: conversation });

  it('is a channel, one of its threads, or a chat', () => {
    const [channel, thread] = [id('19:x@thread.tacv2'), id('19:x@thread.tacv2;messageid=1')];
    expect(placeOf(channel)).toEqual({ type: 'channel', address: channel });
    expect(placeOf(thread)).toEqual({ type: 'thread', threadId: thread });
    expect(placeOf(id('a:1'))).toEqual({ type: 'thread', threadId: id('a:1') });
    for (const wrong of ['teams:T', 'slack:T:C', 'teams:T:a:b']) expect(placeOf(wrong)).toBeUndefined();
  });
});

describe('a restatement', () => {
  const id = '0b0a5ad5-9f7f-4a3f-8a11-6d1a3b9a2f10';

  it('changes a message that opened a thread, tells who is a member, and posts nothing', async () => {
    const mentions = [
      { principal: `teams:${at.channel.tenant}:${at.alice.aadObjectId}`, name: 'Alice' },
      { principal: `teams:${at.channel.tenant}:nobody`, name: 'Nobody' },
    ];
    const ref = await poster.post(
      at.post(at.channel, { concern: { id, state: 'open' }, mentions, turnId: id }),
      calm,
    );
    const [posted] = at.heard(at.channel);
    expect(textOf(posted)).toBe('<at>Alice</at> Nobody The answer.');
    const concern = { id, state: 'resolved' } as const;
    await poster.restate?.(ref, at.post(at.channel, { text: 'It is over.', concern }), calm);
    expect(at.heard(at.channel)).toHaveLength(1);
    expect(textOf(at.heard(at.channel)[0])).toBe('It is over.');
    expect(JSON.stringify(at.heard(at.channel)[0]?.activity)).toContain('Resolved');
  });

  it('changes all messages of a long one', async () => {
    const ref = await poster.post(at.post(at.group, { text: long }), calm);
    const count = heard().length;
    await at
      .process()
      .poster.restate?.(ref, at.post(at.group, { text: long.replaceAll('Part', 'Piece') }), calm);
    expect(heard()).toHaveLength(count);
    expect(all()).not.toContain('Part');
  });

  it('that is shorter deletes what is left over, and one that is longer again says that it is', async () => {
    const ref = await poster.post(at.post(at.group, { text: long }), calm);
    expect(heard().length).toBeGreaterThan(1);
    const { restate } = at.process().poster;
    // What was sent is remembered for a day, and restated for longer.
    for (const key of at.memory.known.keys()) if (key.startsWith('post:')) await at.memory.forget(key);
    const standing = () => heard().filter(({ isDeleted }) => !isDeleted);
    await restate?.(ref, at.post(at.group, { text: 'It is over.' }), calm);
    expect(standing().map(textOf)).toEqual(['It is over.']);
    await restate?.(ref, at.post(at.group, { text: long }), calm);
    expect(standing()).toHaveLength(1);
    expect(textOf(standing()[0])).toContain('the rest does not fit here');
  });

  it('of a message that is gone says that trying again does not help, and posts nothing', async () => {
    const ref = await poster.post(at.post(at.group), calm);
    const [message] = heard();
    if (message !== undefined) message.isDeleted = true;
    const failed = await failure(
      poster.restate?.(ref, at.post(at.group, { text: 'It is over.' }), calm) ?? Promise.resolve(),
    );
    expect(failed).toMatchObject({ retryable: false });
    expect(heard().filter(({ isDeleted }) => !isDeleted)).toHaveLength(0);
  });
});
