import { describe, expect, it } from 'vitest';
import { seenOf, together } from '../../src/access/claims.ts';
import { principalProblem } from '../../src/access/principals.ts';

const issuer = {
  url: 'https://login.example.com/realms/ops',
  clientId: 'bot',
  scopes: 'openid',
  groupsClaim: 'groups',
};

describe('an ID token and what the userinfo endpoint says', () => {
  const verified = { sub: 'u1', email: 'mallory@x', email_verified: true };

  it('never vouch together for an e-mail that neither vouches for', () => {
    const seen = seenOf(together({ sub: 'u1', email: 'admin@x' }, verified), issuer);
    expect(seen).toMatchObject({ email: 'admin@x', isVerified: false });
  });

  it.each([
    [{ sub: 'u1', email_verified: false }, verified, true],
    [{ sub: 'u1', email: 5, email_verified: false }, verified, true],
    [{ sub: 'u1', email_verified: true }, { sub: 'u1', email: 'mallory@x' }, false],
    [verified, { sub: 'u1', email: 'mallory@x', email_verified: false }, true],
  ])('%j with %j: verified is %s', (idToken, userInfo, isVerified) => {
    const seen = seenOf(together(idToken, userInfo), issuer);
    expect(seen).toMatchObject({ email: 'mallory@x', isVerified });
  });

  it('are one person, of whom the ID token is believed first', () => {
    const userInfo = { sub: 'u1', name: 'Info', preferred_username: 'ada', groups: ['sre'] };
    expect(seenOf(together({ sub: 'u1', name: 'Token' }, userInfo), issuer)).toMatchObject({
      author: { name: 'Token' },
      groups: ['sre'],
    });
    expect(seenOf(together({ sub: 'u1', name: 5 }, userInfo), issuer).author.name).toBe('Info');
  });
});

describe('the claims of an issuer', () => {
  it('make a principal of the issuer’s host and the encoded subject', () => {
    const principalOf = (sub: string) => seenOf({ sub }, issuer).author.principal;
    expect(principalOf('5')).toBe('web:login.example.com:5');
    expect(principalOf('auth0|a b/ü')).toBe('web:login.example.com:auth0%7Ca%20b%2F%C3%BC');
    for (const sub of ['operator', ':operator', '../operator', 'x'.repeat(255)]) {
      expect(principalOf(sub)).not.toBe('web:operator');
      expect(principalProblem(principalOf(sub))).toBeUndefined();
    }
  });

  it.each([
    [{ name: 'Ada', preferred_username: 'ada', email: 'a@x' }, 'Ada'],
    [{ name: ' ', preferred_username: 'ada', email: 'a@x' }, 'ada'],
    [{ name: 5, email: 'a@x' }, 'a@x'],
    [{}, 'u1'],
  ])('%j are of %s', (claims, name) => {
    expect(seenOf({ sub: 'u1', ...claims }, issuer).author.name).toBe(name);
  });

  it.each([
    [{ email: 'a@x', email_verified: true }, true],
    [{ email: 'a@x', email_verified: 'true' }, true],
    [{ email: 'a@x', email_verified: false }, false],
    [{ email: 'a@x', email_verified: 'false' }, false],
    [{ email: 'a@x', email_verified: 1 }, false],
    [{ email: 'a@x' }, false],
    [{ email_verified: true }, false],
  ])('%j: verified is %s', (claims, isVerified) => {
    expect(seenOf({ sub: 'u1', ...claims }, issuer).isVerified).toBe(isVerified);
  });

  it.each<[string, object, readonly string[]]>([
    ['groups', { groups: ['a', ' b ', 5, '', null] }, ['a', 'b']],
    ['groups', { groups: 'a' }, ['a']],
    ['groups', { groups: { a: 1 } }, []],
    ['groups', {}, []],
    ['https://x.example/roles', { 'https://x.example/roles': ['a'] }, ['a']],
    ['realm_access.roles', { realm_access: { roles: ['a'] } }, ['a']],
    ['realm_access.roles', { realm_access: 'a' }, []],
    ['constructor.name', {}, []],
  ])('%s of %j are the groups %j', (groupsClaim, claims, groups) => {
    expect(seenOf({ sub: 'u1', ...claims }, { ...issuer, groupsClaim }).groups).toEqual(groups);
  });

  it('without a subject are nobody', () => {
    expect(() => seenOf({ name: 'Ada' }, issuer)).toThrow();
    expect(() => seenOf({ sub: '' }, issuer)).toThrow();
  });
});
