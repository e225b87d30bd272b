import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TeamsApi } from '../../../adapters/teams/api.ts';
import { TeamsCallError } from '../../../adapters/teams/call-error.ts';
import { type Calls, createCalls } from '../../../adapters/teams/calls.ts';
import { openConnector } from '../../../adapters/teams/connector.ts';
import { keepEntityProperties, proveEntities } from '../../../adapters/teams/entity-patch.ts';
import { createReferences, type References } from '../../../adapters/teams/references.ts';
import type { Conversation } from '../../../adapters/teams/thread-id.ts';
import type { TeamsSettings } from '../../../src/config/teams.ts';
import { type MemoryInProcess, memoryInProcess } from '../../fakes/adapter-memory.ts';
import { trustTestCertificate } from '../../fakes/entra.ts';
import { recordingLog } from '../../fakes/recording-log.ts';
import { record } from '../../fakes/teams/json.ts';
import { type People, people } from '../../fakes/teams/people.ts';
import { appId, appPassword, type FakeTeams, startFakeTeams, tenantId } from '../../fakes/teams/server.ts';
import type { TeamsUser } from '../../fakes/teams/state.ts';

let teams: FakeTeams;
let who: People;
let alice: TeamsUser;
let chat: Conversation;
let memory: MemoryInProcess;
let references: References;
let said: ReturnType<typeof recordingLog>;
let api: Calls;

beforeEach(async () => {
  trustTestCertificate();
  teams = await startFakeTeams();
  who = people(teams);
  alice = who.user('Alice');
  chat = { tenant: tenantId, id: who.personal(alice) };
  memory = memoryInProcess();
  said = recordingLog();
  references = createReferences({ memory, clock: Date });
  api = await open();
  await hear(chat);
});

afterEach(async () => await teams.close());

async function open(more: Partial<TeamsSettings> = {}): Promise<Calls> {
  const connector = await openConnector({
    identity: { kind: 'secret', appId, tenantId, password: appPassword },
    allowedTenants: [tenantId],
    openIdMetadataUrl: teams.openIdMetadataUrl,
    loginUrl: teams.tokenEndpoint.authority,
    ...more,
  });
  return createCalls({ connector, references, clock: Date, log: said.log, random: () => 0 });
}

/** An activity came from there. */
async function hear(place: Conversation, conversationType = 'personal'): Promise<void> {
  const recipient = { id: teams.tenant.bot.id };
  const conversation = { id: place.id, conversationType };
  await references.note(place, { serviceUrl: teams.serviceUrl(), recipient, conversation });
}

const say = (text: string) => ({ type: 'message', text });
const texts = (place: Conversation) => who.heard(place.id).map(({ activity }) => activity.text);

async function failure(call: Promise<unknown>): Promise<TeamsCallError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof TeamsCallError) return error;
  throw new Error(`it did not fail as it should: ${String(error)}`);
}

describe('what the bot says', () => {
  it('arrives with every property of its entities', async () => {
    const entities = [
      {
        type: 'https://schema.org/Message',
        '@type': 'Message',
        '@context': 'https://schema.org',
        additionalType: ['AIGeneratedContent'],
        citation: [
          {
            '@type': 'Claim',
            position: 1,
            appearance: {
              '@type': 'DigitalDocument',
              name: 'Runbook',
              abstract: 'How to',
              url: 'https://x.test',
            },
          },
        ],
        usageInfo: { type: 'https://schema.org/Message', '@type': 'CreativeWork', name: 'Internal' },
      },
      { type: 'quotedReply', quotedReply: { messageId: '1' } },
    ];
    const channelData = { feedbackLoop: { type: 'default' } };
    await api.send(chat, { ...say('See [1].'), entities, channelData });
    const [call] = teams.calls;
    expect(call?.body.entities).toEqual(entities);
    expect(call?.body.channelData).toEqual(channelData);
  });

  it('is not sent at all when botbuilder would lose a part of it, and that is seen at the start', async () => {
    await expect(proveEntities()).resolves.toBeUndefined();
    const mappers: unknown = createRequire(import.meta.url)(
      'botframework-connector/lib/connectorApi/models/mappers',
    );
    Reflect.deleteProperty(record(record(record(mappers).Entity).type), 'additionalProperties');
    await expect(proveEntities()).rejects.toThrow('npm ci');
    keepEntityProperties();
    keepEntityProperties();
    await expect(proveEntities()).resolves.toBeUndefined();
  });

  it('begins a stream whose information is not lost', async () => {
    const info = { type: 'streaminfo', streamType: 'informative', streamSequence: 1 };
    const id = await api.send(chat, { type: 'typing', text: 'Looking', entities: [info] });
    expect(id).not.toBe('');
    expect(teams.calls[0]?.body.entities).toEqual([info]);
  });

  it('can be changed and deleted, and begins threads in channels', async () => {
    const id = await api.send(chat, say('one'));
    await api.update(chat, id, say('two'));
    expect(texts(chat)).toEqual(['two']);
    await api.remove(chat, id);
    expect(texts(chat)).toEqual([]);
    const channel = { tenant: tenantId, id: who.channel('ops', [alice]) };
    await hear(channel, 'channel');
    const thread = await api.createThread(channel, say('An alert'));
    expect(thread.id).toMatch(/^19:.*;messageid=\d+$/);
    await api.send(thread, say('More of it'));
    expect(texts(thread)).toEqual(['An alert', 'More of it']);
    expect(await api.member(thread, alice.id)).toMatchObject({ userRole: 'user', email: alice.email });
  });

  it('keeps its order and stays within the budget of its conversation', async () => {
    const numbers = Array.from({ length: 12 }, (_, n) => String(n));
    await Promise.all(numbers.map((n) => api.send(chat, say(n), { patienceMs: 60_000 })));
    expect(texts(chat)).toEqual(numbers);
    expect(teams.calls.every(({ outcome }) => outcome === 'ok')).toBe(true);
  }, 60_000);

  it('is refused at once where there is no room and nobody waits, and nothing is sent', async () => {
    const sent = await Promise.allSettled(Array.from({ length: 20 }, () => api.send(chat, say('x'))));
    const refused = sent.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(texts(chat)).toHaveLength(20 - refused.length);
    const error = await failure(api.send(chat, say('x')));
    expect(error).toMatchObject({ code: 'ratelimited', isRefused: true });
    expect(error.retryAfterMs).toBeGreaterThan(0);
  });

  it('goes out on another conversation meanwhile', async () => {
    const other = { tenant: tenantId, id: who.personal(who.user('Bob')) };
    await hear(other);
    teams.faults.add('send', { type: 'rate_limit', seconds: 30 });
    expect(await failure(api.send(chat, say('x')))).toMatchObject({ code: 'ratelimited' });
    await api.send(other, say('y'));
    expect(texts(other)).toEqual(['y']);
    expect(await failure(api.send(chat, say('z'), { patienceMs: 1000 }))).toMatchObject({ isRefused: true });
    expect(texts(chat)).toEqual([]);
  });
});

describe('what Teams refuses for a moment', () => {
  it.each([
    ['412', { type: 'http', status: 412, times: 2 }],
    ['429', { type: 'rate_limit', seconds: 1, times: 2 }],
  ] as const)(
    'is sent again after %s, once',
    async (_status, fault) => {
      teams.faults.add('send', fault);
      await api.send(chat, say('x'), { patienceMs: 30_000 });
      expect(texts(chat)).toEqual(['x']);
      expect(teams.calls).toHaveLength(3);
    },
    40_000,
  );

  it('is given up when the patience is over', async () => {
    teams.faults.add('send', { type: 'http', status: 412, times: 100 });
    expect(await failure(api.send(chat, say('x'), { patienceMs: 400 }))).toMatchObject({ status: 412 });
  });
});

describe('what may have arrived', () => {
  it.each([
    ['502', { type: 'http', status: 502, isDone: true }],
    ['504', { type: 'http', status: 504 }],
    ['503', { type: 'http', status: 503 }],
    ['a cut connection', { type: 'cut_after' }],
  ] as const)('is never sent again after %s', async (_status, fault) => {
    teams.faults.add('send', fault);
    expect(await failure(api.send(chat, say('x'), { patienceMs: 20_000 }))).toMatchObject({
      isRefused: false,
    });
    expect(teams.calls).toHaveLength(1);
  });

  it('is done again where that does no harm', async () => {
    const id = await api.send(chat, say('one'));
    teams.faults.add('update', { type: 'http', status: 502 });
    await api.update(chat, id, say('two'), { patienceMs: 30_000 });
    expect(texts(chat)).toEqual(['two']);
    teams.faults.add('member', { type: 'cut_after' });
    expect(await api.member(chat, alice.id, { patienceMs: 30_000 })).toMatchObject({ name: 'Alice' });
  });
});

describe('a conversation where the bot may not write', () => {
  it.each(['BotNotInConversationRoster', 'MessageWritesBlocked', 'ForbiddenOperation'] as const)(
    'is not called again after %s, until it is heard of',
    async (code) => {
      who.place(chat.id).closed = code;
      const calls = async () => await failure(api.send(chat, say('x'), { patienceMs: 1000 }));
      expect(await calls()).toMatchObject({ code, isRefused: true, status: 403 });
      expect(await calls()).toMatchObject({ code, isRefused: true, status: 403 });
      expect(teams.calls).toHaveLength(1);
      expect(said.entries.filter(([event]) => event === 'teams_conversation_closed')).toHaveLength(1);
      expect(api.troubles().join()).toContain(code);
      delete who.place(chat.id).closed;
      await hear(chat);
      await api.send(chat, say('y'));
      expect(texts(chat)).toEqual(['y']);
      expect(api.troubles()).toEqual([]);
    },
  );

  it('is none because it was called at an address that is no longer its own', async () => {
    const stale = createReferences({ memory, clock: Date });
    await stale.of(chat);
    teams.move('amer');
    await hear(chat);
    expect(await stale.close(chat, 'BotNotInConversationRoster', 'https://old.example.com/')).toBe(false);
    await api.send(chat, say('x'));
    expect(texts(chat)).toEqual(['x']);
  });

  it('is none because one message is not the bot’s', async () => {
    const mine = await who.say(alice, chat.id, 'mine', { isHeld: true });
    expect(await failure(api.update(chat, mine.id, say('yours')))).toMatchObject({
      code: 'ForbiddenOperation',
    });
    await api.send(chat, say('still here'));
    expect(texts(chat)).toEqual(['still here']);
  });

  it('may be one that nobody knows', async () => {
    const unknown = { tenant: tenantId, id: 'a:unknown' };
    expect(await failure(api.send(unknown, say('x')))).toMatchObject({ code: 'unknown_conversation' });
  });
});

describe('the bot’s own credentials', () => {
  it('are asked for once, and a refusal is said once and held against nobody', async () => {
    await api.send(chat, say('one'));
    await api.send(chat, say('two'));
    expect(teams.tokenEndpoint.asked).toHaveLength(1);
    teams.faults.isRevoked = true;
    expect(await failure(api.send(chat, say('x')))).toMatchObject({ code: 'credentials', isRefused: true });
    const held = await failure(api.send(chat, say('y')));
    expect(held.retryAfterMs).toBeGreaterThan(0);
    expect(teams.calls).toHaveLength(2);
    expect(said.entries.filter(([event]) => event === 'teams_credentials_refused')).toHaveLength(1);
    expect(api.isRefused()).toBe(true);
    expect(api.troubles().join()).toContain('MicrosoftAppId');
  });

  it('may be wrong from the beginning', async () => {
    const wrong = await open({ identity: { kind: 'secret', appId, tenantId, password: 'wrong' } });
    expect(await failure(wrong.send(chat, say('x')))).toMatchObject({ code: 'credentials', isRefused: true });
    expect(teams.calls).toEqual([]);
  });
});

describe('a tenant that moves', () => {
  it('is found again by the next activity', async () => {
    await api.send(chat, say('one'));
    teams.move('amer');
    expect(await failure(api.send(chat, say('lost')))).toMatchObject({ status: 403, isRefused: true });
    await hear(chat);
    await api.send(chat, say('two'));
    expect(texts(chat)).toEqual(['one', 'two']);
  });
});

describe('files', () => {
  const read = async (from: TeamsApi, url: string) => await (await from.fetch(chat, url, {})).text();

  it('of the connector are read with the bot’s token, and shared ones without', async () => {
    const image = who.image({ name: 'x.png', type: 'image/png', content: 'bytes' });
    expect(await read(api, String(image.contentUrl))).toBe('bytes');
    const file = who.file({ name: 'x.txt', type: 'text/plain', content: 'words' });
    expect(await read(api, String(record(file.content).downloadUrl))).toBe('words');
  });

  it.each([
    'http://x.sharepoint.com/f',
    'https://169.254.169.254/latest/meta-data',
    'https://localhost/x',
    'https://user@x.sharepoint.com/f',
    'http://127.0.0.1:9/x',
    'file:///etc/passwd',
    'nothing',
  ])('are not looked for at %s', async (url) => {
    expect(await failure(api.fetch(chat, url, {}))).toMatchObject({ code: 'foreign_address' });
  });
});
