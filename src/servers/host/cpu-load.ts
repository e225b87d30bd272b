import { availableParallelism, cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { hostTool, percent } from './tool.ts';

/** Load averages and the utilisation of each core over a short sample. */
export const cpuLoad = hostTool({
  name: 'cpu_load',
  title: 'CPU load',
  description:
    'How busy the CPUs of the host that the bot runs on are: load averages over 1, 5 and 15 minutes, and utilisation in percent measured over a short sample.',
  usesNetwork: false,
  input: z.object({
    sample_ms: z
      .number()
      .int()
      .min(100)
      .max(5000)
      .default(250)
      .describe('How long to measure, in milliseconds.'),
  }),
  output: z.object({
    model: z.string(),
    cores: z.number().describe('Logical CPUs of the host.'),
    usable_cores: z.number().describe('How many of them this process may use.'),
    load_average: z.object({ one: z.number(), five: z.number(), fifteen: z.number() }),
    utilisation_percent: z.number().describe('All cores together, 0 to 100.'),
    per_core_percent: z.array(z.number()),
    sample_ms: z.number(),
  }),
  run: async ({ sample_ms }, signal) => {
    const before = cpus();
    await sleep(sample_ms, undefined, { signal });
    const after = cpus();
    const perCore = after.map((cpu, index) => busyShare(before[index]?.times, cpu.times));
    const mean = perCore.reduce((sum, share) => sum + share, 0) / Math.max(1, perCore.length);
    const [one = 0, five = 0, fifteen = 0] = loadavg().map((load) => Math.round(load * 100) / 100);
    const data = {
      model: after[0]?.model ?? 'unknown',
      cores: after.length,
      usable_cores: availableParallelism(),
      load_average: { one, five, fifteen },
      utilisation_percent: Math.round(mean * 10) / 10,
      per_core_percent: perCore,
      sample_ms,
    };
    const text = `CPU ${data.utilisation_percent} % busy over ${sample_ms} ms on ${data.cores} cores; load average ${one} (1 min), ${five} (5 min), ${fifteen} (15 min).`;
    return { data, text };
  },
});

type Times = ReturnType<typeof cpus>[number]['times'];

function busyShare(before: Times | undefined, after: Times): number {
  if (before === undefined) return 0;
  const total = sum(after) - sum(before);
  return percent(total - (after.idle - before.idle), total);
}

function sum(times: Times): number {
  return times.user + times.nice + times.sys + times.idle + times.irq;
}
