import { z } from 'zod';
import { startProgram } from './program.ts';
import { median, type Spread, spreadOf } from './statistics.ts';

/** One quantity of a streamed model call by the bare SDK and by the provider layer, in milliseconds. */
export interface LayerCost {
  readonly sdk: number;
  readonly layer: number;
  /** Of layer to SDK, each round by itself. */
  readonly ratio: Spread;
}

/** What retries, watchdog, error classes, events and prices cost over the vendor's bare SDK. */
export interface Layer {
  readonly cpu: LayerCost;
  readonly wall: LayerCost;
  /** Measured calls of each side. */
  readonly calls: number;
}

const figures = z.object({ cpuMs: z.number(), wallMs: z.number() });

type Figures = z.infer<typeof figures>;

/** Asks the same by both sides in turns, `calls` times in each round, after one round unmeasured. */
export async function measureLayer(
  modelUrl: string,
  {
    rounds,
    calls,
    signal,
  }: { readonly rounds: number; readonly calls: number; readonly signal: AbortSignal },
): Promise<Layer> {
  const program = await startProgram('layer-program.ts', { args: [modelUrl] });
  const ask = async (side: 'sdk' | 'layer') => figures.parse(await program.ask({ side, calls }));
  try {
    await ask('sdk');
    await ask('layer');
    const pairs: { readonly sdk: Figures; readonly layer: Figures }[] = [];
    for (let round = 0; round < rounds; round++) {
      signal.throwIfAborted();
      const early = round % 2 === 1 ? await ask('layer') : undefined;
      const sdk = await ask('sdk');
      pairs.push({ sdk, layer: early ?? (await ask('layer')) });
    }
    const compare = (of: 'cpuMs' | 'wallMs'): LayerCost => ({
      sdk: median(pairs.map(({ sdk }) => sdk[of])),
      layer: median(pairs.map(({ layer }) => layer[of])),
      ratio: spreadOf(pairs.map(({ sdk, layer }) => layer[of] / sdk[of])),
    });
    return { cpu: compare('cpuMs'), wall: compare('wallMs'), calls: calls * rounds };
  } finally {
    await program.stop();
  }
}
