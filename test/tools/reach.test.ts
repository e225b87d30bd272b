import { expect, test } from 'vitest';
import { addressProblem } from '../../src/tools/reach.ts';

test.each([
  '127.0.0.1',
  '10.255.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '::1',
  '::',
  '::ffff:10.0.0.1',
  '::7f00:1',
  '64:ff9b::a00:1',
  '64:ff9b:1::1',
  '2002:a00:1::',
  'fc00::1',
  'fdff::1',
  'ff02::1',
])('%s is for internal servers only', (address) => {
  expect(addressProblem(address, 'external')).toContain('a private address');
  expect(addressProblem(address, 'internal')).toBeUndefined();
});

test.each([
  '169.254.0.1',
  '169.254.169.254',
  '100.100.100.200',
  'fe80::1%eth0',
  'fd00:ec2::254',
  '::ffff:a9fe:a9fe',
])('%s is for nobody', (address) => {
  expect(addressProblem(address, 'internal')).toContain('never reached');
  expect(addressProblem(address, 'external')).toContain('never reached');
});

test.each([
  '1.1.1.1',
  '172.32.0.1',
  '172.15.255.255',
  '100.128.0.1',
  '11.0.0.1',
  '2606:4700::1111',
  '64:ff9b::101:101',
])('%s is for all', (address) => {
  expect(addressProblem(address, 'external')).toBeUndefined();
});
