import { readFile } from 'node:fs/promises';

/**
 * When a process started, in clock ticks since boot: with the pid it names a process for good, even
 * when pids are used again. Read from /proc/<pid>/stat (Linux, proc_pid_stat(5), field 22); where
 * there is no /proc, an empty string for a live process. Undefined when it does not run.
 */
export async function processStartTime(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat !== undefined) return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return process.platform !== 'linux' && isRunning(pid) ? '' : undefined;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
