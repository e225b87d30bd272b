import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** Another Node process of the benchmark that answers questions over its channel and ends when that closes. */
export interface Program {
  /** What it said when it was ready. */
  readonly ready: unknown;
  /** Rejects with what went wrong there, after `askTimeoutMs`, or when the process has ended. */
  ask(question: object): Promise<unknown>;
  /** Closes the channel and waits for the end. */
  stop(): Promise<void>;
}

const questionSchema = z.object({ id: z.number(), question: z.unknown() });
const messageSchema = z.union([
  z.object({ ready: z.unknown() }),
  z.object({ id: z.number(), error: z.string() }),
  z.object({ id: z.number(), answer: z.unknown() }),
]);

const askTimeoutMs = 60_000;
const stopTimeoutMs = 10_000;

/**
 * Starts a file of this folder with the same Node. It has a process group of its own, so that Ctrl-C reaches
 * the benchmark alone, which then closes everything in order.
 */
export async function startProgram(
  file: string,
  options: { readonly args?: readonly string[]; readonly nodeArgs?: readonly string[] } = {},
): Promise<Program> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = fork(path, [...(options.args ?? [])], {
    detached: true,
    execArgv: [...(options.nodeArgs ?? [])],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const open = new Map<number, PromiseWithResolvers<unknown>>();
  const ready = Promise.withResolvers<unknown>();
  child.on('message', (raw) => {
    const message = messageSchema.parse(raw);
    if ('ready' in message) return ready.resolve(message.ready);
    const asked = open.get(message.id);
    open.delete(message.id);
    if ('error' in message) asked?.reject(new Error(`${file}: ${message.error}`));
    else asked?.resolve(message.answer);
  });
  child.once('exit', (code) => {
    const error = new Error(`${file} ended with code ${code}.`);
    ready.reject(error);
    for (const asked of open.values()) asked.reject(error);
  });
  return { ready: await ready.promise, ask: asker(child, file, open), stop: () => stop(child) };
}

function asker(child: ChildProcess, file: string, open: Map<number, PromiseWithResolvers<unknown>>) {
  let lastId = 0;
  return async (question: object) => {
    if (!child.connected) throw new Error(`${file} has ended.`);
    const id = ++lastId;
    const asked = Promise.withResolvers<unknown>();
    open.set(id, asked);
    const timer = setTimeout(() => asked.reject(new Error(`${file} did not answer.`)), askTimeoutMs);
    child.send({ id, question });
    return await asked.promise.finally(() => clearTimeout(timer));
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
  if (child.connected) child.disconnect();
  await ended.finally(() => clearTimeout(timer));
}

export interface Served {
  /** Told to the parent with the news that this program is ready. */
  readonly ready: unknown;
  answer(question: unknown): unknown;
  /** Before the process ends. */
  close?(): Promise<void>;
}

/** The other side of `startProgram`: answers until the parent closes the channel or dies. */
export function serve({ ready, answer, close }: Served): void {
  const send = (message: object) => void (process.connected && process.send?.(message));
  process.on('message', async (raw) => {
    const { id, question } = questionSchema.parse(raw);
    try {
      send({ id, answer: (await answer(question)) ?? null });
    } catch (error) {
      send({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.once('disconnect', async () => {
    await close?.().catch(() => undefined);
    process.exit(0);
  });
  send({ ready });
}
