import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTokens, factoryOf, TokenError } from '../../../adapters/teams/tokens.ts';
import { trustTestCertificate } from '../../fakes/entra.ts';
import { appId, appPassword, type FakeTeams, startFakeTeams, tenantId } from '../../fakes/teams/server.ts';

const secret = { kind: 'secret', appId, tenantId, password: appPassword } as const;

describe('tokens of the bot, by its secret', () => {
  let teams: FakeTeams;
  beforeEach(async () => {
    trustTestCertificate();
    teams = await startFakeTeams();
  });
  afterEach(async () => await teams.close());

  it('are asked for once, as Entra ID wants it', async () => {
    const tokens = createTokens(secret, teams.tokenEndpoint.authority);
    const token = await tokens();
    expect(teams.tokens.has(token)).toBe(true);
    expect(await tokens()).toBe(token);
    expect(teams.tokenEndpoint.asked).toHaveLength(1);
  });

  it('are refused for a wrong secret, and cannot be had while nobody answers', async () => {
    const wrong = createTokens({ ...secret, password: 'wrong' }, teams.tokenEndpoint.authority);
    await expect(wrong()).rejects.toMatchObject({ isRefused: true });
    const nobody = createTokens(secret, 'http://127.0.0.1:9');
    await expect(nobody()).rejects.toThrow(TokenError);
    await expect(nobody()).rejects.toMatchObject({ isRefused: false });
  });
});

describe('tokens of the bot, by its managed identity', () => {
  const asked: URLSearchParams[] = [];
  /** A machine that gives tokens as on App Service. */
  const machine = createServer((request, response) => {
    asked.push(new URL(request.url ?? '/', 'http://x').searchParams);
    const isRight = request.headers['x-identity-header'] === 'of-this-machine';
    const expires_on = String(Math.floor(Date.now() / 1000) + 3600);
    const body = isRight ? { access_token: 'managed-token', expires_on, token_type: 'Bearer' } : {};
    response.writeHead(isRight ? 200 : 400, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  beforeEach(async () => {
    await new Promise<void>((resolve) => machine.listen(0, '127.0.0.1', resolve));
    const { port } = machine.address() as AddressInfo;
    vi.stubEnv('IDENTITY_ENDPOINT', `http://127.0.0.1:${port}/msi/token`);
    vi.stubEnv('IDENTITY_HEADER', 'of-this-machine');
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    machine.closeAllConnections();
    await new Promise((resolve) => machine.close(resolve));
  });

  it('are those of the machine, for the connector and for this identity', async () => {
    const tokens = createTokens({ kind: 'managed', appId, tenantId }, undefined);
    expect(await tokens()).toBe('managed-token');
    expect(asked[0]?.get('client_id')).toBe(appId);
    expect(asked[0]?.get('resource')).toBe('https://api.botframework.com');
  });
});

describe('who the bot is, in botbuilder’s words', () => {
  it.each([
    ['of one tenant', secret],
    ['of many', { kind: 'secret', appId, password: 'x' }],
    [
      'with a certificate',
      { kind: 'certificate', appId, tenantId, thumbprint: 'ab'.repeat(20), privateKey: 'k' },
    ],
    ['managed', { kind: 'managed', appId, tenantId }],
  ] as const)('is never nobody: %s', async (_who, identity) => {
    const factory = factoryOf(identity);
    expect(await factory.isValidAppId(appId)).toBe(true);
    expect(await factory.isValidAppId('other')).toBe(false);
    expect((await factory.isAuthenticationDisabled()) === true).toBe(false);
  });
});
