import { readFileSync } from 'node:fs';

/** What identifies a process and its group for as long as the machine runs. */
export interface ProcessStat {
  /** Clock ticks since boot; together with the pid it names one process for ever. */
  readonly startTime: number;
  readonly group: number;
  readonly session: number;
}

/**
 * Reads `/proc/<pid>/stat` (proc_pid_stat(5)). Undefined when there is no such process, when it is
 * dead and only waits to be collected, or when the system has no `/proc`.
 */
export function readProcess(pid: number): ProcessStat | undefined {
  const text = readText(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The command's name is in parentheses and may itself hold blanks and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return { group: Number(fields[2]), session: Number(fields[3]), startTime: Number(fields[19]) };
}

/** When a process started, in clock ticks since boot. Undefined as for `readProcess`. */
export function processStartTime(pid: number): number | undefined {
  return readProcess(pid)?.startTime;
}

/** Whether a process with this id exists; says nothing on whether it is the same one as before. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isErrno(error) && error.code === 'EPERM';
  }
}

/**
 * Whether the process that had this id and start time still runs. Without a start time (no `/proc`,
 * so not Linux) liveness alone decides.
 */
export function isSameProcess(pid: number, startTime: number | undefined): boolean {
  return startTime === undefined ? isAlive(pid) : processStartTime(pid) === startTime;
}

/** The text of a small file, or undefined when it cannot be read. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function isErrno(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}
