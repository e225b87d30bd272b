/** How something stands, from well to worst. `unknown`: nobody could find out, which is never well. */
export const verdicts = ['ok', 'unknown', 'warning', 'critical'] as const;

export type Verdict = (typeof verdicts)[number];

export const icons: Readonly<Record<Verdict, string>> = {
  ok: '🟢',
  unknown: '⚪',
  warning: '🟡',
  critical: '🔴',
};

const weights: Readonly<Record<string, number>> = { ok: 0, unknown: 1, warning: 2, critical: 3 };

/** The worse, the more; 0 is well. A word that is no verdict counts as well. */
export function weight(verdict: string): number {
  return weights[verdict] ?? 0;
}

/** Of all: the worst; what is unknown comes before what is well. */
export function worst(items: readonly { readonly verdict: Verdict }[]): Verdict {
  return items.reduce<Verdict>((so, { verdict }) => (weight(verdict) > weight(so) ? verdict : so), 'ok');
}

/** The worst first; equal ones stay in their order. */
export function worstFirst<Of extends { readonly verdict: Verdict }>(items: readonly Of[]): readonly Of[] {
  return items.toSorted((one, other) => weight(other.verdict) - weight(one.verdict));
}
