import type { Attended, AttendInput } from './bot.ts';
import { plainMarkdown } from './plain-markdown.ts';
import type { ConcernCard } from './reply.ts';

/** What a platform offers to do about something that needs attention, as its state allows. */
export interface ConcernChoice {
  readonly verb: AttendInput['verb'];
  readonly label: string;
  /** Of a snooze. */
  readonly minutes?: number;
}

/** How long something may be snoozed by a click. */
export const snoozes: readonly Required<ConcernChoice>[] = [
  { verb: 'snooze', label: '1 hour', minutes: 60 },
  { verb: 'snooze', label: '4 hours', minutes: 240 },
  { verb: 'snooze', label: '1 day', minutes: 1440 },
  { verb: 'snooze', label: '1 week', minutes: 10_080 },
];

/** The longest snooze: thirty days. */
export const longestSnooze = 43_200;

/** Who did what, in a line; `until` is drawn as the platform draws times. Empty while nobody has said a word. */
export function concernLine(card: ConcernCard, until: (iso: string) => string): string {
  const by = card.by === undefined || card.by === '' ? '' : ` by ${card.by}`;
  switch (card.state) {
    case 'open':
      return '';
    case 'acknowledged':
      return `✅ Acknowledged${by}`;
    case 'snoozed':
      return `💤 Snoozed${card.until === undefined ? '' : ` until ${until(card.until)}`}${by}`;
    case 'resolved':
      return '🟢 Resolved';
    default:
      return card.state satisfies never;
  }
}

/** Why what somebody said changed nothing, in Markdown for them. Undefined: it did, or it was theirs already. */
export function attendedBefore({ reply, isOthers }: Attended): string | undefined {
  if (reply.concern?.state === 'resolved') return 'This is resolved already.';
  if (!isOthers) return undefined;
  return `${plainMarkdown(reply.concern?.by ?? '') || 'Somebody'} has acknowledged this already.`;
}

/** Of something that is told in another conversation than somebody speaks of it in. */
export const toldElsewhere = 'That is told in another conversation; say it there.';

/** What somebody is told who opened something again. */
export const openAgain = '🔔 Open again';

/** What a click on something says whose words are gone. */
export const concernGone = 'I know nothing of this any more.';
