import { parentPort } from 'node:worker_threads';
import { type Checking, misfitsIn } from './schema-check-job.ts';

/** A thread of its own, which may be ended while it checks: says that it is there, and answers one job. */
parentPort?.once('message', (job: Checking) => {
  parentPort?.postMessage(misfitsIn(job));
});
parentPort?.postMessage('ready');
