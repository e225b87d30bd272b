import type { ConcernStore } from '../inbox/port.ts';
import type { Log } from '../observe/port.ts';
import { regularly } from './regularly.ts';

export interface SnoozesOptions {
  readonly concerns: Pick<ConcernStore, 'wake'>;
  /** Something was put into the outbox. */
  readonly posted: () => void;
  readonly log: Log;
  readonly everyMs?: number;
}

/** Draws what was snoozed as open again once its time is over. Every process may run one: they take turns. */
export function startSnoozes({ concerns, posted, log, everyMs = 5000 }: SnoozesOptions): {
  stop(): Promise<void>;
} {
  const wake = async () => {
    // Where one of them cannot be ended, the others are.
    const ended = await concerns.wake(100).catch((error: unknown) => {
      posted();
      throw error;
    });
    if (ended > 0) posted();
  };
  return regularly(wake, { everyMs, failed: (error) => log.warn('snoozes_not_ended', { error }) });
}
