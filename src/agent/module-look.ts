import { Worker } from 'node:worker_threads';

/** Until the thread is there, on a machine that is busy. */
const startMs = 15_000;
const readMs = 10_000;
const memoryMb = 256;

/** What the thread says: that it is there; that the module was read; or what it threw. */
export type Looked = 'ready' | 'read' | { readonly problem: string };

/**
 * Reads a module in a thread of its own, without any variable of the environment. What is wrong with what
 * stands at its top, as a sentence; undefined: nothing is. Never rejects.
 */
export async function problemAtTop(url: string): Promise<string | undefined> {
  const worker = new Worker(new URL('./module-look-worker.ts', import.meta.url), {
    execArgv: [],
    env: {},
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  });
  try {
    return await answerOf(worker, url);
  } finally {
    void worker.terminate();
  }
}

function answerOf(worker: Worker, url: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const notReady = () => resolve('The machine was too busy to read it.');
    let timer = setTimeout(notReady, startMs);
    const end = (problem: string | undefined) => {
      clearTimeout(timer);
      resolve(problem);
    };
    worker.on('error', (error: unknown) => end(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => end(exitProblem(code)));
    worker.on('message', (said: Looked) => {
      if (said !== 'ready') return end(said === 'read' ? undefined : said.problem);
      clearTimeout(timer);
      timer = setTimeout(() => end(`It was not read within ${readMs / 1000} s.`), readMs);
      worker.postMessage(url);
    });
  });
}

/** A thread whose module awaits what nothing can bring ends by itself, with 0 or 13. */
function exitProblem(code: number): string {
  return code === 0 || code === 13
    ? 'It ends the process at its top, or awaits there what never comes.'
    : `It ends the process at its top (exit code ${code}).`;
}
