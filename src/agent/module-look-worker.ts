import { setImmediate as breathe } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import type { Looked } from './module-look.ts';

/** A thread of its own, which may be ended while it reads: says that it is there, and reads one module. */
const say = (said: 'ready' | Looked) => parentPort?.postMessage(said);

async function read(url: string): Promise<void> {
  try {
    await import(url);
    // What it rejected at its top and nobody caught is told by the thread itself.
    await breathe();
    say('read');
  } catch (error) {
    say({ problem: error instanceof Error ? error.message : String(error) });
  }
}

parentPort?.once('message', (url: string) => void read(url));
say('ready');
