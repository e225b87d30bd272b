import { type MessagePort, workerData } from 'node:worker_threads';
import { doJob, type PatternJob } from './pattern-job.ts';

/** A thread of its own, which may be ended while it looks: answers one job after another, and wakes who waits. */
function answerJobs({ port, bell }: { readonly port: MessagePort; readonly bell: Int32Array }): void {
  const say = (found: unknown) => {
    port.postMessage({ found });
    Atomics.store(bell, 0, 1);
    Atomics.notify(bell, 0);
  };
  port.on('message', (job: PatternJob) => say(doJob(job)));
  say('ready');
}

answerJobs(workerData);
