/** Signals a whole process group. False: nothing of it is left, or it is not ours to signal. */
export function killGroup(group: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}
