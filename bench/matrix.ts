import { type Cell, type Measured, measure } from './load.ts';
import { median, type Spread, spreadOf } from './statistics.ts';
import type { Subject } from './subject.ts';
import type { World } from './world.ts';

/** Bot against floor in one quantity. */
export interface Compared {
  /** Medians over the rounds. */
  readonly floor: number;
  readonly bot: number;
  /** Of bot to floor, each round by itself: both sides of a round ran one right after the other. */
  readonly ratio: Spread;
}

/** One case, over all rounds. */
export interface Row {
  readonly cell: Cell;
  /** Milliseconds. */
  readonly p50: Compared;
  /** User and system time per turn, milliseconds. */
  readonly cpu: Compared;
  readonly turnsPerSecond: Compared;
  /** What the bot adds to the floor's p50: the median over the rounds, milliseconds. */
  readonly overheadMs: number;
  /** Measured turns of each side. */
  readonly turns: number;
}

export interface MatrixOptions {
  readonly cells: readonly Cell[];
  readonly rounds: number;
  readonly turnsPerThread: number;
  /** Conversations of a case with a single lane. */
  readonly singleLane: number;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

interface Pair {
  readonly floor: Measured;
  readonly bot: Measured;
}

/** Runs every case in every round, the two sides of a case next to each other and in turns first. */
export async function runMatrix(world: World, options: MatrixOptions): Promise<readonly Row[]> {
  const pairs = new Map<Cell, Pair[]>(options.cells.map((cell) => [cell, []]));
  for (let round = 0; round < options.rounds; round++) {
    for (const [cell, measured] of pairs) {
      options.progress(`round ${round + 1}: ${cell.threads} × ${cell.history}, ${cell.thinkMs} ms`);
      measured.push(await runPair(world, cell, { ...options, round }));
    }
  }
  return [...pairs].map(([cell, measured]) => toRow(cell, measured));
}

/** A single lane without think time goes through more conversations: its turns are short, and CPU needs many. */
const fasterWithoutThink = 4;

async function runPair(
  world: World,
  cell: Cell,
  { round, turnsPerThread, singleLane, signal }: MatrixOptions & { readonly round: number },
): Promise<Pair> {
  const name = `${cell.threads}-${cell.history}-${cell.thinkMs}-${round}`;
  const perLane = cell.threads > 1 ? 1 : cell.thinkMs > 0 ? singleLane : singleLane * fasterWithoutThink;
  const side = (subject: Subject) =>
    measure({ subject, model: world.model, cell, perLane, turnsPerThread, name, signal });
  const botFirst = round % 2 === 1;
  const early = botFirst ? await side(world.bot) : undefined;
  const floor = await side(world.floor);
  const bot = early ?? (await side(world.bot));
  requireSameRequests(floor, bot);
  return { floor, bot };
}

const tolerance = 0.02;

/** The ratio says nothing unless both sides sent the model the same. */
function requireSameRequests(floor: Measured, bot: Measured): void {
  const ratio = bot.bytesPerTurn / floor.bytesPerTurn;
  if (Math.abs(ratio - 1) <= tolerance) return;
  throw new Error(
    `the bot sent ${bot.bytesPerTurn} bytes per turn to the model, the floor ${floor.bytesPerTurn}`,
  );
}

function toRow(cell: Cell, pairs: readonly Pair[]): Row {
  const compare = (of: (measured: Measured) => number): Compared => ({
    floor: median(pairs.map(({ floor }) => of(floor))),
    bot: median(pairs.map(({ bot }) => of(bot))),
    ratio: spreadOf(pairs.map(({ floor, bot }) => of(bot) / of(floor))),
  });
  return {
    cell,
    p50: compare(({ p50Ms }) => p50Ms),
    cpu: compare(({ cpuMsPerTurn }) => cpuMsPerTurn),
    turnsPerSecond: compare((measured) => measured.turnsPerSecond),
    overheadMs: median(pairs.map(({ floor, bot }) => bot.p50Ms - floor.p50Ms)),
    turns: pairs.reduce((sum, { bot }) => sum + bot.turns, 0),
  };
}
