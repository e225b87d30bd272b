import type { Message } from '../api.ts';

/** Tells screen readers when the bot works and what it answered, once and in whole. */
export function Announcer({
  isBusy,
  messages,
}: {
  readonly isBusy: boolean;
  readonly messages: readonly Message[];
}) {
  const last = messages.at(-1);
  const answer = last?.role === 'assistant' ? last.text : '';
  return (
    <div className="visually-hidden" aria-live="polite" data-testid="announcer">
      {isBusy ? 'The bot is working.' : answer}
    </div>
  );
}
