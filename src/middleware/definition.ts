/**
 * What a type of middleware is. Adding one is a file that exports `defineMiddleware({ … })`, and a line in
 * `types.ts`; a migration seeds its row, so that admins can choose it.
 *
 * What a builder may rely on:
 * - `build` runs once for every activation (start, resume, take-over). Nothing of it outlives the
 *   activation: what must, is kept with `state` (stored with the turn's next step and at its end), is read
 *   from `steps()` (what the turn has done, also before a restart), or lies in `shared` (all replicas).
 * - It returns only the parts it needs, `turn`, `model` or `tool`; a part that is not there costs nothing.
 *   What a config switches off should return no part at all.
 * - `turn` is told which activation it is. Rates and budgets are charged where `activation` is `start`.
 *   It may end the turn by returning `said` without calling `next`; no model is called then.
 * - `model` passes each event on at once, unless it must see the whole: then it holds back with `heldBack`
 *   and says so with `status`. Where nothing of the stream is looked at, it returns `next(…)` itself, and
 *   costs nothing for each event. It may call `next` again with another request: with `model` set, another
 *   configured model answers it; after something was shown, `restart` comes first. Words of its own are
 *   `ownWords(text)`: an answer that no model gave, and that is free.
 * - `tools` are offered to models beside those of servers; policy and the other layers lie around them too.
 *   Their `source` is `bot`.
 * - `tool` may answer without `next` (`ran: false`), and may only add to what policy asks; of an ask it may narrow
 *   what people can say (`allows`) and what other arguments must fit (`argsSchemas`). Only what reads
 *   may be run twice: people approve a call once.
 * - Any part may throw `TurnEndError` to end the turn with a sentence, or a `ProviderError`.
 * - What people should know of goes to `notice`; it stands under the answer. Never put secrets, arguments or
 *   what was said into the log.
 * - Other models are called aside with `ask`; the turn is charged for what they use.
 */
import type { z } from 'zod';
import type { Json } from '../agent/json.ts';
import type { AssistantMessage } from '../agent/messages.ts';
import type { Middleware } from '../agent/middleware.ts';
import { once } from '../agent/once.ts';
import type { ModelRequest } from '../agent/provider.ts';
import type { Step } from '../agent/steps.ts';
import type { Clock, Log, Metrics } from '../observe/port.ts';
import type { Budgets } from './budgets.ts';
import type { FileText, PlanStep, SharedStore, ThreadCounts, TurnFacts } from './port.ts';
import type { Rates } from './rates.ts';

/** What a layer keeps with its turn: one JSON value, its own. */
export interface LayerState {
  get(): Json | undefined;
  set(value: Json): void;
}

/** What a layer is built with. */
export interface MiddlewareParts {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly turn: TurnFacts;
  /** Aborted when somebody stops the turn, or when this process may not go on with it; `turn` gets no other. */
  readonly turnSignal: AbortSignal;
  readonly state: LayerState;
  /** What the turn has done so far, before this activation too. */
  steps(): readonly Step[];
  /** What the thread's earlier turns have called; asks the database once in an activation. */
  threadCounts(): Promise<ThreadCounts>;
  /** Values that all replicas share. Never throws: where the store is away, this process goes on alone. */
  readonly shared: SharedStore;
  /** Values of this process alone; one store for each name, the least used goes first. */
  memory(name: string, maxEntries: number): SharedStore;
  /** There is a Redis behind `shared`. */
  readonly hasRedis: boolean;
  /** Sliding windows over all replicas. */
  readonly rates: Rates;
  /** What has been spent, by all replicas. */
  readonly budgets: Budgets;
  /** Tokens that the turn's own model can read. Throws `ProviderError`. */
  window(): Promise<number>;
  /** The text of a PDF; `isWhole`: that is all that it says. Throws when `signal` aborts it, and else never. */
  fileText: FileText;
  /** The thread's conversation as it is now: another word once something of it was taken back or changed, or all of it cleared. */
  threadRevision(): Promise<string>;
  notice(text: string): void;
  status(text: string): void;
  /** Shows people the steps that the turn has set itself, all of them each time. */
  plan(steps: readonly PlanStep[]): void;
  /** Calls a model aside (absent: the turn's own) and waits for the whole answer. Throws `ProviderError`. */
  ask(
    request: Pick<ModelRequest, 'system' | 'messages'> & Partial<ModelRequest>,
    signal: AbortSignal,
  ): Promise<AssistantMessage>;
}

/** The parts of a layer; its name and priority come from its row. */
export type Layer = Omit<Middleware, 'name' | 'priority'>;

/** What a config is for: the model that its layer lies around. */
export interface Around {
  /** Something is known of what the model costs. */
  readonly isPriced: boolean;
  /** The other active layers of the model. */
  readonly others: readonly { readonly type: string; readonly config: unknown }[];
}

/** A type of middleware, its options no longer typed. */
export interface MiddlewareType {
  readonly name: string;
  /** One sentence for admins. */
  readonly description: string;
  /** Where it belongs when nobody says. */
  readonly priority: number;
  /** Of its config: defaults filled in, unknown options refused; `{}` is always valid. */
  readonly config: z.ZodType;
  /** The providers whose models can have it. Absent: all. */
  readonly providers?: readonly string[];
  /** The configured models that a config names; each must be there when it is saved. Absent: it names none. */
  models?(config: unknown): readonly string[];
  /** What a config needs that this process does not have, as a sentence: then no layer is built. Absent: nothing. */
  needs?(config: unknown, process: Pick<MiddlewareParts, 'hasRedis'>): string | undefined;
  /** What of a config does not work as one would think around this model, as a sentence. Absent: nothing. */
  doubt?(config: unknown, around: Around): string | undefined;
  /** Throws a `ZodError` where the config is not one, and whatever its type throws. */
  build(config: unknown, parts: MiddlewareParts): Layer;
}

/** Keeps a type's options and its `build` together. */
export function defineMiddleware<Config>(definition: {
  readonly name: string;
  readonly description: string;
  readonly priority: number;
  readonly config: z.ZodType<Config>;
  readonly models?: (config: Config) => readonly string[];
  readonly providers?: readonly string[];
  readonly needs?: (config: Config, process: Pick<MiddlewareParts, 'hasRedis'>) => string | undefined;
  readonly doubt?: (config: Config, around: Around) => string | undefined;
  readonly build: (config: Config, parts: MiddlewareParts) => Layer;
}): MiddlewareType {
  const { config, build, models, needs, doubt, ...rest } = definition;
  /** A config stays the same object until it is changed; it is read once, and not for every turn. */
  const readOnce = once((raw: object) => config.parse(raw));
  const read = (raw: unknown) => (isObject(raw) ? readOnce(raw) : config.parse(raw));
  return {
    ...rest,
    config,
    ...(models && { models: (raw) => models(read(raw)) }),
    ...(needs && { needs: (raw, process) => needs(read(raw), process) }),
    ...(doubt && { doubt: (raw, around) => doubt(read(raw), around) }),
    build: (raw, parts) => build(read(raw), parts),
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
