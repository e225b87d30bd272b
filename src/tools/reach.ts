import { BlockList, isIP } from 'node:net';
import { isForbidden } from '../servers/host/address.ts';
import type { Reach } from './port.ts';

/** Networks that are no place for a server outside: IANA's special-purpose registries (RFC 6890), less what is global. */
const privateV4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const;

/** `::/96` holds loopback; the rest of these can carry a private IPv4 address inside. */
const privateV6 = [
  ['::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fec0::', 10],
  ['ff00::', 8],
] as const;

/**
 * Why a server of this reach may not have this address; undefined when it may. Link-local and cloud
 * metadata addresses are for nobody; loopback and private ones for internal servers only.
 */
export function addressProblem(address: string, reach: Reach): string | undefined {
  const plain = address.replace(/%.*$/, '');
  if (isForbidden(plain)) return 'a link-local or cloud metadata address, which is never reached';
  const isPrivate = privateNetworks.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
  return reach === 'external' && isPrivate
    ? 'a private address, which an external server may not have; set its type to internal, or correct its URL'
    : undefined;
}

const privateNetworks = createPrivate();

function createPrivate(): BlockList {
  const list = new BlockList();
  for (const [network, bits] of privateV4) {
    list.addSubnet(network, bits, 'ipv4');
    // The same network behind NAT64 (RFC 6052).
    list.addSubnet(`64:ff9b::${network}`, 96 + bits, 'ipv6');
  }
  for (const [network, bits] of privateV6) list.addSubnet(network, bits, 'ipv6');
  return list;
}
