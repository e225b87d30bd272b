import { z } from 'zod';
import { startProgram } from './program.ts';
import { median, type Spread, spreadOf } from './statistics.ts';

/** What a chain of layers adds to a turn with two model calls and one tool call, in milliseconds. */
export interface ChainCost {
  readonly cpu: Spread;
  readonly wall: Spread;
}

/** The price of middleware over the agent loop without any. */
export interface Chains {
  /** The loop alone, in milliseconds. */
  readonly emptyMs: number;
  /** The layers that every model has. */
  readonly byDefault: ChainCost;
  /** Those and four more. */
  readonly ten: ChainCost;
  /** Measured turns of each. */
  readonly turns: number;
}

const figures = z.object({ cpuMs: z.number(), wallMs: z.number() });

type Figures = z.infer<typeof figures>;

/** Runs the same turns in each chain, one chain after another, after one round unmeasured. */
export async function measureChains({
  rounds,
  turns,
  signal,
}: {
  readonly rounds: number;
  readonly turns: number;
  readonly signal: AbortSignal;
}): Promise<Chains> {
  const program = await startProgram('middleware-program.ts', { args: [] });
  const run = async (chain: 'empty' | 'default' | 'ten') =>
    figures.parse(await program.ask({ chain, turns }));
  try {
    const all: { readonly empty: Figures; readonly byDefault: Figures; readonly ten: Figures }[] = [];
    for (let round = -1; round < rounds; round++) {
      signal.throwIfAborted();
      const found = { empty: await run('empty'), byDefault: await run('default'), ten: await run('ten') };
      if (round >= 0) all.push(found);
    }
    const added = (chain: 'byDefault' | 'ten'): ChainCost => ({
      cpu: spreadOf(all.map((found) => found[chain].cpuMs - found.empty.cpuMs)),
      wall: spreadOf(all.map((found) => found[chain].wallMs - found.empty.wallMs)),
    });
    return {
      emptyMs: median(all.map(({ empty }) => empty.wallMs)),
      byDefault: added('byDefault'),
      ten: added('ten'),
      turns: turns * rounds,
    };
  } finally {
    await program.stop();
  }
}
