import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestBot, type TestBot } from '../../fakes/bot.ts';
import { trustTestCertificate } from '../../fakes/entra.ts';
import type { TokenVariant } from '../../fakes/teams/identity.ts';
import { type People, people } from '../../fakes/teams/people.ts';
import { type FakeTeams, startFakeTeams } from '../../fakes/teams/server.ts';
import type { TeamsUser } from '../../fakes/teams/state.ts';
import { envOf, openTeamsStage, type TeamsStage } from './stage.ts';

let s: TeamsStage;
beforeAll(async () => {
  s = await openTeamsStage({ reply: () => ({ text: 'The disk is full.' }) });
}, 60_000);
afterAll(async () => await s.close());

/** One delivery, and what the bot answered. */
async function deliver(token: TokenVariant, more: object = {}) {
  const chat = s.people.personal(s.alice);
  const held = await s.people.say(s.alice, chat, `with ${token}`, { isHeld: true });
  const [tried] = await s.people.deliver({ ...held.activity, ...more }, { token, resends: 0 });
  return { status: tried?.status, body: tried?.body ?? '' };
}

describe('what comes to /api/messages', () => {
  it('is taken with a good token, whose keys are loaded once', async () => {
    expect(await deliver('good')).toEqual({ status: 200, body: '' });
    expect(await deliver('good')).toEqual({ status: 200, body: '' });
    expect(s.teams.identity.loaded).toEqual({ metadata: 1, keys: 1 });
    await s.answers(s.people.personal(s.alice), 2);
  });

  it.each([
    'none',
    'wrong audience',
    'wrong issuer',
    'expired',
    'wrong serviceurl',
    'no serviceurl',
    'missing endorsement',
    'unknown key',
    'bad signature',
    'alg none',
  ] as const)('is refused with 401 and no word: %s', async (token) => {
    expect(await deliver(token)).toEqual({ status: 401, body: '' });
  });

  it.each([
    ['of another channel', { channelId: 'emulator' }],
    ['without a serviceUrl', { serviceUrl: undefined }],
    ['with a serviceUrl that can be read on the way', { serviceUrl: 'http://example.com/' }],
  ])('is refused with a good token, %s', async (_what, more) => {
    expect((await deliver('good', more)).status).toBe(401);
  });

  it('is refused from a tenant that is not let in', async () => {
    expect((await deliver('foreign tenant')).status).toBe(403);
    const both = { channelData: { tenant: { id: '77777777-7777-4777-8777-777777777777' } } };
    expect((await deliver('good', both)).status).toBe(403);
    expect((await deliver('good', { channelData: {}, conversation: { id: 'a:1' } })).status).toBe(403);
  });

  it.each([
    ['no JSON', 'hello', 400],
    ['no object', '[]', 400],
    ['no activity', '{}', 400],
    ['too much', JSON.stringify({ type: 'message', text: 'x'.repeat(1_100_000) }), 413],
  ])('is refused when it is %s', async (_what, body, status) => {
    const authorization = (await s.teams.identity.authorization()) ?? '';
    const response = await fetch(`${s.stage.bot.url}/api/messages`, {
      method: 'POST',
      body,
      headers: { authorization, 'content-type': 'application/json' },
    });
    expect(response.status).toBe(status);
  });

  it('may have a token that is none', async () => {
    for (const authorization of [
      'Bearer',
      'Bearer x',
      'Bearer a.b.c',
      'Basic x',
      'Bearer a b',
      `Bearer ${'x'.repeat(9000)}`,
    ]) {
      const response = await fetch(`${s.stage.bot.url}/api/messages`, {
        method: 'POST',
        body: JSON.stringify({ type: 'message', channelId: 'msteams', serviceUrl: s.teams.serviceUrl() }),
        headers: { authorization, 'content-type': 'application/json' },
      });
      expect(`${authorization.slice(0, 20)} ${response.status}`).toBe(`${authorization.slice(0, 20)} 401`);
    }
  });
});

describe('what was refused', () => {
  it('is never heard', async () => {
    const before = s.stage.llm.requests.length;
    expect((await deliver('good')).status).toBe(200);
    await s.answers(s.people.personal(s.alice), 3);
    expect([before, s.stage.llm.requests.length]).toEqual([2, 3]);
  });
});

describe('keys that cannot be loaded', () => {
  let teams: FakeTeams;
  let who: People;
  let alice: TeamsUser;
  let bot: TestBot;
  beforeAll(async () => {
    trustTestCertificate();
    teams = await startFakeTeams({ resendDelaysMs: [] });
    who = people(teams);
    alice = who.user('Alice');
    bot = await startTestBot({ env: envOf(teams) });
    teams.deliverTo(bot.url);
  }, 60_000);
  afterAll(async () => {
    await bot.stop();
    await teams.close();
  });
  beforeEach(() => {
    teams.identity.isReachable = true;
  });

  it('make the bot ask Teams to come again, and it does', async () => {
    teams.identity.isReachable = false;
    const { activity, tries } = await who.say(alice, who.personal(alice), 'Are you there?');
    expect(tries.map(({ status }) => status)).toEqual([503]);
    teams.identity.isReachable = true;
    expect((await who.deliver(activity)).map(({ status }) => status)).toEqual([200]);
  });
});

describe('an anonymous bot', () => {
  let teams: FakeTeams;
  let bot: TestBot;
  beforeAll(async () => {
    teams = await startFakeTeams();
    bot = await startTestBot({ env: { TEAMS_ALLOW_ANONYMOUS: 'true' } });
  }, 60_000);
  afterAll(async () => {
    await bot.stop();
    await teams.close();
  });

  const post = async (more: object) => {
    const who = people(teams);
    const alice = who.user('Alice');
    const held = await who.say(alice, who.personal(alice), 'help', { isHeld: true });
    return await fetch(`${bot.url}/api/messages`, {
      method: 'POST',
      body: JSON.stringify({ ...held.activity, ...more }),
      headers: { 'content-type': 'application/json' },
    });
  };

  it('believes whoever reaches it, and answers nobody but this machine', async () => {
    teams.tokens.add('');
    expect((await post({ type: 'typing' })).status).toBe(200);
    expect((await post({ serviceUrl: 'https://elsewhere.example.com/' })).status).toBe(401);
  });

  /** Unlike `fetch`, says what it is told to say of itself. */
  async function postAs(headers: Readonly<Record<string, string>>): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const activity = {
      type: 'typing',
      serviceUrl: teams.serviceUrl(),
      conversation: { id: 'a:1' },
      from: { id: '29:1' },
    };
    const given = { 'content-type': 'application/json', ...headers };
    const sent = request(`${bot.url}/api/messages`, { method: 'POST', headers: given }, async (response) => {
      await text(response);
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject).end(JSON.stringify(activity));
    return await promise;
  }

  it.each([
    [200, 'a program of this machine', {}],
    [200, 'one that says its charset', { 'content-type': 'application/json; charset=utf-8' }],
    [200, 'one that says localhost', { host: 'localhost:3978' }],
    [401, 'a web page', { origin: 'https://evil.example' }],
    [401, 'a web page of a file', { origin: 'null' }],
    [401, 'a page that avoids being asked', { 'content-type': 'text/plain' }],
    [401, 'a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    [401, 'a name that was turned to this machine', { host: 'evil.example:3978' }],
    [401, 'a proxy', { 'x-forwarded-for': '203.0.113.7' }],
    [401, 'a proxy in the words of its standard', { forwarded: 'for=203.0.113.7' }],
  ])('answers %i to %s', async (status, _who, headers) => {
    expect(await postAs(headers)).toBe(status);
  });
});
