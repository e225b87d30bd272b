import type { Check, HealthReport } from './health.ts';

/** The health of the bot as a person reads it in a chat. */
export function healthText(report: HealthReport): string {
  const rows = [
    row('database', report.database),
    row('redis', report.redis),
    row('model', report.model),
    ...Object.entries(report.platforms ?? {}).map(([name, check]) => row(name, check)),
    ...Object.entries(report.servers).map(([name, check]) => row(`server \`${name}\``, check)),
  ];
  return ['| | | |', '|---|---|---|', ...rows].join('\n');
}

const icons = { ok: '✅', failed: '❌', absent: '➖', starting: '⏳' } as const;

function row(name: string, { status, detail }: Check): string {
  return `| ${icons[status]} | ${name} | ${(detail ?? status).replaceAll('|', '\\|').replaceAll('\n', ' ')} |`;
}
