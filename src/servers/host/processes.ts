import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { formatBytes, hostTool } from './tool.ts';

const processSchema = z.object({
  pid: z.number(),
  parent_pid: z.number(),
  name: z.string(),
  user: z.string(),
  state: z.string(),
  cpu_percent: z.number().describe('100 is one core fully used.'),
  memory_bytes: z.number().describe('Resident memory.'),
});

type ProcessInfo = z.output<typeof processSchema>;

/** The busiest processes. Only their names are told: command lines hold passwords. */
export const processes = hostTool({
  name: 'processes',
  title: 'Processes',
  description:
    'The processes of the host that the bot runs on that use the most CPU or memory, with pid, name, user, state, CPU percent measured over a short sample, and resident memory. Command-line arguments are never shown.',
  usesNetwork: false,
  input: z.object({
    sort_by: z.enum(['cpu', 'memory']).default('cpu').describe('Which use to rank by.'),
    limit: z.number().int().min(1).max(100).default(10).describe('How many processes to return.'),
    name: z.string().optional().describe('Only processes whose name contains this text, in any case.'),
  }),
  output: z.object({ total: z.number().describe('How many matched.'), processes: z.array(processSchema) }),
  run: async ({ sort_by, limit, name = '' }, signal) => {
    const all = process.platform === 'linux' ? await readAll(signal) : await readBySystemInformation();
    const matching = all.filter((item) => item.name.toLowerCase().includes(name.toLowerCase()));
    const key = sort_by === 'cpu' ? 'cpu_percent' : 'memory_bytes';
    const top = matching.toSorted((a, b) => b[key] - a[key] || a.pid - b.pid).slice(0, limit);
    const lines = top.map(
      (item) =>
        `${item.pid} ${item.name} (${item.user}): ${item.cpu_percent} % CPU, ${formatBytes(item.memory_bytes)}`,
    );
    const heading = `${matching.length} processes${name === '' ? '' : ` named like ${JSON.stringify(name)}`}; top ${top.length} by ${sort_by}:`;
    return { data: { total: matching.length, processes: top }, text: [heading, ...lines].join('\n') };
  },
});

const sampleMs = 250;
/** Linux counts a process's CPU time in hundredths of a second towards user space (USER_HZ, time(7)). */
const ticksPerSecond = 100;

interface Sample {
  readonly name: string;
  readonly state: string;
  readonly parent: number;
  readonly ticks: number;
}

async function readAll(signal: AbortSignal): Promise<readonly ProcessInfo[]> {
  const startedAt = performance.now();
  const before = await sampleAll();
  await sleep(sampleMs, undefined, { signal });
  const [after, users] = await Promise.all([sampleAll(), readUsers()]);
  const seconds = (performance.now() - startedAt) / 1000;
  const rows = [...after].map(async ([pid, sample]) => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => undefined);
    if (status === undefined) return [];
    const ticks = Math.max(0, sample.ticks - (before.get(pid)?.ticks ?? sample.ticks));
    const uid = /^Uid:\s+(\d+)/m.exec(status)?.[1] ?? '';
    return [
      {
        pid,
        parent_pid: sample.parent,
        name: sample.name,
        user: users.get(uid) ?? uid,
        state: sample.state,
        cpu_percent: Math.round((ticks / ticksPerSecond / seconds) * 1000) / 10,
        memory_bytes: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024,
      },
    ];
  });
  return (await Promise.all(rows)).flat();
}

async function sampleAll(): Promise<ReadonlyMap<number, Sample>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const samples = await Promise.all(pids.map(async (pid) => [pid, await sampleOne(pid)] as const));
  return new Map(samples.flatMap(([pid, sample]) => (sample === undefined ? [] : [[pid, sample] as const])));
}

/** `/proc/<pid>/stat` (proc_pid_stat(5)): the name stands in parentheses and may hold any character. */
async function sampleOne(pid: number): Promise<Sample | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  return {
    name: text.slice(text.indexOf('(') + 1, end),
    state: stateNames[fields[0] ?? ''] ?? 'other',
    parent: Number(fields[1]),
    ticks: Number(fields[11]) + Number(fields[12]),
  };
}

const stateNames: Readonly<Record<string, string>> = {
  R: 'running',
  S: 'sleeping',
  D: 'waiting for disk',
  Z: 'zombie',
  T: 'stopped',
  t: 'traced',
  I: 'idle',
};

async function readUsers(): Promise<ReadonlyMap<string, string>> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return new Map(
    text
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name = '', , uid = '']) => [uid, name]),
  );
}

async function readBySystemInformation(): Promise<readonly ProcessInfo[]> {
  const system = await import('systeminformation');
  const { list } = await system.processes();
  return list.map((item) => ({
    pid: item.pid,
    parent_pid: item.parentPid,
    name: item.name,
    user: item.user,
    state: item.state,
    cpu_percent: Math.round(item.cpu * 10) / 10,
    memory_bytes: item.memRss * 1024,
  }));
}
