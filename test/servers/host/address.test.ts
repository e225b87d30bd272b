import { expect, test } from 'vitest';
import { ForbiddenAddressError, isForbidden, resolveTarget } from '../../../src/servers/host/address.ts';

const signal = AbortSignal.timeout(20_000);

test.each([
  '169.254.169.254',
  '169.254.0.1',
  '169.254.255.255',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fe80::1',
  'fe80::1%eth0',
  'febf::1',
  'fd00:ec2::254',
  'fd20:ce::254',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b::6464:64c8',
  '2002:a9fe:a9fe::1',
  '::a9fe:a9fe',
])('%s is forbidden', (address) => {
  expect(isForbidden(address)).toBe(true);
});

test.each([
  '127.0.0.1',
  '10.0.0.1',
  '192.168.1.1',
  '172.16.0.1',
  '169.253.255.255',
  '170.0.0.1',
  '100.100.100.201',
  '::1',
  'fd00::1',
  'fec0::1',
  '2002:a9ff::1',
])('%s is allowed', (address) => {
  expect(isForbidden(address)).toBe(false);
});

test.each(['169.254.169.254', '[fe80::1]', '0xa9fea9fe', '2852039166', '0251.0376.0251.0376'])(
  'a host written as %s is judged by the address that it stands for',
  async (host) => {
    await expect(resolveTarget(host, signal)).rejects.toThrow(ForbiddenAddressError);
  },
);

test('a name is resolved to an address; an unknown one says so', async () => {
  expect(await resolveTarget('localhost', signal)).toMatchObject({ type: 'target' });
  expect(await resolveTarget('no-such-name.invalid', signal)).toMatchObject({ type: 'unknown' });
});
