const TONES: Readonly<Record<string, string>> = {
  healthy: 'good',
  approved: 'good',
  active: 'good',
  done: 'good',
  ok: 'good',
  resolved: 'good',
  unhealthy: 'bad',
  critical: 'bad',
  firing: 'bad',
  failed: 'bad',
  expired: 'bad',
  vulnerable: 'warn',
  testing: 'warn',
  waiting: 'warn',
  skipped: 'warn',
  warning: 'warn',
};

/** How something stands: its word, with a dot that says the same by colour. */
export function Status({ name }: { readonly name: string }) {
  return (
    <span className="status">
      <span className={`dot ${TONES[name.toLowerCase()] ?? 'neutral'}`} aria-hidden="true" />
      {name}
    </span>
  );
}
