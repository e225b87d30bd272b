import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type BotProcess, startBot } from './bot.ts';
import { type Program, startProgram } from './program.ts';
import { createSeeder } from './seed.ts';
import { botSubject, createModel, floorSubject, learnRequest, type Model, type Subject } from './subject.ts';
import { work } from './work.ts';

/** Everything that a run needs, each in a process of its own on loopback. */
export interface World {
  readonly bot: Subject;
  readonly floor: Subject;
  readonly model: Model;
  /** Where the mock model server is. */
  readonly modelUrl: string;
  /** The bot that runs now. */
  process(): BotProcess;
  /** Starts the bot again on the same database. */
  restart(): Promise<BotProcess>;
  /** Makes one more empty database; its URL. */
  newDatabase(name: string): Promise<string>;
  /** A connection to the bot's database. */
  readonly database: pg.Client;
  stop(): Promise<void>;
}

export interface WorldOptions {
  /** Numbers of messages that conversations will be seeded with. */
  readonly seeds: readonly number[];
  /** For Node in the bot and in the floor. */
  readonly nodeArgs?: { readonly bot: readonly string[]; readonly floor: readonly string[] };
}

export async function openWorld({ seeds, nodeArgs }: WorldOptions): Promise<World> {
  const closers: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close().catch(() => undefined);
  };
  const program = async (...args: Parameters<typeof startProgram>): Promise<Program> => {
    const started = await startProgram(...args);
    closers.push(started.stop);
    return started;
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'ai-ops-bench-'));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    const [postgres, models, mcp] = await Promise.all([
      program('postgres.ts'),
      program('model-server.ts'),
      program('mcp-server.ts'),
    ]);
    const [botUrl, floorUrl] = await makeDatabases(String(postgres.ready), ['bench_bot', 'bench_floor']);
    const [modelUrl, mcpUrl] = [String(models.ready), String(mcp.ready)];
    const startAgain = () =>
      startBot({
        databaseUrl: botUrl,
        modelUrl,
        servers: [{ name: work.server, url: mcpUrl }],
        folder,
        nodeArgs: nodeArgs?.bot ?? [],
      });
    let process = await startAgain();
    closers.push(() => process.stop());
    await process.toolsReady();
    const database = await connect(botUrl);
    closers.push(() => database.end());

    const model = createModel(models);
    await process.turn('template');
    const bot = botSubject(() => process, createSeeder(database, 'template'));
    const requests = new Map<number, Awaited<ReturnType<typeof learnRequest>>>();
    for (const messages of seeds) requests.set(messages, await learnRequest(bot, model, messages));
    const args = [floorUrl, modelUrl, `${mcpUrl}/mcp`];
    const floor = floorSubject(
      await program('floor.ts', { args, nodeArgs: nodeArgs?.floor ?? [] }),
      requests,
    );
    return {
      bot,
      floor,
      model,
      modelUrl,
      database,
      process: () => process,
      newDatabase: async (name) => (await makeDatabases(String(postgres.ready), [name] as const))[0],
      async restart() {
        await process.stop();
        process = await startAgain();
        return process;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function makeDatabases<const Names extends readonly string[]>(url: string, names: Names) {
  const client = await connect(url);
  for (const name of names) await client.query(`create database ${name}`);
  await client.end();
  return names.map((name) => Object.assign(new URL(url), { pathname: `/${name}` }).href) as {
    [Index in keyof Names]: string;
  };
}

const attempts = 20;
const betweenAttemptsMs = 250;

/** The server says that it is ready a moment before it takes connections. */
async function connect(url: string, attempt = 1): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    return client;
  } catch (error) {
    if (attempt === attempts) throw error;
    await sleep(betweenAttemptsMs);
    return await connect(url, attempt + 1);
  }
}
