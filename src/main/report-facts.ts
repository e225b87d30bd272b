import { setTimeout as sleep } from 'node:timers/promises';
import { budgetStandings, type SpendingBy } from '../middleware/budget-standing.ts';
import type { UsageGroup } from '../observe/port.ts';
import type { ReportFacts } from '../schedules/facts/port.ts';
import { configStore } from '../store/config-store.ts';
import type { Database } from '../store/database.ts';
import { storedFacts } from '../store/report-facts.ts';
import { scheduleStore } from '../store/schedules.ts';
import { usageLog } from '../store/usage-sums.ts';
import type { Conversation } from './conversation.ts';
import { hostFacts } from './host.ts';
import type { Managing } from './managing.ts';
import type { Toolbox } from './toolbox.ts';

export interface ReportFactsOptions {
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
export function createReportFacts({
  db,
  dataDir,
  conversation,
  toolbox,
  managing,
  now,
}: ReportFactsOptions): (since: Date | undefined) => Promise<ReportFacts> {
  const spendingBy = createSpendingBy(db, conversation);
  const { servers } = scheduleStore(db);
  const configs = configStore(db);
  return async (since) => {
    const known = Promise.all([toolbox.servers.ready(serversWaitMs), managing.looked]);
    await Promise.race([known, sleep(serversWaitMs, undefined, { ref: false })]);
    // A replica that answers nobody has read nothing since.
    const { model, middleware } = await managing.snapshots.atLeast(await configs.version());
    const budgets = middleware.filter(({ type, isActive }) => type === budgetLayer && isActive);
    return {
      ...(await storedFacts(db, since)),
      servers: await servers(),
      model: { name: model?.name ?? '', ...(await toolbox.models.check(model)) },
      queue: await conversation.inbox.depth(),
      host: await hostFacts(dataDir),
      budgets: await budgetStandings(
        budgets.map(({ config }) => config),
        { spendingBy, model: model?.name ?? '', now: now() },
      ),
    };
  };
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
