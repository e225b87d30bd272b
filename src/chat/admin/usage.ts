import type { Chart } from '../chart.ts';
import type { DeskCaller } from '../desk.ts';
import { type AdminAnswer, type Button, say } from './answer.ts';
import { code } from './words.ts';

export const usagePeriods = ['today', 'week', 'month'] as const;
export type UsagePeriod = (typeof usagePeriods)[number];

/** What was used in a period, or by one of its parts. */
export interface UsageLine {
  readonly label: string;
  readonly turns: number;
  readonly calls: number;
  readonly tokens: number;
  /** US dollars; null: unknown. */
  readonly costUsd: number | null;
  /** False: it was more than that. */
  readonly costIsWhole: boolean;
}

/** What models used and cost. Days are those of UTC. */
export interface UsageReport {
  /** One for each period, in their order. */
  readonly totals: readonly UsageLine[];
  /** Of the wanted period, the dearest first. */
  readonly byModel: readonly UsageLine[];
  readonly byUser: readonly UsageLine[];
  readonly byChannel: readonly UsageLine[];
  /** The last two weeks, the oldest day first. */
  readonly days: readonly UsageLine[];
}

/** Reads what was used. Throws `ForbiddenError` and `UnavailableError`. */
export type ReadUsage = (by: DeskCaller, period: UsagePeriod) => Promise<UsageReport>;

const titles: Readonly<Record<UsagePeriod, string>> = {
  today: 'Today',
  week: 'This week',
  month: 'This month',
};

/** A report in Markdown, with a chart of the days. */
export function usageAnswer(report: UsageReport, period: UsagePeriod): AdminAnswer {
  const buttons: readonly Button[] = usagePeriods
    .filter((other) => other !== period)
    .map((other) => ({ label: titles[other], line: `usage ${other}` }));
  const parts = [
    { head: 'model', lines: report.byModel },
    { head: 'person', lines: report.byUser },
    { head: 'channel', lines: report.byChannel },
  ].filter(({ lines }) => lines.length > 0);
  const text = [
    chartOf(report.days),
    table('period', report.totals),
    ...parts.map(({ head, lines }) => `**${titles[period]} by ${head}**\n\n${table(head, lines)}`),
  ].filter((part) => part !== '');
  return say(text.join('\n\n'), buttons);
}

function table(head: string, lines: readonly UsageLine[]): string {
  const rows = lines.map(
    (line) =>
      `| ${code(line.label)} | ${line.turns} | ${line.calls} | ${line.tokens.toLocaleString('en-US')} | ${costText(line)} |`,
  );
  return [`| ${head} | turns | calls | tokens | cost |`, '|---|---|---|---|---|', ...rows].join('\n');
}

function costText({ costUsd, costIsWhole, calls }: UsageLine): string {
  if (calls === 0) return '$0';
  if (costUsd === null) return 'unknown';
  return `${costIsWhole ? '' : 'more than '}$${costUsd.toFixed(costUsd < 1 ? 4 : 2)}`;
}

/** Cost where it is known, else tokens; nothing where nothing was used. */
function chartOf(days: readonly UsageLine[]): string {
  if (days.every(({ calls }) => calls === 0)) return '';
  const isPriced = days.some(({ costUsd }) => (costUsd ?? 0) > 0);
  const data = days.map(({ label, costUsd, tokens }) => ({
    label: label.slice(5),
    value: isPriced ? (costUsd ?? 0) : tokens,
  }));
  const chart: Chart = {
    type: 'bar',
    title: isPriced ? 'Cost by day' : 'Tokens by day',
    y_label: isPriced ? 'US dollars' : 'tokens',
    series: [{ name: isPriced ? 'cost' : 'tokens', data }],
  };
  return `\`\`\`chart\n${JSON.stringify(chart)}\n\`\`\``;
}
