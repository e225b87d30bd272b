import { readFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TokenVariant } from '../../fakes/teams/identity.ts';
import { records } from '../../fakes/teams/json.ts';
import { appId, appPassword, tenantId } from '../../fakes/teams/server.ts';
import { type DoubleStage, openDouble, said } from './double-stage.ts';

const certificate = new URL('../../fixtures/tls/localhost.crt', import.meta.url);

let stage: DoubleStage;
let chat: string;

beforeEach(async () => {
  stage = await openDouble();
  chat = stage.who.personal(stage.alice);
});

afterEach(() => stage.close());

describe('tokens', () => {
  const verify = async (header: string | undefined) => {
    const keys = createRemoteJWKSet(new URL(`${stage.teams.url}/v1/.well-known/keys`));
    const token = header?.replace(/^Bearer /, '') ?? '';
    return await jwtVerify(token, keys, {
      issuer: 'https://api.botframework.com',
      audience: appId,
      algorithms: ['RS256'],
    });
  };
  const tokenOf = async (token: TokenVariant) => {
    await stage.who.say(stage.alice, chat, 'Hello', { token });
    return stage.bot.heard.at(-1)?.authorization;
  };

  it('verify with the published keys, which are endorsed for Teams', async () => {
    const metadata = await (await fetch(stage.teams.openIdMetadataUrl)).json();
    expect(metadata).toMatchObject({ jwks_uri: `${stage.teams.url}/v1/.well-known/keys` });
    const { payload, protectedHeader } = await verify(await tokenOf('good'));
    expect(payload.serviceurl).toBe(stage.teams.serviceUrl());
    const { keys } = stage.teams.identity.keys();
    const key = records(keys).find(({ kid }) => kid === protectedHeader.kid);
    expect(key?.endorsements).toContain('msteams');
  });

  it.each(['wrong audience', 'wrong issuer', 'expired', 'bad signature', 'unknown key', 'alg none'] as const)(
    'do not verify: %s',
    async (variant) => {
      await expect(verify(await tokenOf(variant))).rejects.toThrow();
    },
  );

  it('lack the header, the endorsement, the right serviceurl or the right tenant', async () => {
    expect(await tokenOf('none')).toBeUndefined();
    const { protectedHeader } = await verify(await tokenOf('missing endorsement'));
    const key = records(stage.teams.identity.keys().keys).find(({ kid }) => kid === protectedHeader.kid);
    expect(key?.endorsements).not.toContain('msteams');
    expect((await verify(await tokenOf('wrong serviceurl'))).payload.serviceurl).not.toBe(
      stage.teams.serviceUrl(),
    );
    await verify(await tokenOf('foreign tenant'));
    expect(stage.bot.heard.at(-1)?.activity).not.toMatchObject({ channelData: { tenant: { id: tenantId } } });
  });

  it('cannot be verified while the metadata cannot be reached', async () => {
    stage.teams.identity.isReachable = false;
    await expect(fetch(stage.teams.openIdMetadataUrl)).rejects.toThrow();
  });

  it('change their key, and the old ones verify no more', async () => {
    const before = await tokenOf('good');
    await stage.teams.identity.rotate();
    await expect(verify(before)).rejects.toThrow();
    await verify(await tokenOf('good'));
  });
});

describe('the token endpoint', () => {
  const ask = (secret: string) =>
    new Promise<{ readonly status: number; readonly token: string }>((resolve, reject) => {
      const form = new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: appId,
        client_secret: secret,
        scope: 'https://api.botframework.com/.default',
      });
      const url = `${stage.teams.tokenEndpoint.authority}/oauth2/v2.0/token`;
      const options = { method: 'POST', ca: readFileSync(certificate) };
      const request = httpsRequest(url, options, async (response) => {
        const { access_token = '' } = JSON.parse(await text(response));
        resolve({ status: response.statusCode ?? 0, token: access_token });
      });
      request.on('error', reject).end(form.toString());
    });

  it('gives bearers that the connector takes, for the right password', async () => {
    const { token } = await ask(appPassword);
    const url = `${stage.teams.serviceUrl()}v3/conversations/${chat}/members`;
    const members = (bearer: string) => fetch(url, { headers: { authorization: `Bearer ${bearer}` } });
    expect((await members(token)).status).toBe(200);
    expect((await members('invented')).status).toBe(401);
    stage.teams.faults.isRevoked = true;
    expect((await members(token)).status).toBe(401);
    expect((await ask('wrong')).status).toBe(401);
  });
});

describe('deliveries', () => {
  it('come again until they are acknowledged', async () => {
    const statuses = [503, 200];
    stage.bot.answer = () => ({ status: statuses.shift() ?? 200 });
    const { tries, activity } = await stage.who.say(stage.alice, chat, 'Hello');
    expect(tries.map(({ status, attempt }) => [status, attempt])).toEqual([
      [503, 0],
      [200, 1],
    ]);
    expect(stage.bot.heard.map((heard) => heard.activity)).toEqual([activity, activity]);
    expect(stage.teams.delivery.log).toEqual([{ activity, tries }]);
  });

  it('come again when nothing was answered in time', async () => {
    stage.teams.patience.ackMs = 200;
    stage.teams.patience.resendDelaysMs = Array.from({ length: 50 }, () => 0);
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    stage.bot.answer = async () => {
      // Only the first is left waiting.
      stage.bot.answer = () => ({ status: 200 });
      stage.teams.patience.ackMs = 15_000;
      await released;
      return { status: 200 };
    };
    const { tries } = await stage.who.say(stage.alice, chat, 'Hello');
    release();
    expect([tries[0]?.status, tries.at(-1)?.status]).toEqual([0, 200]);
    expect(stage.bot.heard.length).toBeGreaterThan(1);
  });

  it('end with a refusal, and invokes are never sent again', async () => {
    stage.bot.answer = () => ({ status: 500 });
    expect((await stage.who.say(stage.alice, chat, 'Hello')).tries).toHaveLength(1);
    const made = await stage.post(chat, {
      ...said('Yes'),
      channelData: { feedbackLoop: { type: 'default' } },
    });
    const message = stage.teams.tenant.messages.find(({ id }) => id === made.id);
    if (message === undefined) throw new Error('there is no message');
    await stage.who.feedback(stage.alice, message, 'like');
    expect(stage.bot.heard).toHaveLength(2);
    expect(stage.who.notices(stage.alice)).toEqual(['Something went wrong. Please try again.']);
  });

  it('come late and twice when a test wishes so', async () => {
    const { activity, tries } = await stage.who.say(stage.alice, chat, 'Hello', { isHeld: true });
    expect(tries).toEqual([]);
    await stage.who.deliver(activity);
    await stage.who.deliver(activity);
    expect(stage.bot.heard.map((heard) => heard.activity.id)).toEqual([activity.id, activity.id]);
  });
});
