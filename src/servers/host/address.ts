import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/** One address that a check may connect to; the connection goes there and nowhere else. */
export interface Target {
  readonly address: string;
  readonly family: 4 | 6;
}

/** A check was asked to reach an address that none may reach. */
export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError';

  constructor(host: string, address: string) {
    super(
      `Refused: ${host} is ${address}, a link-local or cloud metadata address, which checks never reach. Check another address.`,
    );
  }
}

/** What came of resolving a host name. */
export type Resolution =
  | { readonly type: 'target'; readonly target: Target }
  | { readonly type: 'unknown'; readonly why: string };

/**
 * Link-local networks, and the addresses at which clouds hand credentials to whoever asks:
 * AWS, Azure, Google, Oracle and most others 169.254.169.254; AWS fd00:ec2::/32; Alibaba
 * 100.100.100.200; Azure's host 168.63.129.16; Oracle 192.0.0.192; Google fd20:ce::254.
 */
function createForbidden(): BlockList {
  const list = new BlockList();
  list.addSubnet('169.254.0.0', 16, 'ipv4');
  for (const address of ['100.100.100.200', '168.63.129.16', '192.0.0.192']) list.addAddress(address, 'ipv4');
  list.addSubnet('fe80::', 10, 'ipv6');
  list.addSubnet('fd00:ec2::', 32, 'ipv6');
  list.addAddress('fd20:ce::254', 'ipv6');
  for (const embedded of ['a9fe:0', '6464:64c8', 'a83f:8110', 'c000:c0']) addTranslated(list, embedded);
  return list;
}

/** The same IPv4 networks behind NAT64 (RFC 6052), 6to4 (RFC 3056) and IPv4-compatible addresses. */
function addTranslated(list: BlockList, embedded: string): void {
  const isNetwork = embedded.endsWith(':0');
  list.addSubnet(`64:ff9b::${embedded}`, isNetwork ? 112 : 128, 'ipv6');
  list.addSubnet(`::${embedded}`, isNetwork ? 112 : 128, 'ipv6');
  list.addSubnet(`2002:${embedded}::`, isNetwork ? 32 : 48, 'ipv6');
}

const forbidden = createForbidden();

/** Whether an address is one that no check may reach, in whatever notation. */
export function isForbidden(address: string): boolean {
  const plain = address.replace(/%.*$/, '');
  return forbidden.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
}

/**
 * Resolves a host as programs on this machine do and picks one address. Throws `ForbiddenAddressError` if
 * any of its addresses is forbidden, so that a name cannot hide one behind a harmless one, or the
 * signal's reason.
 */
export async function resolveTarget(host: string, signal: AbortSignal): Promise<Resolution> {
  const name = host.replace(/^\[(.*)\]$/, '$1');
  const found = await Promise.race([lookUp(name), abortOf(signal)]);
  if (typeof found === 'string')
    return { type: 'unknown', why: `the name ${name} could not be resolved (${found})` };
  const hidden = found.find(({ address }) => isForbidden(address));
  if (hidden !== undefined) throw new ForbiddenAddressError(name, hidden.address);
  const first = found[0];
  if (first === undefined) return { type: 'unknown', why: `the name ${name} has no address` };
  return { type: 'target', target: { address: first.address, family: first.family === 6 ? 6 : 4 } };
}

/** All addresses, or the system's code for why there are none. */
function lookUp(
  name: string,
): Promise<readonly { readonly address: string; readonly family: number }[] | string> {
  return lookup(name, { all: true }).catch((error: NodeJS.ErrnoException) => error.code ?? error.message);
}

/** The system's resolver cannot be interrupted, but it need not be waited for. */
function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
