import { setTimeout as sleep } from 'node:timers/promises';
import { sentenceOf } from '../bot/outcome.ts';
import type { Config } from '../config.ts';
import { budgetStandings, type SpendingBy } from '../middleware/budget-standing.ts';
import type { Log, UsageGroup } from '../observe/port.ts';
import type { ModelRow } from '../resources/port.ts';
import type { FactSource, ModelStanding } from '../schedules/facts/port.ts';
import { configStore } from '../store/config-store.ts';
import type { Database } from '../store/database.ts';
import { storedFacts, undeliverableFacts, usageFacts } from '../store/report-facts.ts';
import { scheduleStore } from '../store/schedules.ts';
import { usageLog } from '../store/usage-sums.ts';
import type { Conversation } from './conversation.ts';
import { hostFacts } from './host.ts';
import type { Managing } from './managing.ts';
import type { Toolbox } from './toolbox.ts';

export interface ReportFactsOptions {
  readonly config: Pick<Config, 'environment'>;
  readonly log: Log;
  readonly db: Database;
  readonly dataDir: string;
  readonly conversation: Conversation;
  readonly toolbox: Toolbox;
  readonly managing: Managing;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const serversWaitMs = 10_000;
const budgetLayer = 'BudgetMiddleware';

/** Gathers what reports and monitors tell without a model. */
export function createReportFacts(options: ReportFactsOptions): FactSource {
  const { db, dataDir, conversation, toolbox, managing, now } = options;
  const spendingBy = createSpendingBy(db, conversation);
  const stored = scheduleStore(db);
  const configs = configStore(db);

  const facts: FactSource = {
    async servers() {
      const known = Promise.all([toolbox.servers.ready(serversWaitMs), managing.looked]);
      await Promise.race([known, sleep(serversWaitMs, undefined, { ref: false })]);
      return { servers: await stored.servers() };
    },
    async model(since) {
      return { models: await standings(await configs.models(), options), ...(await usageFacts(db, since)) };
    },
    async queue(since) {
      return { queue: await conversation.inbox.depth(), ...(await undeliverableFacts(db, since)) };
    },
    host: async () => ({ host: await hostFacts(dataDir) }),
    async budget() {
      // A replica that answers nobody has read nothing since.
      const { model, middleware } = await managing.snapshots.atLeast(await configs.version());
      const budgets = middleware.filter(({ type, isActive }) => type === budgetLayer && isActive);
      const of = { spendingBy, model: model?.name ?? '', now: now() };
      return {
        budgets: await budgetStandings(
          budgets.map(({ config }) => config),
          of,
        ),
      };
    },
    async all(since) {
      return {
        ...(await facts.servers()),
        ...(await storedFacts(db, since)),
        models: await standings(await configs.models(), options),
        queue: await conversation.inbox.depth(),
        ...(await facts.host()),
        ...(await facts.budget()),
      };
    },
  };
  return facts;
}

/** More models than these are not looked at. */
const mostModels = 50;

/** How models stand, the one in use first. Outside LAB people are told no more than what kind of thing is wrong. */
async function standings(
  rows: readonly ModelRow[],
  { toolbox, config, log }: ReportFactsOptions,
): Promise<readonly ModelStanding[]> {
  const models = rows.slice(0, mostModels);
  const looks = await toolbox.models.look(models);
  return looks.map((look, n): ModelStanding => {
    const name = models[n]?.name ?? '';
    const place = { name, isInUse: n === 0 };
    if (look.state === 'reachable') return { ...place, ...look };
    const { state, kind, detail } = look;
    if (config.environment === 'LAB' || state === 'misconfigured') return { ...place, state, detail };
    log.warn('model_not_reached', { model: name, state, kind, detail });
    return { ...place, state, detail: sentenceOf(kind) };
  });
}

const mostOwners = 10_000;
const groups = { user: 'principal', channel: 'thread', model: 'model' } as const satisfies Record<
  Parameters<SpendingBy>[0],
  UsageGroup
>;

/** Threads are gathered by their channels; those that are in none have no such budget. */
function createSpendingBy(db: Database, { adapters }: Pick<Conversation, 'adapters'>): SpendingBy {
  const log = usageLog(db);
  const channelOf = (threadId: string) =>
    adapters.get(threadId.slice(0, threadId.indexOf(':')))?.channelOf?.(threadId);
  return async (kind, since) => {
    const group = groups[kind];
    const { rows } = await log.sums([group], { since }, { limit: mostOwners, offset: 0 });
    const spent = rows.flatMap((row) => {
      const name = row.group[group] ?? '';
      const owner = kind === 'channel' ? channelOf(name) : name;
      return owner === undefined ? [] : [{ owner, tokens: row.input + row.output, usd: row.costUsd ?? 0 }];
    });
    return [...Map.groupBy(spent, ({ owner }) => owner)].map(([owner, all]) => ({
      owner,
      tokens: all.reduce((sum, one) => sum + one.tokens, 0),
      usd: all.reduce((sum, one) => sum + one.usd, 0),
    }));
  };
}
