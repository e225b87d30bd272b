import { setTimeout as sleep } from 'node:timers/promises';
import type { BotProcess } from './bot.ts';
import { percentile } from './statistics.ts';
import type { Model } from './subject.ts';

/** How long the bot takes to acknowledge a message: from the request until the first byte of its answer's head. */
export interface Acknowledged {
  readonly running: number;
  readonly samples: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const running = 50;
const thinkMs = 500;

/**
 * Keeps 50 turns running over the streaming chat API, whose answer begins when the message is stored, and takes
 * the time of every message but the first of each thread. The threads begin one after another, so that their
 * messages do not come at once.
 */
export async function measureAcknowledge(
  bot: BotProcess,
  model: Model,
  { turns, signal }: { readonly turns: number; readonly signal: AbortSignal },
): Promise<Acknowledged> {
  await model.think(thinkMs);
  const lane = async (_: unknown, at: number) => {
    const samples: number[] = [];
    await sleep((at * 2 * thinkMs) / running, undefined, { signal });
    for (let turn = 0; turn <= turns; turn++) {
      signal.throwIfAborted();
      const ms = await bot.streamedTurn(`acknowledge-${at}`);
      if (turn > 0) samples.push(ms);
    }
    return samples;
  };
  const samples = (await Promise.all(Array.from({ length: running }, lane))).flat();
  await model.think(0);
  return {
    running,
    samples: samples.length,
    p50Ms: percentile(samples, 0.5),
    p99Ms: percentile(samples, 0.99),
    maxMs: Math.max(...samples),
  };
}
