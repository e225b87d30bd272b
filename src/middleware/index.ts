import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { AssistantMessage } from '../agent/messages.ts';
import { type Middleware, TurnEndError } from '../agent/middleware.ts';
import { ProviderError } from '../agent/provider.ts';
import type { ModelStep } from '../agent/steps.ts';
import { think } from '../agent/think.ts';
import { type TimedCall, timedThought } from '../agent/timed.ts';
import type { Clock, Log, Metrics } from '../observe/port.ts';
import type { MiddlewareRow } from '../resources/port.ts';
import { createBudgets } from './budgets.ts';
import { chosen } from './chain.ts';
import { knownConfig, whyMissing } from './configs.ts';
import { type CustomTypes, customTypes } from './custom.ts';
import type { Around, MiddlewareParts, MiddlewareType } from './definition.ts';
import type { FileText, Layered, Ledger, SharedStore, ThreadCounts, TurnSide } from './port.ts';
import { createRates } from './rates.ts';
import { memoryStore, restful } from './shared.ts';
import { traced } from './trace.ts';
import { middlewareTypes } from './types.ts';

/** A type as admins see it. */
export interface Kind {
  readonly config: z.ZodType;
  /** False: its config can be stored, but nothing runs. */
  readonly isBuilt: boolean;
  /** Why nothing runs. */
  readonly problem?: string;
  /** It comes with the bot, and with no module. */
  readonly isOwn?: boolean;
  readonly description?: string;
  /** Where it belongs when nobody says. */
  readonly priority?: number;
  /** The providers whose models can have it. Absent: all. */
  readonly providers?: readonly string[];
  /** The configured models that a config names. */
  readonly models?: (config: unknown) => readonly string[];
  /** What a valid config needs that this process does not have, as a sentence. */
  readonly needs?: (config: unknown) => string | undefined;
  /** What of a valid config does not work as one would think around a model, as a sentence. */
  readonly doubt?: (config: unknown, around: Around) => string | undefined;
  /** Why the latest layer of this config around this model could not be built here. */
  readonly failure: (model: string, config: unknown) => string | undefined;
}

/** All types of middleware: those of the bot, and those of modules. */
export interface MiddlewareSet {
  kind(type: string): Kind | undefined;
  /** Undefined: there is none. A string says why it cannot be used. Reads modules that have changed. */
  find(type: string): Promise<MiddlewareType | string | undefined>;
  /** Remembers why a layer could not be built, for admins; undefined: it was. */
  built(row: MiddlewareRow, model: string, why: string | undefined): void;
}

/** What of a process its types look at. */
export type ProcessFacts = Pick<MiddlewareParts, 'hasRedis'>;

/** Reads what is in the folder of plugins now, and looks there again when it is asked for what it does not know. */
export async function middlewareSet(
  pluginsDir: string | undefined,
  log: Log,
  facts: ProcessFacts = { hasRedis: false },
): Promise<MiddlewareSet> {
  const custom = customTypes(pluginsDir, log);
  const failures = createFailures();
  await custom.refresh();
  return {
    kind(type) {
      const kind = kindOf(type, custom, facts);
      return kind && { ...kind, failure: (model, config) => failures.of({ type, config }, model) };
    },
    built: failures.note,
    async find(type) {
      if (Object.hasOwn(middlewareTypes, type)) return middlewareTypes[type];
      await custom.refresh();
      return custom.known(type);
    },
  };
}

/** The latest failures to build, of layers as they were configured then. */
function createFailures() {
  const known = new Map<string, { readonly config: unknown; readonly why: string }>();
  return {
    note({ type, config }: MiddlewareRow, model: string, why: string | undefined): void {
      if (why === undefined) known.delete(`${type} ${model}`);
      else known.set(`${type} ${model}`, { config, why });
    },
    of({ type, config }: Pick<MiddlewareRow, 'type'> & { readonly config: unknown }, model: string) {
      const found = known.get(`${type} ${model}`);
      return isDeepStrictEqual(found?.config, config) ? found?.why : undefined;
    },
  };
}

function kindOf(type: string, custom: CustomTypes, facts: ProcessFacts): Omit<Kind, 'failure'> | undefined {
  const isOwn = Object.hasOwn(middlewareTypes, type);
  const built = isOwn ? middlewareTypes[type] : custom.known(type);
  if (typeof built === 'object') {
    const { config, description, priority, models, providers, needs, doubt } = built;
    const more = {
      ...(models && { models }),
      ...(providers && { providers }),
      ...(needs && { needs: (raw: unknown) => needs(raw, facts) }),
      ...(doubt && { doubt }),
    };
    return { config, description, priority, isBuilt: true, isOwn, ...more };
  }
  if (typeof built === 'string') return { config: z.looseObject({}), isBuilt: false, problem: built };
  const config = knownConfig(type);
  if (config !== undefined) return { config, isBuilt: false, isOwn: true, problem: whyMissing(type) };
  void custom.refresh();
  return undefined;
}

/** What the layers of this process share. */
export interface MiddlewareOptions {
  readonly set: MiddlewareSet;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** Absent: this process is the only one. */
  readonly store?: SharedStore;
  /** Redis, where there is one. */
  readonly redis?: SharedStore;
  readonly ledger: Ledger;
  readonly fileText: FileText;
}

/**
 * Makes fresh layers for each activation: those that are configured, and the default ones. One that cannot
 * be built is left out with a warning; if it is critical, `TurnEndError` says so.
 */
export function createLayers(options: MiddlewareOptions) {
  const { log, clock, ledger, set } = options;
  const memories = new Map<string, SharedStore>();
  const memory = (name: string, maxEntries: number) => {
    const key = `${name} ${maxEntries}`;
    const store = memories.get(key) ?? memoryStore(maxEntries);
    memories.set(key, store);
    return store;
  };
  const away = options.redis ?? options.store;
  const shared = away === undefined ? memoryStore() : restful(away, { log });
  const process = {
    ...{ log, clock, shared, memory, fileText: options.fileText },
    metrics: options.metrics,
    hasRedis: options.redis !== undefined,
    rates: createRates({ store: shared, clock }),
    budgets: createBudgets({ ledger, clock }),
  };

  const chains = new WeakMap<readonly MiddlewareRow[], readonly MiddlewareRow[]>();
  const chainOf = (rows: readonly MiddlewareRow[], hasOwnLayersOnly = false) => {
    const chain = chains.get(rows) ?? (hasOwnLayersOnly ? chosen(rows, []) : chosen(rows));
    chains.set(rows, chain);
    return chain;
  };

  return async (rows: readonly MiddlewareRow[], side: TurnSide): Promise<Layered> => {
    const skipped: [string, string][] = [];
    const built: Middleware[] = [];
    const tracing: { timed?: (call: TimedCall) => void } = {};
    for (const row of chainOf(rows, side.hasOwnLayersOnly)) {
      const made = await build(row, set, partsFor(row, side, { ...process, ledger, tracing }));
      set.built(row, side.facts.model, typeof made === 'string' ? made : undefined);
      if (typeof made !== 'string') built.push(made);
      else if (row.isCritical) throw critical(row, side, made);
      else {
        log.warn('middleware_skipped', { type: row.type, turn_id: side.facts.turnId, reason: made });
        options.metrics.middlewareSkipped(row.type);
        skipped.push([row.type, made]);
      }
    }
    const { layers, spans, timed } = traced(built);
    tracing.timed = timed;
    const about = {
      layers: built.map(({ name, priority }) => [name, priority] as const),
      ...(skipped.length === 0 ? {} : { skipped }),
    };
    return { layers, timed, trace: () => ({ ...about, ...spans() }) };
  };
}

/** A layer, or why there is none. */
async function build(
  row: MiddlewareRow,
  set: MiddlewareSet,
  parts: MiddlewareParts,
): Promise<Middleware | string> {
  const { type, priority, config } = row;
  try {
    const found = await set.find(type);
    if (found === undefined) return whyMissing(type);
    if (typeof found === 'string') return found;
    const missing = found.needs?.(config, parts);
    if (missing !== undefined) return missing;
    return { name: type, priority, ...found.build(config, parts) };
  } catch (error) {
    if (error instanceof z.ZodError) return `Its config is not valid: ${z.prettifyError(error)}`;
    return error instanceof Error ? error.message : String(error);
  }
}

function critical({ type }: MiddlewareRow, { facts }: TurnSide, why: string): TurnEndError {
  const text = `The middleware ${type} of the model ${facts.model} is critical and cannot be built: ${closed(why)} An admin must look at it.`;
  return new TurnEndError({ status: 'failed', code: 'misconfigured', text });
}

/** A reason may be an error's message, which ends anyhow. */
function closed(why: string): string {
  return /[.!?…]$/.test(why) ? why : `${why}.`;
}

type OfProcess = Pick<
  MiddlewareParts,
  'log' | 'metrics' | 'clock' | 'shared' | 'memory' | 'fileText' | 'hasRedis' | 'rates' | 'budgets'
> & {
  readonly ledger: Ledger;
  /** Hears of calls aside, once the layers are there. */
  readonly tracing: { readonly timed?: (call: TimedCall) => void };
};

function partsFor(
  { type }: MiddlewareRow,
  side: TurnSide,
  { ledger, tracing, ...process }: OfProcess,
): MiddlewareParts {
  let counts: Promise<ThreadCounts> | undefined;
  const { threadId, turnId } = side.facts;
  return {
    ...process,
    turn: side.facts,
    turnSignal: side.signal,
    state: { get: () => side.stateOf(type), set: (value) => side.setState(type, value) },
    steps: side.steps,
    window: side.window,
    threadCounts: () => (counts ??= ledger.counts(threadId, turnId)),
    threadRevision: () => ledger.revision(threadId),
    notice: side.notice,
    status: side.status,
    plan: side.plan,
    async ask({ tools = [], ...request }, signal) {
      const modelName = request.model ?? side.facts.model;
      const step = await timedThought({ name: modelName, by: type, told: tracing.timed }, async () =>
        think(
          request.model === undefined ? await side.own() : await side.named(request.model),
          { turnId, tools, ...request },
          {
            modelName,
            takenIds: new Set(),
            listener: { text: nobody, reasoning: nobody, restart: nobody },
            lost: side.charge,
            signal,
          },
        ),
      );
      side.charge({ charges: step.charges ?? [], durationMs: step.durationMs });
      return wholeAnswer(step);
    },
  };
}

/** What was cut or refused is no answer to a question that the bot asked. */
function wholeAnswer({ message, stop }: ModelStep): AssistantMessage {
  switch (stop) {
    case 'end':
    case 'tool_calls':
      return message;
    case 'refusal':
    case 'content_filtered':
      throw new ProviderError('content_filtered', 'The model did not want to answer.');
    case 'context_overflow':
      throw new ProviderError('context_overflow', 'The question was longer than the model can read.');
    case 'length':
      throw new ProviderError('protocol', 'The answer was longer than the model may write.');
    default:
      return stop satisfies never;
  }
}

function nobody(): void {}
