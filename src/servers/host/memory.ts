import { readFile } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { z } from 'zod';
import { formatBytes, hostTool, percent } from './tool.ts';

/** Memory and swap of the host. */
export const memory = hostTool({
  name: 'memory',
  title: 'Memory',
  description:
    'How much memory and swap the host that the bot runs on has, and how much of it is used and still available, in bytes. Also tells the memory limit of the container, if there is one.',
  usesNetwork: false,
  input: z.object({}),
  output: z.object({
    total_bytes: z.number(),
    available_bytes: z.number().describe('What programs can still get without swapping.'),
    used_bytes: z.number(),
    used_percent: z.number(),
    swap_total_bytes: z.number().optional(),
    swap_used_bytes: z.number().optional(),
    container_limit_bytes: z.number().optional(),
  }),
  run: async () => {
    const info = await readMeminfo();
    const total = totalmem();
    const available = info.get('MemAvailable') ?? freemem();
    const limit = process.constrainedMemory();
    const data = {
      total_bytes: total,
      available_bytes: available,
      used_bytes: total - available,
      used_percent: percent(total - available, total),
      ...swapOf(info),
      ...(limit > 0 && limit < total ? { container_limit_bytes: limit } : {}),
    };
    return { data, text: describe(data) };
  },
});

interface Memory {
  readonly total_bytes: number;
  readonly available_bytes: number;
  readonly used_bytes: number;
  readonly used_percent: number;
  readonly swap_total_bytes?: number;
  readonly swap_used_bytes?: number;
  readonly container_limit_bytes?: number;
}

function swapOf(info: ReadonlyMap<string, number>) {
  const total = info.get('SwapTotal');
  const free = info.get('SwapFree');
  return total === undefined || free === undefined
    ? {}
    : { swap_total_bytes: total, swap_used_bytes: total - free };
}

function describe(data: Memory): string {
  const memory = `Memory ${data.used_percent} % used: ${formatBytes(data.used_bytes)} of ${formatBytes(data.total_bytes)}, ${formatBytes(data.available_bytes)} available.`;
  const swap =
    data.swap_total_bytes === undefined || data.swap_used_bytes === undefined
      ? ''
      : ` Swap ${formatBytes(data.swap_used_bytes)} of ${formatBytes(data.swap_total_bytes)}.`;
  const limit =
    data.container_limit_bytes === undefined
      ? ''
      : ` The container may use ${formatBytes(data.container_limit_bytes)}.`;
  return memory + swap + limit;
}

/** `/proc/meminfo` in bytes (proc_meminfo(5)); empty where there is none. */
async function readMeminfo(): Promise<ReadonlyMap<string, number>> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const lines = [...text.matchAll(/^(\w+):\s+(\d+) kB$/gm)];
  return new Map(lines.map(([, name = '', kilobytes]) => [name, Number(kilobytes) * 1024]));
}
