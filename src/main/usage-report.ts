import { type ReadUsage, type UsageLine, type UsagePeriod, usagePeriods } from '../chat/admin/usage.ts';
import { ForbiddenError } from '../chat/errors.ts';
import { reachable } from '../chat/reachable.ts';
import type { Clock, UsageFilter, UsageGroup, UsageLog, UsageSum } from '../observe/port.ts';

const [dayMs, daysShown, mostLines, mostParts] = [86_400_000, 14, 10_000, 8];
const labels: Readonly<Record<UsagePeriod, string>> = {
  today: 'Today',
  week: 'This week',
  month: 'This month',
};

export interface UsageReportOptions {
  readonly log: UsageLog;
  readonly clock: Clock;
  /** What the ids of all threads of a thread's channel begin with. */
  readonly channelOf: (threadId: string) => string | undefined;
  /** How people call that channel; undefined where its platform does not say, soon. */
  readonly nameOfChannel: (channel: string) => Promise<string | undefined>;
  /** How a person is called; undefined where nobody knows. */
  readonly nameOf: (principal: string) => Promise<string | undefined>;
}

/** What models used and cost, for chats. Needs `view_usage`. Days are those of UTC, weeks begin on Monday. */
export function createUsageReport(options: UsageReportOptions): ReadUsage {
  const { log, clock, channelOf, nameOf } = options;
  async function sums(group: UsageGroup, since: Date): Promise<readonly UsageSum[]> {
    const filter: UsageFilter = { since };
    return (await log.sums([group], filter, { limit: mostLines, offset: 0 })).rows;
  }

  return reachable(async (by, period) => {
    if (!by.permissions.has('view_usage')) throw new ForbiddenError('This needs the permission view_usage.');
    const now = new Date(clock.now());
    const since = beginOf(period, now);
    const first = new Date(Math.min(...usagePeriods.map((one) => beginOf(one, now).getTime())));
    const fortnight = new Date(dayOf(now).getTime() - (daysShown - 1) * dayMs);
    const from = first < fortnight ? first : fortnight;
    const [days, models, askers, threads] = await Promise.all([
      sums('day', from),
      sums('model', since),
      sums('principal', since),
      sums('thread', since),
    ]);
    const persons = askers.map((sum) => lineOf(sum.group.principal ?? '', [sum]));
    return {
      totals: usagePeriods.map((one) => totalOf(labels[one], days, beginOf(one, now))),
      byModel: dearest(models.map((sum) => lineOf(sum.group.model ?? '', [sum]))),
      byUser: await people(dearest(persons), nameOf),
      byChannel: await named(dearest(channels(threads, channelOf)), options.nameOfChannel),
      days: Array.from({ length: daysShown }, (_unused, n) => {
        const day = new Date(fortnight.getTime() + n * dayMs).toISOString().slice(0, 10);
        return lineOf(
          day,
          days.filter((sum) => sum.group.day === day),
        );
      }),
    };
  });
}

/** By their names; with their principals where two are called the same. */
async function people(
  lines: readonly UsageLine[],
  nameOf: UsageReportOptions['nameOf'],
): Promise<readonly UsageLine[]> {
  const names = await Promise.all(lines.map(({ label }) => nameOf(label)));
  return lines.map((line, n) => {
    const name = names[n];
    if (name === undefined) return line;
    const isOne = names.filter((other) => other === name).length === 1;
    return { ...line, label: isOne ? name : `${name} (${line.label})` };
  });
}

function channels(
  threads: readonly UsageSum[],
  channelOf: UsageReportOptions['channelOf'],
): readonly UsageLine[] {
  const groups = Map.groupBy(threads, ({ group }) => channelOf(group.thread ?? '') ?? 'in no channel');
  return [...groups].map(([channel, found]) => lineOf(channel, found));
}

const patienceMs = 1500;

/** Where nobody knows the name in time, a channel is called by its id. */
async function named(
  lines: readonly UsageLine[],
  nameOf: UsageReportOptions['nameOfChannel'],
): Promise<readonly UsageLine[]> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), patienceMs);
  const withName = async (line: UsageLine) => {
    const name = await Promise.race([nameOf(line.label).catch(() => undefined), late]);
    return { ...line, label: name ?? line.label.replace(/:$/, '') };
  };
  return await Promise.all(lines.map(withName)).finally(() => clearTimeout(timer));
}

function dayOf(time: Date): Date {
  return new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), time.getUTCDate()));
}

function beginOf(period: UsagePeriod, now: Date): Date {
  const today = dayOf(now);
  if (period === 'today') return today;
  if (period === 'month') return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));
  return new Date(today.getTime() - ((now.getUTCDay() + 6) % 7) * dayMs);
}

function totalOf(label: string, days: readonly UsageSum[], since: Date): UsageLine {
  const from = since.toISOString().slice(0, 10);
  return lineOf(
    label,
    days.filter(({ group }) => (group.day ?? '') >= from),
  );
}

function lineOf(label: string, sums: readonly UsageSum[]): UsageLine {
  const add = (of: (sum: UsageSum) => number) => sums.reduce((total, sum) => total + of(sum), 0);
  const isUnknown = sums.length > 0 && sums.every(({ costUsd }) => costUsd === null);
  return {
    label,
    turns: add(({ turns }) => turns),
    calls: add(({ calls }) => calls),
    tokens: add(({ input, output }) => input + output),
    costUsd: isUnknown ? null : add(({ costUsd }) => costUsd ?? 0),
    costIsWhole: sums.every(({ costIsWhole }) => costIsWhole),
  };
}

function dearest(lines: readonly UsageLine[]): readonly UsageLine[] {
  const byCost = (one: UsageLine, other: UsageLine) =>
    (other.costUsd ?? 0) - (one.costUsd ?? 0) || other.tokens - one.tokens;
  return lines.toSorted(byCost).slice(0, mostParts);
}
