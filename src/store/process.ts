import { readFile } from 'node:fs/promises';

/**
 * When a process started, in clock ticks since boot: with the pid it names a process for good, even
 * when pids are used again. Read from /proc/<pid>/stat (Linux, proc_pid_stat(5), field 22); where
 * there is no /proc, an empty string for a live process. Undefined when it does not run; a process that
 * has ended and that its parent has not noticed yet does not.
 */
export async function processStartTime(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields !== undefined) return hasEnded.has(fields[0] ?? '') ? undefined : fields[19];
  return process.platform !== 'linux' && isRunning(pid) ? '' : undefined;
}

/** Zombie and dead: field 3, the state. */
const hasEnded: ReadonlySet<string> = new Set(['Z', 'X', 'x']);

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
