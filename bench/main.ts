/**
 * `npm run bench`: what the bot costs over a floor that is measured in the same run. Options: `-- --json` prints
 * one JSON object, `-- --quick` takes under a minute, `-- --profile` says where the time goes instead.
 */
import { parseArgs } from 'node:util';
import { measureAcknowledge } from './acknowledge.ts';
import { measureLayer } from './layer.ts';
import { type Cell, measure } from './load.ts';
import { runMatrix } from './matrix.ts';
import { measureChains } from './middleware.ts';
import { runProfile } from './profile.ts';
import { type Report, toJson, toText } from './report.ts';
import { measureInSlack } from './slack.ts';
import { measureStart } from './start.ts';
import { measureStorage, type Storage } from './storage.ts';
import { measureTools } from './tools.ts';
import { readVersions } from './versions.ts';
import { messagesPerTurn } from './work.ts';
import { openWorld, type World } from './world.ts';

const histories = [10, 100, 1000] as const;

const sizes = {
  full: {
    rounds: 5,
    turnsPerThread: 4,
    singleLane: 4,
    warmUp: 10,
    storage: 15,
    acknowledge: 10,
    layerRounds: 5,
    layerCalls: 200,
    starts: 5,
    idleMs: 5000,
  },
  quick: {
    rounds: 1,
    turnsPerThread: 3,
    singleLane: 3,
    warmUp: 4,
    storage: 5,
    acknowledge: 4,
    layerRounds: 1,
    layerCalls: 100,
    starts: 2,
    idleMs: 2000,
  },
} as const;

const limitMs = 8 * 60_000;

type Size = (typeof sizes)[keyof typeof sizes];

interface Run {
  readonly size: Size;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

async function run(world: World, { size, signal, progress }: Run): Promise<Report> {
  const cells: Cell[] = [1, 32].flatMap((threads) =>
    histories.flatMap((history) => [0, 50].map((thinkMs) => ({ threads, history, thinkMs }))),
  );
  progress('warm-up');
  await warmUp(world, size.warmUp, signal);
  const rows = await runMatrix(world, { ...size, cells, signal, progress });
  progress('storage');
  const storage = await storageOf(world, size.storage, signal);
  progress('acknowledge');
  const acknowledge = await measureAcknowledge(world.process(), world.model, {
    turns: size.acknowledge,
    signal,
  });
  progress('Slack');
  const slack = await measureInSlack({
    databaseUrl: await world.newDatabase('bench_slack'),
    modelUrl: world.modelUrl,
    model: world.model,
    turns: size.acknowledge,
    idleMs: size.idleMs,
    signal,
  });
  progress('tools');
  const tools = await measureTools({ databaseUrl: await world.newDatabase('bench_tools'), signal });
  progress('provider layer');
  const layer = await measureLayer(world.modelUrl, {
    rounds: size.layerRounds,
    calls: size.layerCalls,
    signal,
  });
  progress('middleware');
  const chains = await measureChains({ rounds: size.layerRounds, turns: size.layerCalls * 5, signal });
  progress('start');
  const start = await measureStart(world, { ...size, signal });
  return {
    versions: await readVersions(world.database),
    rounds: size.rounds,
    rows,
    storage,
    acknowledge,
    slack,
    tools,
    layer,
    chains,
    start,
  };
}

/** Until both sides run compiled code and the database knows its tables. */
async function warmUp(world: World, turnsPerThread: number, signal: AbortSignal): Promise<void> {
  const cell = { threads: 32, history: histories[0], thinkMs: 0 };
  for (const subject of [world.floor, world.bot]) {
    await measure({ subject, model: world.model, cell, perLane: 2, turnsPerThread, name: 'warm-up', signal });
  }
  await world.database.query('analyze');
}

async function storageOf(world: World, turns: number, signal: AbortSignal): Promise<readonly Storage[]> {
  const found: Storage[] = [];
  for (const subject of [world.floor, world.bot]) {
    for (const history of histories) {
      found.push(await measureStorage(subject, history, { database: world.database, turns, signal }));
    }
  }
  return found;
}

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
});

const stopping = new AbortController();
const stopWith = (reason: string) => stopping.abort(new Error(reason));
const limit = setTimeout(
  () => stopWith(`The benchmark took longer than ${limitMs / 60_000} minutes.`),
  limitMs,
);
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => stopWith(`Stopped by ${name}.`));
const progress = (line: string) => void process.stderr.write(process.stderr.isTTY ? `\x1b[2K\r${line}` : '');

try {
  if (options.profile) process.stdout.write(await runProfile({ signal: stopping.signal, progress }));
  else {
    const world = await openWorld({ seeds: histories.map((history) => history - messagesPerTurn) });
    try {
      const size = options.quick ? sizes.quick : sizes.full;
      const report = await run(world, { size, signal: stopping.signal, progress });
      progress('');
      process.stdout.write(options.json ? `${toJson(report)}\n` : toText(report));
    } finally {
      await world.stop();
    }
  }
} catch (error) {
  progress('');
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
} finally {
  clearTimeout(limit);
}
