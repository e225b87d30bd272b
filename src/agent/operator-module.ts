import { AsyncLocalStorage } from 'node:async_hooks';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { problemAtTop } from './module-look.ts';

/** Code of the operator that runs in the bot's own process. */
export interface Guest {
  /** The name of its file. */
  readonly name: string;
  /** Hears of an error that it threw where nobody waits for it; from then on it is not used. */
  broke(error: unknown): void;
}

/** A module of the operator as it was read. */
export interface OperatorModule extends Guest {
  /** What it exports by default. */
  readonly exported: unknown;
  /** Why it is not used any more, as a sentence; undefined: it is. */
  problem(): string | undefined;
}

const inside = new AsyncLocalStorage<Guest | undefined>();

/** Runs what belongs to a module: all that begins there, now or later, is known to be its. */
export function asGuest<T>(guest: Guest, work: () => T): T {
  return inside.run(guest, work);
}

/** What a module says, piece by piece, each said as its own. */
export async function* ofGuest<T>(guest: Guest, said: AsyncIterable<T>): AsyncGenerator<T> {
  yield* eachIn((work) => asGuest(guest, work), said);
}

/** What the bot says to a module that asks for it, piece by piece. */
export async function* ofHost<T>(said: () => AsyncIterable<T>): AsyncGenerator<T> {
  yield* eachIn(asHost, asHost(said));
}

async function* eachIn<T>(run: <R>(work: () => R) => R, said: AsyncIterable<T>): AsyncGenerator<T> {
  const pieces = run(() => said[Symbol.asyncIterator]());
  let isOpen = false;
  try {
    for (;;) {
      isOpen = false;
      const next = await run(async () => await pieces.next());
      if (next.done === true) return;
      isOpen = true;
      yield next.value;
    }
  } finally {
    if (isOpen) await run(async () => await pieces.return?.());
  }
}

/** Runs what belongs to the bot, although a module asks for it. */
export function asHost<T>(work: () => T): T {
  return inside.run(undefined, work);
}

/** Whose code runs, or whose error nobody caught; undefined: the bot's own. */
export function guestNow(): Guest | undefined {
  return inside.getStore();
}

/** What lives as long as the process, since what was imported once cannot be taken back: by address and age. */
const modules = new Map<string, Promise<OperatorModule>>();

/** Until it is there, after it was found to be quick. */
const importMs = 10_000;

/**
 * Reads a module, anew when it was changed. It is read in a thread of its own first, so that one that ends
 * the process, never ends or throws at its top is known before it can. Rejects with what is wrong with it.
 */
export function readModule(path: string, changedAt: number): Promise<OperatorModule> {
  const url = `${pathToFileURL(path).href}?changed=${changedAt}`;
  const reading = modules.get(url) ?? read(url, basename(path));
  modules.set(url, reading);
  return reading;
}

async function read(url: string, name: string): Promise<OperatorModule> {
  const found = await problemAtTop(url);
  if (found !== undefined) throw new Error(found);
  let problem: string | undefined;
  const guest: Guest = {
    name,
    broke(error) {
      problem ??= `The module ${name} is not used any more, since it threw an error that nobody caught: ${messageOf(error)}`;
    },
  };
  const loading = asGuest(guest, async (): Promise<{ readonly default?: unknown }> => await import(url));
  const loaded = await inTime(loading, importMs);
  return { ...guest, exported: loaded.default, problem: () => problem };
}

/** Rejects when it takes longer; what comes of it then is nobody's. */
export async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`It took longer than ${ms / 1000} s.`)), ms);
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
