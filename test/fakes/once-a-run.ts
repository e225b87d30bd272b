import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';

/**
 * A folder that all suites of a run share and only read: the first to ask has it made, in a draft that
 * `make` may create, and the others wait. It goes when the run ends.
 */
export async function madeOnce(name: string, make: (draft: string) => Promise<void>): Promise<string> {
  const made = join(inject('sharedDir'), name);
  while (!existsSync(made)) {
    if (!(await makeAlone(made, make))) await sleep(50);
  }
  return made;
}

/** Whether it was this one's turn to make it. */
async function makeAlone(made: string, make: (draft: string) => Promise<void>): Promise<boolean> {
  const turn = `${made}.turn`;
  const isMine = await mkdir(turn).then(
    () => true,
    () => false,
  );
  if (!isMine) return false;
  try {
    if (existsSync(made)) return true;
    const draft = `${made}.${randomUUID()}`;
    await make(draft);
    await rename(draft, made);
    return true;
  } finally {
    await rm(turn, { recursive: true });
  }
}
