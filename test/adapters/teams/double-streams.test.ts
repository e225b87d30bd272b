import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DoubleStage, openDouble, said } from './double-stage.ts';

let stage: DoubleStage;
let chat: string;

beforeEach(async () => {
  stage = await openDouble();
  chat = stage.who.personal(stage.alice);
});

afterEach(() => stage.close());

const streamed = (text: string, info: object, more: object = {}) => ({
  type: 'typing',
  text,
  entities: [{ type: 'streaminfo', streamType: 'streaming', ...info }],
  ...more,
});

const final = (text: string, streamId: string, more: object = {}) => ({
  type: 'message',
  text,
  entities: [{ type: 'streaminfo', streamType: 'final', streamId }],
  ...more,
});

describe('streams', () => {
  const informative = { streamType: 'informative', streamSequence: 1 };

  it('go from an informative line over growing text to the final message', async () => {
    const begun = await stage.post(chat, streamed('Looking', informative));
    expect(begun.status).toBe(201);
    expect(stage.who.sees(stage.alice, chat)).toMatchObject([{ informative: 'Looking', isStreaming: true }]);
    const streamId = begun.id;
    stage.teams.skip(1000);
    expect((await stage.post(chat, streamed('Two', { streamId, streamSequence: 2 }))).status).toBe(202);
    stage.teams.skip(1000);
    const label = {
      type: 'https://schema.org/Message',
      '@type': 'Message',
      '@context': 'https://schema.org',
      additionalType: ['AIGeneratedContent'],
    };
    const end = final('Two disks', streamId, { channelData: { feedbackLoop: { type: 'default' } } });
    expect((await stage.post(chat, { ...end, entities: [...end.entities, label] })).status).toBe(202);
    expect(stage.who.sees(stage.alice, chat)).toMatchObject([
      { id: streamId, text: 'Two disks', isStreaming: false, isLabelled: true, hasFeedback: true },
    ]);
    stage.teams.skip(1000);
    expect(await stage.post(chat, final('Two disks.', streamId))).toMatchObject({
      status: 403,
      code: 'ContentStreamNotAllowed',
      message: expect.stringContaining('already completed'),
    });
  });

  it('are for personal chats, one at a time', async () => {
    const group = stage.who.groupChat('Incident', [stage.alice]);
    expect((await stage.post(group, streamed('Hi', { streamSequence: 1 }))).status).toBe(405);
    await stage.post(chat, streamed('Hi', { streamSequence: 1 }));
    expect(await stage.post(chat, streamed('Hi', { streamSequence: 1 }))).toMatchObject({ status: 403 });
  });

  it('refuse what has lost its properties on the way', async () => {
    const bare = { type: 'typing', text: 'Hi', entities: [{ type: 'streaminfo' }] };
    const typing = await stage.post(chat, bare);
    expect(typing).toMatchObject({ status: 400, code: 'BadRequest' });
    expect(typing.message).toContain('Only start streaming and continue streaming types are allowed');
    expect((await stage.post(chat, { ...bare, type: 'message' })).status).toBe(400);
    const label = { ...said('Hi'), entities: [{ type: 'https://schema.org/Message' }] };
    expect((await stage.post(chat, label)).status).toBe(400);
  });

  it.each([
    ['text that does not grow', 'Else', { streamSequence: 2 }, {}, 400],
    ['a sequence that came before', 'Hi all', { streamSequence: 1 }, {}, 202],
    ['attachments before the end', 'Hi all', { streamSequence: 2 }, { attachments: [{}] }, 400],
    [
      'feedback before the end',
      'Hi all',
      { streamSequence: 2 },
      { channelData: { feedbackLoopEnabled: true } },
      400,
    ],
    ['a long informative line', 'x'.repeat(1001), { streamType: 'informative', streamSequence: 2 }, {}, 400],
    ['no text', '', { streamSequence: 2 }, {}, 400],
    ['too much text', `Hi${'x'.repeat(60_000)}`, { streamSequence: 2 }, {}, 403],
  ])('refuse %s', async (_name, text, info, more, status) => {
    const { id } = await stage.post(chat, streamed('Hi', { streamSequence: 1 }));
    stage.teams.skip(1000);
    const refused = await stage.post(chat, streamed(text, { streamId: id, ...info }, more));
    expect(refused.status).toBe(status);
    expect(refused.code).not.toBe('');
    expect(stage.who.sees(stage.alice, chat)).toMatchObject([{ text: 'Hi' }]);
  });

  it('take one request a second, for two minutes, until the person stops them', async () => {
    const { id: streamId } = await stage.post(chat, streamed('Hi', { streamSequence: 1 }));
    const next = streamed('Hi all', { streamId, streamSequence: 2 });
    stage.teams.budgets.isOn = false;
    expect(await stage.post(chat, next)).toMatchObject({ status: 429, retryAfter: '1' });
    stage.teams.skip(120_000);
    expect((await stage.post(chat, next)).message).toContain('exceeded streaming time');
    const again = await stage.post(chat, streamed('Hi', { streamSequence: 1 }));
    stage.who.stop(stage.alice, chat);
    const stopped = await stage.post(chat, streamed('Hi all', { streamId: again.id, streamSequence: 2 }));
    expect(stopped).toMatchObject({ status: 403, code: 'ContentStreamNotAllowed' });
    expect(stopped.message).toContain('cancelled by user');
    const path = `conversations/${chat}/activities/${again.id}`;
    expect((await stage.call('PUT', path, said('Stopped.'))).status).toBe(200);
    expect(stage.who.sees(stage.alice, chat).at(-1)?.text).toBe('Stopped.');
  });
});
