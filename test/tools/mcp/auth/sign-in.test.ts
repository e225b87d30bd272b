import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeOAuthServer, startOAuthServer } from '../../../fakes/oauth-server.ts';
import { memoryOAuthStore } from '../../../fakes/oauth-store.ts';
import { replica, serverId, signedInTo, visit } from './stage.ts';

const ada = 'slack:T1:ADA';
let server: FakeOAuthServer;

beforeAll(async () => {
  server = await startOAuthServer();
});
afterAll(() => server.close());

const person = () => replica(signedInTo(server.url, { type: 'oauth_user' }), memoryOAuthStore());

describe('somebody who signs in', () => {
  it('is connected, and nobody else', async () => {
    const { signIns, changes } = person();
    const { query, browser } = await visit(signIns, ada);
    expect(await signIns.isConnected(serverId, ada)).toBe(false);
    expect(await signIns.finish({ query, browser })).toMatchObject({ server: 'guarded', identity: ada });
    expect(await signIns.isConnected(serverId, ada)).toBe(true);
    expect(await signIns.isConnected(serverId, 'slack:T1:BOB')).toBe(false);
    expect(changes).toEqual([{ type: 'in', serverId, identity: ada, principal: ada }]);
  });

  it('is disconnected when they want to be', async () => {
    const { signIns, changes } = person();
    const { query, browser } = await visit(signIns, ada);
    await signIns.finish({ query, browser });
    expect(await signIns.disconnect(serverId, ada)).toBe(true);
    expect(await signIns.disconnect(serverId, ada)).toBe(false);
    expect(await signIns.isConnected(serverId, ada)).toBe(false);
    expect(changes.map(({ type }) => type)).toEqual(['in', 'out']);
  });

  it('can use a link once', async () => {
    const { signIns } = person();
    const { link } = await visit(signIns, ada);
    expect(await signIns.look(link)).toBeUndefined();
    await expect(signIns.begin(link)).rejects.toThrow('used already');
  });

  it('can look at a link without spending it, and use it for ten minutes', async () => {
    const { signIns, clock } = person();
    const { url, expiresAt } = await signIns.signInLink(serverId, ada);
    const link = new URL(url).searchParams.get('link') ?? '';
    expect(expiresAt.getTime() - clock.now()).toBe(600_000);
    expect(await signIns.look(link)).toEqual({ server: 'guarded', principal: ada, isForBot: false });
    clock.ms += 600_001;
    expect(await signIns.look(link)).toBeUndefined();
    await expect(signIns.begin(link)).rejects.toThrow('too old');
  });

  it.each([
    ['another state', (query: string) => query.replace(/state=[^&]+/, 'state=another')],
    ['no state', () => '?code=x'],
  ])('is not taken with %s', async (_what, change) => {
    const { signIns } = person();
    const { query, browser } = await visit(signIns, ada);
    await expect(signIns.finish({ query: change(query), browser })).rejects.toThrow('used already');
    expect(await signIns.isConnected(serverId, ada)).toBe(false);
  });

  it('comes back once, and in time', async () => {
    const { signIns, clock } = person();
    const { query, browser } = await visit(signIns, ada);
    await signIns.finish({ query, browser });
    await expect(signIns.finish({ query, browser })).rejects.toThrow('used already');
    const late = await visit(signIns, ada);
    clock.ms += 600_001;
    await expect(signIns.finish(late)).rejects.toThrow('too old');
  });

  it('comes back in the browser that went, and may still do so after somebody else tried', async () => {
    const { signIns } = person();
    const { query, browser } = await visit(signIns, ada);
    const other = await visit(signIns, 'slack:T1:BOB');
    await expect(signIns.finish({ query, browser: other.browser })).rejects.toThrow('another browser');
    await expect(signIns.finish({ query, browser: undefined })).rejects.toThrow('another browser');
    await signIns.finish({ query, browser });
    expect(await signIns.isConnected(serverId, ada)).toBe(true);
  });

  it('comes back from the authorization server that they went to', async () => {
    const { signIns } = person();
    const { query, browser } = await visit(signIns, ada);
    const elsewhere = query.replace(/iss=[^&]+/, 'iss=https%3A%2F%2Fevil.example');
    await expect(signIns.finish({ query: elsewhere, browser })).rejects.toThrow(
      'another authorization server',
    );
  });

  it('may refuse', async () => {
    const { signIns } = person();
    server.refuses = true;
    const { query, browser } = await visit(signIns, ada);
    await expect(signIns.finish({ query, browser })).rejects.toMatchObject({ reason: 'cancelled' });
  });
});

describe('a server that nobody signs in to', () => {
  it('has no link', async () => {
    const config = signedInTo(server.url, { type: 'client_credentials' });
    const { signIns } = replica(config, memoryOAuthStore());
    await expect(signIns.signInLink(serverId, ada)).rejects.toThrow('Nobody signs in to guarded');
    await expect(signIns.signInLink('00000000-0000-4000-8000-00000000dead', ada)).rejects.toThrow('removed');
  });
});
