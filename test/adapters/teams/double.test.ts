import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { records } from '../../fakes/teams/json.ts';
import { tenantId } from '../../fakes/teams/server.ts';
import { type DoubleStage, openDouble, said, withCard } from './double-stage.ts';

let stage: DoubleStage;
let chat: string;

beforeEach(async () => {
  stage = await openDouble();
  chat = stage.who.personal(stage.alice);
});

afterEach(() => stage.close());

describe('conversations', () => {
  it('makes a message of every post, also of the same one', async () => {
    const [one, two] = [await stage.post(chat, said('Hello')), await stage.post(chat, said('Hello'))];
    expect([one.status, two.status]).toEqual([201, 201]);
    expect(one.id).not.toBe(two.id);
    expect(stage.who.sees(stage.alice, chat).map((shown) => shown.text)).toEqual(['Hello', 'Hello']);
  });

  it('updates and deletes the messages of the bot alone', async () => {
    const { id } = await stage.post(chat, said('Hello'));
    const path = `conversations/${chat}/activities/${id}`;
    expect((await stage.call('PUT', path, said('Hello again'))).status).toBe(200);
    expect(stage.who.sees(stage.alice, chat)).toMatchObject([{ text: 'Hello again', isEdited: true }]);
    expect((await stage.call('DELETE', path)).status).toBe(200);
    expect(stage.who.sees(stage.alice, chat)).toEqual([]);
    expect(await stage.call('DELETE', path)).toMatchObject({ status: 404 });
    const mine = await stage.who.say(stage.alice, chat, 'Mine');
    const other = await stage.call('PUT', `conversations/${chat}/activities/${mine.id}`, said('Yours'));
    expect(other).toMatchObject({ status: 403, code: 'ForbiddenOperation' });
  });

  it('opens the thread of a channel, and the one personal chat of somebody', async () => {
    const channel = stage.who.channel('incidents', [stage.alice]);
    const made = await stage.call('POST', 'conversations', {
      isGroup: true,
      channelData: { channel: { id: channel } },
      activity: said('An alert'),
    });
    expect(made).toMatchObject({ status: 201, id: expect.stringMatching(`^${channel};messageid=\\d+$`) });
    expect((await stage.post(made.id, said('In the thread'))).status).toBe(201);
    expect(stage.who.sees(stage.alice, made.id).map((shown) => shown.text)).toEqual([
      'An alert',
      'In the thread',
    ]);
    const rootId = made.id.split('=').at(-1);
    await stage.call('DELETE', `conversations/${encodeURIComponent(made.id)}/activities/${rootId}`);
    expect((await stage.post(made.id, said('Still there'))).status).toBe(201);
    expect((await stage.post(`${channel};messageid=1`, said('Nowhere'))).status).toBe(404);
    const asked = { members: [{ id: stage.bob.aadObjectId }], tenantId };
    const personal = await stage.call('POST', 'conversations', asked);
    expect(personal.id).toBe(stage.who.personal(stage.bob));
    const stranger = stage.who.user('Carl', { isInstalled: false });
    expect(
      await stage.call('POST', 'conversations', { members: [{ id: stranger.id }], tenantId }),
    ).toMatchObject({ status: 403, code: 'ForbiddenOperation' });
  });

  it('names what is closed, unknown or not asked with a token', async () => {
    expect(await stage.post('a:nobody', said('Hello'))).toMatchObject({
      status: 404,
      code: 'ConversationNotFound',
    });
    for (const code of [
      'BotNotInConversationRoster',
      'MessageWritesBlocked',
      'ForbiddenOperation',
    ] as const) {
      stage.who.place(chat).closed = code;
      expect(await stage.post(chat, said('Hello'))).toMatchObject({ status: 403, code });
    }
    const response = await fetch(`${stage.teams.serviceUrl()}v3/conversations/${chat}/members`);
    expect(response.status).toBe(401);
    const before = stage.teams.serviceUrl();
    stage.teams.move('amer');
    const stale = await fetch(`${before}v3/conversations/${chat}/members`);
    expect(stale.status).toBe(403);
  });

  it('lists members in pages', async () => {
    const many = Array.from({ length: 60 }, (_, n) => stage.who.user(`Person ${n}`));
    const group = stage.who.groupChat('Incident', many);
    const path = `conversations/${group}/pagedmembers?pageSize=50`;
    const first = await stage.call('GET', path);
    expect(first.body).toMatchObject({ continuationToken: '50' });
    const second = await stage.call('GET', `${path}&continuationToken=50`);
    expect(records(Object(second.body).members)).toHaveLength(10);
    expect(second.body).not.toHaveProperty('continuationToken');
    const one = await stage.call('GET', `conversations/${group}/members/${many[7]?.aadObjectId}`);
    expect(one.body).toMatchObject({ name: 'Person 7', userRole: 'user', tenantId });
  });
});

describe('limits', () => {
  it('take seven posts a second and name the time to wait', async () => {
    for (let n = 0; n < 7; n += 1) expect((await stage.post(chat, said(`${n}`))).status).toBe(201);
    expect(await stage.post(chat, said('7'))).toMatchObject({ status: 429, retryAfter: '1' });
    stage.teams.skip(1000);
    expect((await stage.post(chat, said('8'))).status).toBe(201);
    expect(await stage.post(chat, said('9'))).toMatchObject({ status: 429, retryAfter: '1' });
    expect(stage.who.heard(chat)).toHaveLength(8);
    stage.teams.budgets.isOn = false;
    for (let n = 0; n < 12; n += 1) expect((await stage.post(chat, said(`${n}`))).status).toBe(201);
  });

  it('count 60 in half a minute', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 61; n += 1) {
      stage.teams.skip(300);
      statuses.push((await stage.post(chat, said(`${n}`))).status);
    }
    expect(statuses.slice(0, 60).every((status) => status === 201)).toBe(true);
    expect(statuses[60]).toBe(429);
  });

  it('refuse messages above 100 KB and cards of 28 KB', async () => {
    expect((await stage.post(chat, said('x'.repeat(50_000)))).status).toBe(201);
    const large = await stage.post(chat, said('x'.repeat(52_000)));
    expect(large).toMatchObject({ status: 413, code: 'MessageSizeTooBig' });
    const card = withCard({ body: [{ type: 'TextBlock', text: 'x'.repeat(28 * 1024) }] });
    expect(await stage.post(chat, card)).toMatchObject({ status: 413, code: 'MessageSizeTooBig' });
  });

  it.each([
    ['a card of version 1.6', { version: '1.6', body: [] }],
    ['an unknown element', { body: [{ type: 'Hologram' }] }],
    ['an unknown action', { actions: [{ type: 'Action.Http', title: 'Go', url: 'https://x' }] }],
    ['Action.Execute without a verb', { actions: [{ type: 'Action.Execute', title: 'Go' }] }],
    ['an input without an id', { body: [{ type: 'Input.Text' }] }],
    [
      'inputs of one id',
      {
        body: [
          { type: 'Input.Text', id: 'a' },
          { type: 'Input.Date', id: 'a' },
        ],
      },
    ],
    ['a mention of nobody', { body: [{ type: 'TextBlock', text: '<at>Al</at>' }] }],
    [
      'unknown data for Teams',
      { actions: [{ type: 'Action.Submit', title: 'Go', data: { msteams: { type: 'x' } } }] },
    ],
  ])('refuse %s', async (_name, card) => {
    expect(await stage.post(chat, withCard(card))).toMatchObject({ status: 400, code: 'BadRequest' });
  });

  it('refuse mentions without their entity, and more than three suggestions', async () => {
    expect((await stage.post(chat, said('<at>Alice Ops</at> look'))).status).toBe(400);
    const { id, name } = stage.alice;
    const mention = { type: 'mention', text: `<at>${name}</at>`, mentioned: { id, name } };
    const told = { ...said('<at>Alice Ops</at> look'), entities: [mention] };
    expect((await stage.post(chat, told)).status).toBe(201);
    const actions = Array.from({ length: 4 }, (_, n) => ({ type: 'imBack', title: `${n}`, value: `${n}` }));
    expect((await stage.post(chat, { ...said('Hi'), suggestedActions: { actions } })).status).toBe(400);
  });
});

describe('faults', () => {
  it('are met before or after the message is made', async () => {
    const { faults } = stage.teams;
    faults.add('send', { type: 'cut_before' });
    await expect(stage.post(chat, said('one'))).rejects.toThrow();
    faults.add('send', { type: 'cut_after' });
    await expect(stage.post(chat, said('two'))).rejects.toThrow();
    for (const status of [412, 502, 503, 504]) {
      faults.add('send', { type: 'http', status });
      expect((await stage.post(chat, said('three'))).status).toBe(status);
    }
    faults.add('send', { type: 'http', status: 502, isDone: true });
    expect((await stage.post(chat, said('four'))).status).toBe(502);
    faults.add('*', { type: 'rate_limit', seconds: 7 });
    expect(await stage.post(chat, said('five'))).toMatchObject({ status: 429, retryAfter: '7' });
    expect(stage.who.heard(chat).map((message) => message.activity.text)).toEqual(['two', 'four']);
  });
});
