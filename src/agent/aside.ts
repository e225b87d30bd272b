import { Worker } from 'node:worker_threads';

/** Until the thread is there, on a machine that is busy. */
const startMs = 15_000;

/** What a thread made of its job, or why it made nothing of it: `late` when it took longer than it might. */
export type Aside<Answer> =
  | { readonly type: 'answered'; readonly answer: Answer }
  | { readonly type: 'not-ready' | 'late' }
  | { readonly type: 'failed'; readonly error: unknown }
  | { readonly type: 'exited'; readonly code: number };

export interface AsideLimits {
  /** From when the thread is there. */
  readonly ms: number;
  readonly memoryMb: number;
}

/**
 * Gives one job to a thread of its own, without any variable of the environment, and ends it. The thread says
 * `ready` once it is there, and then its answer. Never rejects.
 */
export async function aside<Answer>(url: URL, job: unknown, limits: AsideLimits): Promise<Aside<Answer>> {
  const worker = new Worker(url, {
    execArgv: [],
    env: {},
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: limits.memoryMb },
  });
  try {
    return await answerOf<Answer>(worker, job, limits.ms);
  } finally {
    void worker.terminate();
  }
}

function answerOf<Answer>(worker: Worker, job: unknown, ms: number): Promise<Aside<Answer>> {
  return new Promise((resolve) => {
    let timer = setTimeout(() => resolve({ type: 'not-ready' }), startMs);
    const end = (how: Aside<Answer>) => {
      clearTimeout(timer);
      resolve(how);
    };
    worker.on('error', (error: unknown) => end({ type: 'failed', error }));
    worker.on('exit', (code) => end({ type: 'exited', code }));
    worker.on('message', (said: 'ready' | Answer) => {
      if (said !== 'ready') return end({ type: 'answered', answer: said });
      clearTimeout(timer);
      timer = setTimeout(() => end({ type: 'late' }), ms);
      worker.postMessage(job);
    });
  });
}
