/** What a check found. */
export interface Finding {
  /** What was looked at. */
  readonly about: string;
  /** `unknown`: it cannot be found out from here. */
  readonly status: 'ok' | 'failed' | 'warning' | 'unknown';
  /** One sentence. */
  readonly found: string;
  /** What to do about it; of everything that is not `ok`. */
  readonly fix?: string;
}

const icons = { ok: '✅', failed: '❌', warning: '⚠️', unknown: '➖' } as const;

/** Findings in Markdown: what is wrong first, each with what to do about it. */
export function findingsText(findings: readonly Finding[]): string {
  const wrong = findings.filter(({ status }) => status === 'failed' || status === 'warning');
  const others = findings.filter((finding) => !wrong.includes(finding));
  const head =
    wrong.length === 0
      ? 'All that I can look at is well.'
      : `${wrong.length} ${wrong.length === 1 ? 'thing needs' : 'things need'} attention.`;
  return [head, '', ...[...wrong, ...others].map(line)].join('\n');
}

function line({ about, status, found, fix }: Finding): string {
  const advice = fix === undefined ? '' : ` → ${fix}`;
  return `- ${icons[status]} **${about}**: ${`${found}${advice}`.replaceAll('\n', ' ')}`;
}
