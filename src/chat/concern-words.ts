import type { AttendInput } from './bot.ts';
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

/** Why what somebody said changed nothing, as a sentence for them. Undefined: it did, or it was theirs already. */
export function attendedBefore(
  card: ConcernCard,
  { verb, by }: Pick<AttendInput, 'verb' | 'by'>,
): string | undefined {
  if (card.state === 'resolved') return 'This is resolved already.';
  if (verb !== 'acknowledge' || card.state !== 'acknowledged' || card.by === by.name) return undefined;
  return `${card.by ?? 'Somebody'} has acknowledged this already.`;
}

/** What a click on something says whose words are gone. */
export const concernGone = 'I know nothing of this any more.';
