import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { z } from 'zod';
import { hostTool } from './tool.ts';

const recordTypes = ['ADDRESS', 'A', 'AAAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT'] as const;
type RecordType = (typeof recordTypes)[number];

const timeoutMs = 3_000;
/** Answers of a resolver that mean: there is nothing. */
const nothingCodes = new Set(['ENOTFOUND', 'ENODATA', 'NXDOMAIN']);

/** DNS records of a name. */
export const dnsLookup = hostTool({
  name: 'dns_lookup',
  title: 'DNS lookup',
  description:
    "Looks up a name. ADDRESS resolves it as programs on the bot's host do, hosts file included; the other types ask the configured DNS servers. PTR takes an IP address.",
  usesNetwork: true,
  input: z.object({
    name: z.string().min(1).max(253).describe('Host name, or an IP address for PTR.'),
    type: z.enum(recordTypes).default('ADDRESS'),
  }),
  output: z.object({
    found: z.boolean(),
    records: z.array(z.string()),
    servers: z.array(z.string()).describe('The DNS servers that are configured.'),
    duration_ms: z.number(),
  }),
  run: async ({ name, type }, signal) => {
    if (type === 'PTR' && isIP(name) === 0)
      throw new Error(`${name} is not an IP address; PTR looks up the name of an address.`);
    const resolver = new Resolver({ timeout: timeoutMs, tries: 2 });
    signal.addEventListener('abort', () => resolver.cancel(), { once: true });
    const startedAt = performance.now();
    const records = await query(resolver, name, type);
    const duration = Math.round(performance.now() - startedAt);
    const data = {
      found: records.length > 0,
      records: [...records],
      servers: resolver.getServers(),
      duration_ms: duration,
    };
    const what = type === 'ADDRESS' ? 'address' : `${type} record`;
    const text = data.found ? `${name}: ${records.join(', ')} (${duration} ms).` : `${name} has no ${what}.`;
    return { data, text };
  },
});

async function query(resolver: Resolver, name: string, type: RecordType): Promise<readonly string[]> {
  try {
    return await ask[type](resolver, name);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if (nothingCodes.has(code)) return [];
    throw new Error(
      `The lookup of ${name} failed (${code}); check the name, and that the DNS servers of the host answer.`,
    );
  }
}

const ask: Readonly<Record<RecordType, (resolver: Resolver, name: string) => Promise<readonly string[]>>> = {
  ADDRESS: async (_resolver, name) => (await lookup(name, { all: true })).map(({ address }) => address),
  A: (resolver, name) => resolver.resolve4(name),
  AAAA: (resolver, name) => resolver.resolve6(name),
  CNAME: (resolver, name) => resolver.resolveCname(name),
  MX: async (resolver, name) => (await resolver.resolveMx(name)).map((mx) => `${mx.priority} ${mx.exchange}`),
  NS: (resolver, name) => resolver.resolveNs(name),
  PTR: (resolver, name) => resolver.reverse(name),
  SOA: async (resolver, name) => {
    const soa = await resolver.resolveSoa(name);
    return [
      `${soa.nsname} ${soa.hostmaster} ${soa.serial} ${soa.refresh} ${soa.retry} ${soa.expire} ${soa.minttl}`,
    ];
  },
  SRV: async (resolver, name) =>
    (await resolver.resolveSrv(name)).map((srv) => `${srv.priority} ${srv.weight} ${srv.port} ${srv.name}`),
  TXT: async (resolver, name) => (await resolver.resolveTxt(name)).map((parts) => parts.join('')),
};
