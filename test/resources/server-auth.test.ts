import { describe, expect, it } from 'vitest';
import { authErrors, authFields } from '../../src/resources/server-auth.ts';
import { fakeWorld } from '../fakes/world.ts';

const initial = Object.fromEntries(Object.entries(authFields).map(([name, field]) => [name, field.initial]));
const http = { ...initial, protocol: 'http', mcp_type: 'external', headers: {} };
const errorsOf = (values: object) => authErrors({ ...http, ...values }, fakeWorld());

describe('how a server learns who we are', () => {
  it.each([
    {},
    { protocol: 'stdio' },
    { auth: 'oauth_bot' },
    { auth: 'oauth_user', oauth_issuer: 'https://login.example.com', oauth_scopes: 'read write' },
    { auth: 'client_credentials', oauth_client_id: 'me', oauth_client_secret: 'env:MY_SECRET' },
    { auth: 'client_credentials', oauth_client_id: 'me', oauth_private_key: 'file:key.pem' },
  ])('may be %o', (values) => {
    expect(errorsOf(values)).toEqual({});
  });

  it.each([
    [{ protocol: 'stdio', auth: 'oauth_bot' }, 'auth', 'Only http servers'],
    [
      { auth: 'oauth_bot', headers: { Authorization: 'Bearer env:X_TOKEN' } },
      'headers',
      'leave Authorization out',
    ],
    [{ auth: 'client_credentials', oauth_client_secret: 'env:MY_SECRET' }, 'oauth_client_id', 'need the id'],
    [{ auth: 'client_credentials', oauth_client_id: 'me' }, 'oauth_client_secret', 'need a client secret'],
    [{ auth: 'oauth_user', oauth_client_secret: 'env:MY_SECRET' }, 'oauth_client_id', 'which client'],
    [
      {
        auth: 'oauth_bot',
        oauth_client_id: 'me',
        oauth_client_secret: 'env:A_KEY',
        oauth_private_key: 'env:B_KEY',
      },
      'oauth_private_key',
      'not both',
    ],
    [{ auth: 'oauth_bot', oauth_issuer: 'http://login.example.com' }, 'oauth_issuer', 'by https'],
  ])('may not be %o', (values, field, sentence) => {
    const errors = errorsOf(values);
    expect(Object.keys(errors)).toEqual([field]);
    expect(errors[field]?.[0]).toContain(sentence);
  });

  it('needs a key for what it stores', () => {
    const signIns = { ...fakeWorld().signIns, refusal: () => 'Set AI_OPS_ENCRYPTION_KEY.' };
    expect(authErrors({ ...http, auth: 'oauth_bot' }, { signIns })).toEqual({
      auth: ['Set AI_OPS_ENCRYPTION_KEY.'],
    });
    expect(authErrors(http, { signIns })).toEqual({});
  });

  it.each(['env:MY_SECRET', 'file:key.pem', 'vault:kv/mcp#secret', ''])(
    'takes %j for a secret',
    (reference) => {
      expect(authFields.oauth_client_secret?.schema.safeParse(reference).success).toBe(true);
    },
  );

  it.each(['MY_SECRET', 'env:AI_OPS_ADMIN_TOKEN', 'hunter2 and more'])('does not take %j', (reference) => {
    expect(authFields.oauth_client_secret?.schema.safeParse(reference).success).toBe(false);
  });
});
