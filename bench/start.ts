import { setTimeout as sleep } from 'node:timers/promises';
import { type Spread, spreadOf } from './statistics.ts';
import type { World } from './world.ts';

/** How the bot starts on a database that it knows, and what it takes while nobody asks. */
export interface Start {
  readonly readyMs: Spread;
  /** Resident set of the bot's own process after `idleMs` with its MCP servers connected. */
  readonly idleBytes: number;
}

/** Starts the bot again so many times. */
export async function measureStart(
  world: World,
  {
    starts,
    idleMs,
    signal,
  }: { readonly starts: number; readonly idleMs: number; readonly signal: AbortSignal },
): Promise<Start> {
  const readyMs: number[] = [];
  for (let start = 0; start < starts; start++) {
    signal.throwIfAborted();
    readyMs.push((await world.restart()).readyMs);
  }
  await world.process().toolsReady();
  await sleep(idleMs, undefined, { signal });
  return { readyMs: spreadOf(readyMs), idleBytes: await world.process().residentBytes() };
}
