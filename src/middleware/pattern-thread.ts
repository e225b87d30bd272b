import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { Found, PatternJob } from './pattern-job.ts';

/** Until the thread is there, on a machine that is busy. */
const startMs = 15_000;
const memoryMb = 512;

/** A thread that looks for regular expressions, one job at a time. */
export interface PatternThread {
  /** Waits, with all that this process does, for so long at most. Undefined: it took longer, and the thread is gone. */
  atOnce<Type extends PatternJob['type']>(
    job: Extract<PatternJob, { type: Type }>,
    ms: number,
  ): { readonly found: Found<Type> } | undefined;
  /** The same, while everything else goes on. */
  soon<Type extends PatternJob['type']>(
    job: Extract<PatternJob, { type: Type }>,
    ms: number,
  ): Promise<{ readonly found: Found<Type> } | undefined>;
  close(): void;
}

/** Opens one. It keeps no process alive. */
export function openPatternThread(): PatternThread {
  const bell = new Int32Array(new SharedArrayBuffer(4));
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(new URL('./pattern-worker.ts', import.meta.url), {
    workerData: { port: port2, bell },
    transferList: [port2],
    execArgv: [],
    env: {},
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  });
  const ended = new Promise<'timed-out'>((resolve) => worker.once('exit', () => resolve('timed-out')));
  let isThere = false;
  worker.unref();
  // What ends it is seen by who waits for an answer, and gets none.
  worker.on('error', () => undefined);

  function close(): void {
    port1.close();
    void worker.terminate();
  }

  /** The next thing that it says, waited for in a way that `wait` knows. */
  function next<T>(how: string): { readonly found: T } | undefined {
    const said: { readonly found: T } | undefined =
      how === 'timed-out' ? undefined : receiveMessageOnPort(port1)?.message;
    Atomics.store(bell, 0, 0);
    if (said === undefined) close();
    return said;
  }

  const hear = <T>(ms: number) => next<T>(Atomics.wait(bell, 0, 0, ms));
  const hearSoon = async <T>(ms: number) => {
    const waiting = Atomics.waitAsync(bell, 0, 0, ms);
    return next<T>(waiting.async ? await Promise.race([waiting.value, ended]) : waiting.value);
  };

  return {
    atOnce(job, ms) {
      if (!isThere && hear(startMs) === undefined) return undefined;
      isThere = true;
      port1.postMessage(job);
      return hear(ms);
    },
    async soon(job, ms) {
      if (!isThere && (await hearSoon(startMs)) === undefined) return undefined;
      isThere = true;
      port1.postMessage(job);
      return await hearSoon(ms);
    },
    close,
  };
}
