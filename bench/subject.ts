import { z } from 'zod';
import type { BotProcess } from './bot.ts';
import type { Program } from './program.ts';
import type { Seeder } from './seed.ts';

/** What is measured: the bot, or the floor below which nothing can be. */
export interface Subject {
  readonly name: 'floor' | 'bot';
  /** Makes threads of these names with so many messages of history. */
  seed(names: readonly string[], messages: number): Promise<void>;
  /** One turn in a thread: question, tool call, answer. Milliseconds; rejects unless the answer is the right one. */
  turn(thread: string): Promise<number>;
  /** User and system time of the process so far. Milliseconds. */
  cpuMs(): Promise<number>;
}

/** The mock model server, as the benchmark steers it. */
export interface Model {
  /** Time before each answer, from now on. */
  think(ms: number): Promise<void>;
  /** Requests and their bytes since the last look. */
  received(): Promise<Received>;
  /** The newest request that brought a question. */
  newest(): Promise<ModelRequest>;
}

export type Received = z.infer<typeof receivedSchema>;
export type ModelRequest = z.infer<typeof requestSchema>;

const receivedSchema = z.object({ requests: z.number(), bytes: z.number() });
const requestSchema = z.looseObject({ input: z.array(z.looseObject({})) });

export function createModel(program: Program): Model {
  return {
    think: async (ms) => void (await program.ask({ type: 'think', ms })),
    received: async () => receivedSchema.parse(await program.ask({ type: 'received' })),
    newest: async () => requestSchema.parse(JSON.parse(String(await program.ask({ type: 'newest' })))),
  };
}

export function botSubject(bot: () => BotProcess, seeder: Seeder): Subject {
  return {
    name: 'bot',
    seed: seeder.seed,
    turn: (thread) => bot().turn(thread),
    cpuMs: () => bot().cpuMs(),
  };
}

/** `requests` are the bot's own, by messages of history: the floor sends the same. */
export function floorSubject(program: Program, requests: ReadonlyMap<number, ModelRequest>): Subject {
  const number = async (question: object) => z.number().parse(await program.ask(question));
  return {
    name: 'floor',
    async seed(ids, messages) {
      const known = requests.get(messages);
      if (known === undefined) throw new Error(`no request with ${messages} messages of history is known`);
      const { input, ...request } = known;
      await program.ask({ type: 'template', request });
      await program.ask({ type: 'threads', ids, input: input.slice(0, -1) });
    },
    turn: (thread) => number({ type: 'turn', thread }),
    cpuMs: () => number({ type: 'cpu' }),
  };
}

/** What the bot sends in a thread with so many messages of history; the question comes last. */
export async function learnRequest(bot: Subject, model: Model, messages: number): Promise<ModelRequest> {
  const thread = `learn-${messages}`;
  await bot.seed([thread], messages);
  await bot.turn(thread);
  const request = await model.newest();
  if (request.input.length !== messages + 1) {
    throw new Error(`the bot sent ${request.input.length} items with ${messages} messages of history`);
  }
  return request;
}
