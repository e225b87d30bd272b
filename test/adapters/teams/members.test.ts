import { expect, it } from 'vitest';
import { memberOf } from '../../../adapters/teams/directory.ts';

const told = { name: 'Alice', aadObjectId: 'AAAA', email: 'alice@example.com' };

it.each([
  [true, 'a user of this tenant', { tenantId: 'T1', userRole: 'user' }],
  [true, 'a user whose tenant is not said', { userRole: 'user' }],
  [true, 'somebody of this tenant whose role is not said', { tenantId: 't1' }],
  [false, 'somebody of whom neither is said', {}],
  [false, 'a guest', { tenantId: 't1', userRole: 'guest' }],
  [false, 'somebody of another tenant', { tenantId: 't2', userRole: 'user' }],
  [
    false,
    'somebody with a name of another organisation',
    { userRole: 'user', userPrincipalName: 'a_b.c#EXT#@t1' },
  ],
])('is a member of the organisation (%s): %s', (isMember, _who, more) => {
  expect(memberOf('t1', { ...told, ...more })).toMatchObject({ aadObjectId: 'aaaa', isMember });
});
