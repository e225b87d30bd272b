import { statfs } from 'node:fs/promises';
import { availableParallelism, loadavg, totalmem } from 'node:os';
import type { ReportFacts } from '../schedules/facts/port.ts';

/** How the machine stands that this process runs on, within the memory that it is allowed. */
export async function hostFacts(dataDir: string): Promise<ReportFacts['host']> {
  const allowed = process.constrainedMemory();
  const memory = allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
  const disk = await statfs(dataDir).catch(() => ({ blocks: 0, bavail: 0 }));
  return {
    memoryUsed: Math.min(1, Math.max(0, 1 - process.availableMemory() / memory)),
    diskUsed: disk.blocks === 0 ? 0 : 1 - disk.bavail / disk.blocks,
    loadPerCore: (loadavg()[0] ?? 0) / availableParallelism(),
  };
}
