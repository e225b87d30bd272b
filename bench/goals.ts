import type { Report } from './report.ts';

/** A promise of the project and what came out. */
export interface Goal {
  readonly name: string;
  readonly value: number;
  readonly atMost: number;
  readonly met: boolean;
}

const megabyte = 1024 * 1024;

/** What the project promises, held against a report. */
export function goalsOf({
  rows,
  storage,
  acknowledge,
  slack,
  tools,
  start,
  chains,
}: Report): readonly Goal[] {
  const overheadMs = (history: number) =>
    find(rows, ({ cell }) => cell.threads === 1 && cell.thinkMs === 0 && cell.history === history).overheadMs;
  const bytes = (history: number) =>
    find(storage, (item) => item.subject === 'bot' && item.history === history).bytes;
  const shortTurnMs = Math.min(...rows.filter(({ cell }) => cell.thinkMs > 0).map(({ p50 }) => p50.bot));
  const histories = rows.map(({ cell }) => cell.history);
  const [shortest, longest] = [Math.min(...histories), Math.max(...histories)];
  return [
    ...rows
      .filter(({ cell }) => cell.thinkMs > 0)
      .map(({ cell, p50 }) => goal(`p50 ratio, ${caseName(cell)}`, p50.ratio.median, 1.1)),
    ...rows
      .filter(({ cell }) => cell.thinkMs === 0)
      .map(({ cell, cpu }) => goal(`CPU ratio, ${caseName(cell)}`, cpu.ratio.median, 1.75)),
    goal(
      `own time per turn, ${longest} / ${shortest} messages`,
      overheadMs(longest) / overheadMs(shortest),
      1.5,
    ),
    goal(`bytes written per turn, ${longest} / ${shortest} messages`, bytes(longest) / bytes(shortest), 1.05),
    goal('acknowledge p99 over the chat API, ms', acknowledge.p99Ms, 50),
    goal('acknowledge p99 of a Slack event, ms', slack.acknowledge.p99Ms, 50),
    goal(`tokens of definitions, one of ${tools.count} tools used`, tools.tokens, 8000),
    goal(
      'default middleware, share of a turn with think time',
      chains.byDefault.wall.median / shortTurnMs,
      0.05,
    ),
    goal('ready after start, ms', start.readyMs.median, 2000),
    goal('idle resident memory, MB', start.idleBytes / megabyte, 220),
    goal('idle resident memory with Slack, MB', slack.idleBytes / megabyte, 220),
  ];
}

function goal(name: string, value: number, atMost: number): Goal {
  return { name, value, atMost, met: value <= atMost };
}

function caseName({ threads, history }: { readonly threads: number; readonly history: number }): string {
  return `${threads} thread${threads === 1 ? '' : 's'}, ${history} messages`;
}

function find<T>(items: readonly T[], matches: (item: T) => boolean): T {
  const found = items.find(matches);
  if (found === undefined) throw new Error('the report lacks a case that a goal is about');
  return found;
}
