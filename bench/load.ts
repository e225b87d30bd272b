import { median } from './statistics.ts';
import type { Model, Subject } from './subject.ts';
import { messagesPerTurn } from './work.ts';

/** One case of the table. */
export interface Cell {
  /** Conversations that go on at once, each one turn after another. */
  readonly threads: number;
  /** Messages in a conversation when its measured turns begin. */
  readonly history: number;
  /** Of the model before each of its answers. */
  readonly thinkMs: number;
}

export interface Measured {
  readonly turns: number;
  readonly p50Ms: number;
  readonly cpuMsPerTurn: number;
  readonly turnsPerSecond: number;
  /** Sent to the model. */
  readonly bytesPerTurn: number;
}

export interface LoadOptions {
  readonly subject: Subject;
  readonly model: Model;
  readonly cell: Cell;
  /** Conversations that each lane goes through: each is left after a few turns, so that it keeps its length. */
  readonly perLane: number;
  readonly turnsPerThread: number;
  /** Unique in the run. */
  readonly name: string;
  readonly signal: AbortSignal;
}

/**
 * Measures a subject in one case. Every conversation has an unmeasured first turn, after which it is as long as
 * the case says and known to the process, as a conversation is that goes on.
 */
export async function measure(options: LoadOptions): Promise<Measured> {
  const { subject, model, cell, perLane, turnsPerThread, name, signal } = options;
  const lanes = lanesOf(name, cell.threads, perLane);
  await subject.seed(lanes.flat(), cell.history - messagesPerTurn);
  await model.think(0);
  await run(lanes, 1, subject, signal);
  await model.think(cell.thinkMs);
  await model.received();
  const cpuBefore = await subject.cpuMs();
  const startedAt = performance.now();
  const durations = await run(lanes, turnsPerThread, subject, signal);
  const seconds = (performance.now() - startedAt) / 1000;
  const cpuMs = (await subject.cpuMs()) - cpuBefore;
  const turns = durations.length;
  const { requests, bytes } = await model.received();
  if (requests !== 2 * turns) throw new Error(`${subject.name}: ${requests} model calls in ${turns} turns`);
  return {
    turns,
    p50Ms: median(durations),
    cpuMsPerTurn: cpuMs / turns,
    turnsPerSecond: turns / seconds,
    bytesPerTurn: bytes / turns,
  };
}

function lanesOf(name: string, lanes: number, perLane: number): readonly (readonly string[])[] {
  return Array.from({ length: lanes }, (_lane, at) =>
    Array.from({ length: perLane }, (_thread, index) => `${name}-${at}-${index}`),
  );
}

/** All lanes at once, the conversations of a lane and their turns one after another. */
async function run(
  lanes: readonly (readonly string[])[],
  turns: number,
  { turn }: Subject,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const runLane = async (threads: readonly string[]) => {
    const durations: number[] = [];
    for (const thread of threads.flatMap((name) => Array<string>(turns).fill(name))) {
      signal.throwIfAborted();
      durations.push(await turn(thread));
    }
    return durations;
  };
  return (await Promise.all(lanes.map(runLane))).flat();
}
