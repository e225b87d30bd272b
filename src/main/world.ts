import { randomUUID } from 'node:crypto';
import { previewPrompt } from '../bot/instructions.ts';
import { sentenceOf } from '../bot/outcome.ts';
import type { UsageRecord } from '../bot/port.ts';
import { impliedBy } from '../middleware/chain.ts';
import type { MiddlewareSet } from '../middleware/index.ts';
import { orderWarnings } from '../middleware/order.ts';
import type { Clock, Log, LogFields } from '../observe/port.ts';
import { providers } from '../providers/index.ts';
import type { modelLoader } from '../providers/load.ts';
import type { PriceOf } from '../providers/prices.ts';
import type { ConfigStore, ModelRow } from '../resources/port.ts';
import { loadPrompt, type PromptFiles } from '../resources/prompt-files.ts';
import { promptProblems } from '../resources/prompt-problems.ts';
import type { Snapshots } from '../resources/snapshot.ts';
import type { ModelTest, ServerCheck, World } from '../resources/world.ts';
import { nobodySignedIn } from '../tools/mcp/auth/port.ts';
import type { Pool } from '../tools/mcp/pool.ts';
import { sentence } from '../tools/mcp/sentence.ts';
import type { PinStore } from '../tools/port.ts';
import type { createServerSet } from '../tools/servers.ts';
import type { Knowing } from './knowing.ts';

/** The parts of the bot that rules and actions of resources may ask. */
export interface WorldParts {
  readonly showDetails: boolean;
  readonly permissions: ReadonlySet<string>;
  readonly refusalOfProgram: World['refusalOfProgram'];
  readonly configs: ConfigStore;
  readonly servers: ReturnType<typeof createServerSet>;
  readonly pins: PinStore;
  readonly signIns: World['signIns'];
  readonly schedules: World['schedules'];
  readonly alerts: World['alerts'];
  readonly knowing: Knowing;
  readonly secrets: World['secrets'];
  readonly models: ReturnType<typeof modelLoader>;
  readonly middleware: MiddlewareSet;
  readonly snapshots: Snapshots;
  readonly prompts: PromptFiles;
  readonly priceOf: PriceOf;
  readonly pool: Pick<Pool, 'tools' | 'instructions' | 'states'>;
  /** Hears what model calls that belong to no turn have used. */
  readonly charged: (record: UsageRecord) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** What rules and actions of resources may ask, answered by the parts of this process. */
export function createWorld(parts: WorldParts): World {
  const { configs, servers, models, prompts, pins } = parts;
  const guard = guarding(parts);
  return {
    permissions: parts.permissions,
    refusalOfProgram: parts.refusalOfProgram,
    provider: (name) => (Object.hasOwn(providers, name) ? providers[name] : undefined),
    middleware: parts.middleware.kind,
    middlewareOrder: orderWarnings,
    defaultLayers: (types) => impliedBy(types.map((type) => ({ type }))),
    price: parts.priceOf,
    signIns: parts.signIns,
    schedules: parts.schedules,
    alerts: parts.alerts,
    ...parts.knowing,
    secrets: parts.secrets,
    now: parts.clock.now,
    promptProblems: (source) => promptProblems(source, prompts),
    previewPrompt: (id) => preview(id, parts),
    checkServer: oneAtATime(async (id, withinMs) => {
      const row = await configs.server(id);
      const check = row === undefined ? gone : await servers.check(row, withinMs);
      return check.healthy ? check : { ...check, guarded: guard(check, { server: row?.name }) };
    }),
    async serverTools(id, isOpen) {
      const row = await configs.server(id);
      if (row === undefined) return { tools: [] };
      return await servers.tools(row, await pins.of(id)).catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        throw new Error(isOpen ? message : guard({ message, details: '' }, { server: row.name }));
      });
    },
    async decideTools({ id, verb, pinned, by }) {
      const row = await configs.server(id);
      if (row === undefined) return;
      const version = await pins[verb]({ serverId: id, server: row.name, pinned, by });
      if (version !== undefined) await parts.snapshots.atLeast(version);
    },
    async testModel(id, principal) {
      const row = await configs.model(id);
      if (row === undefined) return { ok: false, latencyMs: 0, kind: 'not_found', detail: gone.message };
      return await testModel(row, principal);
    },
    tryModel: testModel,
    async tryServer(row) {
      const check = await servers.tryOut(row);
      return check.healthy ? check : { ...check, guarded: guard(check, { server: row.name }) };
    },
    toolCount(server) {
      const state = parts.pool.states().find(({ name }) => name === server);
      return state?.status === 'connected' ? state.toolCount : undefined;
    },
  };

  async function testModel(row: ModelRow, principal: string): Promise<ModelTest> {
    const test = await models.test(row, (charge, durationMs) =>
      parts.charged({ ...charge, principal, durationMs }),
    );
    if (test.ok) return test;
    const told = { instead: sentenceOf(test.kind), message: test.detail, details: '' };
    return { ...test, guarded: guard(told, { model: row.name, kind: test.kind }) };
  }
}

/** Whoever asks while the same is being found out gets the same answer: a check may start a program. */
function oneAtATime<T>(
  find: (id: string, withinMs?: number) => Promise<T>,
): (id: string, withinMs?: number) => Promise<T> {
  const running = new Map<string, Promise<T>>();
  return (id, withinMs) => {
    const known = running.get(id);
    if (known !== undefined) return known;
    const found = find(id, withinMs).finally(() => running.delete(id));
    running.set(id, found);
    return found;
  };
}

interface Guarded extends Pick<ServerCheck, 'message' | 'details'> {
  /** What people are told instead. */
  readonly instead?: string;
}

const openly = sentence(nobodySignedIn);

/** Outside LAB those who may only look get a reference, and the log gets the rest. */
function guarding({ showDetails, log }: Pick<WorldParts, 'showDetails' | 'log'>) {
  return ({ message, details, instead = 'It cannot be reached.' }: Guarded, fields: LogFields): string => {
    if (showDetails || message === openly) return message;
    const reference_id = randomUUID();
    log.warn('check_failed', { ...fields, reference_id, message, details });
    return `${instead} The bot’s log says more under the reference ${reference_id}.`;
  };
}

const gone = {
  healthy: false,
  message: 'It was deleted meanwhile.',
  details: '',
  url: '',
  latencyMs: 0,
} as const;

async function preview(
  id: string,
  { configs, prompts, snapshots, pool, clock }: WorldParts,
): Promise<string> {
  const row = await configs.prompt(id);
  if (row === undefined) return '';
  const { settings, model } = await snapshots.atLeast(0);
  return previewPrompt(await loadPrompt(row.source, prompts), {
    now: clock.now(),
    timezone: settings.timezone,
    modelName: model?.name ?? '',
    tools: pool.tools().map(({ name }) => name),
    manyPeople: false,
    servers: pool.instructions(),
  }).text;
}
