import type { PinState } from './tool-list.ts';

const WORDS: Readonly<Record<PinState, readonly [word: string, tone: string]>> = {
  accepted: ['Accepted', 'good'],
  new: ['New', 'warn'],
  changed: ['Changed', 'warn'],
  revoked: ['Taken back', 'bad'],
};

/** How a definition stands, and who decided. */
export function PinStatus({ state, by = '' }: { readonly state: PinState; readonly by?: string }) {
  const [word, tone] = WORDS[state];
  return (
    <span className="status pin-status">
      <span className={`dot ${tone}`} aria-hidden="true" />
      {word}
      {by !== '' && (state === 'accepted' || state === 'revoked') && ` by ${by}`}
    </span>
  );
}
