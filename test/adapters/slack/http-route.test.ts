import { describe, expect, it } from 'vitest';
import type { Dispatch, Envelope } from '../../../adapters/slack/dispatch.ts';
import { httpRoute } from '../../../adapters/slack/http-route.ts';
import type { RouteRequest } from '../../../src/chat/route.ts';
import { silentLog } from '../../fakes/log.ts';
import { signatureOf } from '../../fakes/slack/delivery.ts';

const nowMs = 1_800_000_000_000;
const seconds = nowMs / 1000;
const heard: Envelope[] = [];
const dispatch: Dispatch = async (envelope) => {
  heard.push(envelope);
  return envelope.body.fail === true ? { status: 503 } : { status: 200, body: envelope.body.answer };
};
const route = httpRoute({ signingSecret: 's3cret', dispatch, clock: { now: () => nowMs }, log: silentLog });

async function send(body: string, more: Readonly<Record<string, string>> = {}, at = seconds) {
  const headers = { 'content-type': 'application/json', ...signatureOf('s3cret', body, at), ...more };
  const request: RouteRequest = {
    method: 'POST',
    url: route.path,
    headers,
    params: {},
    query: {},
    cookies: {},
    body: Buffer.from(body),
    remoteAddress: '127.0.0.1',
    signal: new AbortController().signal,
  };
  return await route.handle(request);
}

describe('requests over HTTP', () => {
  it.each([
    [
      'signed by another secret',
      { 'x-slack-signature': signatureOf('other', '{}', seconds)['x-slack-signature'] ?? '' },
      seconds,
    ],
    ['six minutes old', {}, seconds - 360],
    ['six minutes in the future', {}, seconds + 360],
    ['without a signature', { 'x-slack-signature': '' }, seconds],
    ['with a timestamp that is none', { 'x-slack-request-timestamp': 'now' }, seconds],
  ])('are refused when %s', async (_what, more, at) => {
    heard.length = 0;
    expect((await send('{}', more, at)).status).toBe(401);
    expect(heard).toEqual([]);
  });

  it('answer the challenge of the request URL', async () => {
    const answer = await send('{"type":"url_verification","challenge":"abc"}');
    expect(answer.body).toBe('{"challenge":"abc"}');
  });

  it('carry forms and their payloads, and how often they were tried', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    await send(new URLSearchParams({ payload: '{"type":"block_actions"}' }).toString(), form);
    expect(heard.at(-1)?.body).toEqual({ type: 'block_actions' });
    await send('{"type":"event_callback"}', {
      'x-slack-retry-num': '2',
      'x-slack-retry-reason': 'http_timeout',
    });
    expect(heard.at(-1)).toMatchObject({ retryNum: 2, retryReason: 'http_timeout' });
  });

  it('are not acknowledged when they could not be stored, nor taken when they cannot be read', async () => {
    expect((await send('{"fail":true}')).status).toBe(503);
    expect((await send('{')).status).toBe(400);
    expect(route.bodyLimitBytes).toBe(4 * 1024 * 1024);
  });
});
