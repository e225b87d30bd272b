import { readFile } from 'node:fs/promises';
import { networkInterfaces as addressesByName } from 'node:os';
import { z } from 'zod';
import { formatBytes, hostTool } from './tool.ts';

const counters = z.object({
  received_bytes: z.number(),
  sent_bytes: z.number(),
  receive_errors: z.number(),
  send_errors: z.number(),
  receive_dropped: z.number(),
  send_dropped: z.number(),
});

const networkInterface = z.object({
  name: z.string(),
  state: z.string().describe('up, down or unknown.'),
  internal: z.boolean(),
  mac: z.string(),
  addresses: z.array(z.string()).describe('In CIDR notation.'),
  counters: counters.optional().describe('Since the interface came up.'),
});

type NetworkInterface = z.output<typeof networkInterface>;

/** Interfaces with addresses, state and traffic. */
export const networkInterfaces = hostTool({
  name: 'network_interfaces',
  title: 'Network interfaces',
  description:
    'The network interfaces of the host that the bot runs on: state, MAC and IP addresses, and on Linux the bytes, errors and drops counted so far.',
  usesNetwork: false,
  input: z.object({}),
  output: z.object({ interfaces: z.array(networkInterface) }),
  run: async () => {
    const names = Object.entries(addressesByName());
    const interfaces = await Promise.all(names.map(([name, addresses = []]) => inspect(name, addresses)));
    return {
      data: { interfaces },
      text: interfaces.map(describe).join('\n') || 'There are no network interfaces.',
    };
  },
});

type Addresses = NonNullable<ReturnType<typeof addressesByName>[string]>;

async function inspect(name: string, addresses: Addresses): Promise<NetworkInterface> {
  const [state, counted] = await Promise.all([readValue(name, 'operstate'), readCounters(name)]);
  return {
    name,
    state: state ?? 'unknown',
    internal: addresses.every((address) => address.internal),
    mac: addresses[0]?.mac ?? '',
    addresses: addresses.map((address) => address.cidr ?? address.address),
    ...(counted === undefined ? {} : { counters: counted }),
  };
}

function describe(item: NetworkInterface): string {
  const traffic =
    item.counters === undefined
      ? ''
      : `, received ${formatBytes(item.counters.received_bytes)}, sent ${formatBytes(item.counters.sent_bytes)}, ${item.counters.receive_errors + item.counters.send_errors} errors`;
  return `${item.name} (${item.state}): ${item.addresses.join(', ')}${traffic}`;
}

async function readCounters(name: string): Promise<z.output<typeof counters> | undefined> {
  const read = async (counter: string) => Number(await readValue(name, `statistics/${counter}`));
  const names = ['rx_bytes', 'tx_bytes', 'rx_errors', 'tx_errors', 'rx_dropped', 'tx_dropped'];
  const [rx = 0, tx = 0, rxErrors = 0, txErrors = 0, rxDropped = 0, txDropped = 0] = await Promise.all(
    names.map(read),
  );
  if (Number.isNaN(rx)) return undefined;
  return {
    received_bytes: rx,
    sent_bytes: tx,
    receive_errors: rxErrors,
    send_errors: txErrors,
    receive_dropped: rxDropped,
    send_dropped: txDropped,
  };
}

/** A value of `/sys/class/net/<name>`; undefined where there is none, as outside Linux. */
async function readValue(name: string, path: string): Promise<string | undefined> {
  const text = await readFile(`/sys/class/net/${encodeURIComponent(name)}/${path}`, 'utf8').catch(
    () => undefined,
  );
  return text?.trim();
}
