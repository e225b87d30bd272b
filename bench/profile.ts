import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readShares, type Shares, type Window } from './cpu-profile.ts';
import { measure } from './load.ts';
import type { Subject } from './subject.ts';
import { table } from './table.ts';
import { messagesPerTurn } from './work.ts';
import { openWorld, type World } from './world.ts';

interface ProfileOptions {
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

interface Profiled {
  readonly cpuMsPerTurn: number;
  readonly window: Window;
}

const root = new URL('..', import.meta.url).href;
const load = { perLane: 8, turnsPerThread: 8 } as const;
const cell = { threads: 8, history: 10, thinkMs: 0 } as const;
const sampleEveryUs = 250;
const functionsShown = 50;
const smallestMs = 0.01;

/** Where the processor time of a turn without think time goes, in bot and floor: by package and room, and by function. */
export async function runProfile(options: ProfileOptions): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ai-ops-profile-'));
  const nodeArgs = (side: string) => [
    '--cpu-prof',
    `--cpu-prof-interval=${sampleEveryUs}`,
    `--cpu-prof-dir=${join(folder, side)}`,
  ];
  try {
    const seeds = [cell.history - messagesPerTurn];
    const world = await openWorld({ seeds, nodeArgs: { bot: nodeArgs('bot'), floor: nodeArgs('floor') } });
    const [floor, bot] = await profileBoth(world, options).finally(world.stop);
    const shares = (side: string, { window }: Profiled) => readShares(join(folder, side), window, root);
    return text({ ...floor, ...(await shares('floor', floor)) }, { ...bot, ...(await shares('bot', bot)) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function profileBoth(
  world: World,
  { signal, progress }: ProfileOptions,
): Promise<[Profiled, Profiled]> {
  const profiled = async (subject: Subject): Promise<Profiled> => {
    progress(`profile of the ${subject.name}`);
    const options = { ...load, subject, model: world.model, cell, signal };
    await measure({ ...options, name: 'warm-up' });
    const from = nowUs();
    const { cpuMsPerTurn } = await measure({ ...options, name: 'profiled' });
    return { cpuMsPerTurn, window: { from, to: nowUs() } };
  };
  return [await profiled(world.floor), await profiled(world.bot)];
}

function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

type Found = Profiled & Shares;

function text(floor: Found, bot: Found): string {
  const ms = ({ cpuMsPerTurn }: Found, share: number | undefined) => cpuMsPerTurn * (share ?? 0);
  const places = [...new Set([...floor.places.keys(), ...bot.places.keys()])]
    .map((place) => ({
      place,
      floor: ms(floor, floor.places.get(place)),
      bot: ms(bot, bot.places.get(place)),
    }))
    .filter((row) => Math.max(row.floor, row.bot) >= smallestMs)
    .sort((a, b) => b.bot - a.bot);
  const functions = [...bot.functions].sort(([, a], [, b]) => b - a).slice(0, functionsShown);
  return [
    `CPU per turn: floor ${floor.cpuMsPerTurn.toFixed(2)} ms, bot ${bot.cpuMsPerTurn.toFixed(2)} ms, both with the profiler's own cost.`,
    table(
      ['package or room', 'floor ms', 'bot ms'],
      places.map((row) => [row.place, row.floor.toFixed(2), row.bot.toFixed(2)]),
    ),
    table(
      ['function of the bot, by itself', 'ms'],
      functions.map(([name, share]) => [name, ms(bot, share).toFixed(3)]),
    ),
    '',
  ].join('\n\n');
}
