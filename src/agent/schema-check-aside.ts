import { aside } from './aside.ts';
import type { Misfit } from './schema-check.ts';
import type { Checking } from './schema-check-job.ts';

const limits = { ms: 3000, memoryMb: 128 } as const;

const tooLong: Misfit = {
  path: [],
  sentence: 'This could not be checked in time. Write less, or approve or deny it as it is.',
};

/**
 * What does not fit, found in a thread of its own: schemas come from servers, and what people write may keep a
 * check busy for minutes. What is not checked in time, or in its memory, does not fit. Never throws.
 */
export async function misfitsAside(job: Checking): Promise<readonly Misfit[]> {
  if (job.schemas.length === 0) return [];
  const thread = new URL('./schema-check-worker.ts', import.meta.url);
  const said = await aside<readonly Misfit[]>(thread, job, limits);
  return said.type === 'answered' ? said.answer : [tooLong];
}
