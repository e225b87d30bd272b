import { Worker } from 'node:worker_threads';
import type { Misfit } from './schema-check.ts';
import type { Checking } from './schema-check-job.ts';

const checkMs = 3000;
/** Until the thread is there, on a machine that is busy. */
const startMs = 15_000;
const memoryMb = 128;

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
  const worker = new Worker(new URL('./schema-check-worker.ts', import.meta.url), {
    execArgv: [],
    env: {},
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  });
  try {
    return await answerOf(worker, job);
  } finally {
    void worker.terminate();
  }
}

function answerOf(worker: Worker, job: Checking): Promise<readonly Misfit[]> {
  return new Promise((resolve) => {
    const giveUp = () => resolve([tooLong]);
    let timer = setTimeout(giveUp, startMs);
    const end = (misfits: readonly Misfit[]) => {
      clearTimeout(timer);
      resolve(misfits);
    };
    worker.on('error', () => end([tooLong]));
    worker.on('exit', () => end([tooLong]));
    worker.on('message', (said: 'ready' | readonly Misfit[]) => {
      if (said !== 'ready') return end(said);
      clearTimeout(timer);
      timer = setTimeout(giveUp, checkMs);
      worker.postMessage(job);
    });
  });
}
