import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCipher } from '../../../../src/access/cipher.ts';
import { oauthStore } from '../../../../src/store/oauth.ts';
import { SignInNeededError } from '../../../../src/tools/mcp/auth/port.ts';
import type { ServerConfig } from '../../../../src/tools/port.ts';
import { openTestPostgres, type TestDatabase } from '../../../fakes/database.ts';
import { type FakeOAuthServer, startOAuthServer } from '../../../fakes/oauth-server.ts';
import { memoryOAuthStore } from '../../../fakes/oauth-store.ts';
import { replica, serverId, signedInTo, signIn } from './stage.ts';

const list = {
  method: 'POST',
  body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
};
const call = {
  method: 'POST',
  body: JSON.stringify({
    jsonrpc: '2.0',
    id: 2,
    method: 'tools/call',
    params: { name: 'whose', arguments: {} },
  }),
};
const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

let server: FakeOAuthServer;
let database: TestDatabase;

beforeAll(async () => {
  [server, database] = await Promise.all([startOAuthServer(), openTestPostgres()]);
});
afterAll(async () => {
  await Promise.all([server.close(), database.close()]);
});
beforeEach(() => {
  server.asked.length = 0;
  server.callScope = 'use';
  server.renewalMs = 0;
  server.isDown = false;
  server.isStingy = false;
});

type Replica = ReturnType<typeof replica>;

function ask({ authorizer, fetch }: Replica, config: ServerConfig, request: RequestInit = list) {
  const authorized = authorizer.authorized(config, fetch);
  return async () => (await authorized(`${server.url}/mcp`, { ...request, headers })).status;
}

describe('tokens of the bot', () => {
  it('are spent once by many requests that are refused at the same time', async () => {
    const config = signedInTo(server.url);
    const bot = replica(config, memoryOAuthStore());
    await signIn(bot.signIns, 'slack:T1:ADMIN');
    const asks = Array.from({ length: 8 }, () => ask(bot, config));
    await Promise.all(asks.map((one) => one()));
    server.live.clear();
    server.asked.length = 0;
    server.renewalMs = 30;
    expect(await Promise.all(asks.map((one) => one()))).toEqual(asks.map(() => 200));
    expect(server.asked).toEqual(['refresh_token']);
  });

  it('are spent once by two processes on one database, and the loser keeps the winner’s', async () => {
    const config = signedInTo(server.url);
    const cipher = createCipher([randomBytes(32)]);
    const store = () => oauthStore(database.db, { cipher, unreadable: () => {} });
    const replicas = [replica(config, store(), 'one'), replica(config, store(), 'two')];
    const [first] = replicas;
    if (first === undefined) throw new Error('no replica');
    await signIn(first.signIns, 'slack:T1:ADMIN');
    const asks = replicas.flatMap((one) => [ask(one, config), ask(one, config), ask(one, config)]);
    await Promise.all(asks.map((one) => one()));
    server.live.clear();
    server.asked.length = 0;
    server.renewalMs = 50;
    expect(await Promise.all(asks.map((one) => one()))).toEqual(asks.map(() => 200));
    expect(server.asked).toEqual(['refresh_token']);
    expect(await first.signIns.isConnected(serverId, 'bot')).toBe(true);
  });

  it('stay when the authorization server does not answer, and go when it says no', async () => {
    const config = signedInTo(server.url);
    const bot = replica(config, memoryOAuthStore());
    await signIn(bot.signIns, 'slack:T1:ADMIN');
    server.live.clear();
    server.isDown = true;
    await expect(ask(bot, config)()).rejects.toThrow('HTTP 503');
    expect(await bot.signIns.isConnected(serverId, 'bot')).toBe(true);
    server.isDown = false;
    expect(await ask(bot, config)()).toBe(200);
  });

  it('stay away when somebody signs out while they are being renewed', async () => {
    const config = signedInTo(server.url);
    const bot = replica(config, memoryOAuthStore());
    await signIn(bot.signIns, 'slack:T1:ADMIN');
    server.live.clear();
    server.asked.length = 0;
    server.renewalMs = 100;
    const asked = expect(ask(bot, config)()).rejects.toThrow(SignInNeededError);
    await expect.poll(() => server.asked).toEqual(['refresh_token']);
    await bot.signIns.disconnect(serverId, 'bot');
    await asked;
    expect(await bot.signIns.isConnected(serverId, 'bot')).toBe(false);
  });

  it('are nobody’s until somebody has signed in', async () => {
    const config = signedInTo(server.url);
    const bot = replica(config, memoryOAuthStore());
    await expect(ask(bot, config)()).rejects.toThrow(SignInNeededError);
    expect(server.asked).toEqual([]);
  });

  it('are not sent to another address that the server is given', async () => {
    const config = signedInTo(server.url);
    const store = memoryOAuthStore();
    const bot = replica(config, store);
    await signIn(bot.signIns, 'slack:T1:ADMIN');
    const moved = { ...config, mcpEndpoint: '/mcp?moved' };
    const sent: (string | null)[] = [];
    const spying: typeof bot.fetch = async (url, init) => {
      sent.push(new Headers(init?.headers).get('authorization'));
      return await bot.fetch(url, init);
    };
    const authorized = bot.authorizer.authorized(moved, spying);
    await expect(authorized(`${server.url}/mcp?moved`, { ...list, headers })).rejects.toThrow();
    expect(sent).toEqual([null]);
  });

  it('are never in the log, nor in what the server says of a refusal', async () => {
    const config = signedInTo(server.url);
    const store = memoryOAuthStore();
    const bot = replica(config, store);
    await signIn(bot.signIns, 'slack:T1:ADMIN');
    const { tokens } = await store.tokens({ serverId, identity: 'bot' });
    const secrets = JSON.stringify(tokens?.value).match(/(?:access|refresh)-[0-9a-f-]+/g) ?? [];
    expect(secrets.length).toBeGreaterThanOrEqual(2);
    await ask(bot, config)();
    server.live.clear();
    await ask(bot, config)();
    const logged = JSON.stringify(bot.entries);
    expect(logged).toContain('mcp_authorized');
    for (const secret of secrets) expect(logged).not.toContain(secret);
  });
});

describe('scopes', () => {
  it('that a call needs are asked of whoever signs in next, beside those that there are', async () => {
    const config = signedInTo(server.url);
    const store = memoryOAuthStore();
    const bot = replica(config, store);
    await signIn(bot.signIns, 'slack:T1:ADMIN');
    server.callScope = 'write';
    await expect(ask(bot, config, call)()).rejects.toThrow('more rights (use write)');
    expect(await bot.signIns.isConnected(serverId, 'bot')).toBe(true);
    await signIn(bot.signIns, 'slack:T1:ADMIN');
    expect(await ask(bot, config, call)()).toBe(200);
  });

  it('are widened by client credentials without anybody', async () => {
    const config = signedInTo(server.url, {
      type: 'client_credentials',
      clientId: 'fixed',
      clientSecret: 'fixed-secret',
    });
    const bot = replica(config, memoryOAuthStore());
    server.callScope = 'write';
    expect(await ask(bot, config, call)()).toBe(200);
    expect(server.asked).toEqual(['client_credentials', 'client_credentials']);
  });

  it('that are never enough are asked for three times', async () => {
    const config = signedInTo(server.url, {
      type: 'client_credentials',
      clientId: 'fixed',
      clientSecret: 'fixed-secret',
    });
    const bot = replica(config, memoryOAuthStore());
    server.callScope = 'write';
    server.isStingy = true;
    expect(await ask(bot, config, call)()).toBe(403);
    expect(server.asked).toHaveLength(3);
  });
});
