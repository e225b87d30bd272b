import { describe, expect, it } from 'vitest';
import { callers, principalProblem } from '../../src/access/principals.ts';

describe('a principal', () => {
  it.each([
    'slack:T1:U1',
    'teams:8f1c:0a2b',
    'web:operator',
    'web:login.example.com:5',
    'token:admin',
    'token:0b5a3c1e-1111-4222-8333-444455556666',
    'group:sre',
    'group:SRE on call',
    'channel:slack:T1:C1',
    'channel:teams:8f1c:19%3Aabc@thread.tacv2',
    'tenant:slack:T1',
    'tenant:*',
  ])('may be %s', (principal) => {
    expect(principalProblem(principal)).toBeUndefined();
  });

  it.each([
    ['', 'begins with one of'],
    ['operator', 'begins with one of'],
    ['user:5', 'begins with one of'],
    ['slack:T1', 'slack:<team id>:<user id>'],
    ['slack:T1:', 'slack:<team id>:<user id>'],
    ['slack:T1:U1:x', 'slack:<team id>:<user id>'],
    ['web:a b', 'web:<id>'],
    ['token:1', 'token:<id>'],
    ['group:', 'group:<name>'],
    ['group: sre', 'group:<name>'],
    ['group:a\nb', 'group:<name>'],
    ['channel:C1', 'channel:slack:'],
    ['tenant:slack:*:x', 'tenant:*'],
    ['tenant:web:1', 'tenant:*'],
    [`group:${'x'.repeat(600)}`, 'at most 512'],
  ])('may not be %j', (principal, hint) => {
    expect(principalProblem(principal)).toContain(hint);
  });

  it('of an admin is a caller or a group', () => {
    expect(principalProblem('group:sre', callers)).toBeUndefined();
    expect(principalProblem('tenant:*', callers)).toContain('begins with one of slack:, teams:');
  });
});
