import type { Clock, Log } from '../observe/port.ts';
import type { TurnStore } from './port.ts';
import { regularly } from './regularly.ts';

export interface ExpiryOptions {
  readonly turns: TurnStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly everyMs?: number;
}

/** Lets unanswered approvals expire, so that their turns end with a word instead of waiting for ever. */
export function startExpiry({ turns, clock, log, everyMs = 15_000 }: ExpiryOptions): {
  stop(): Promise<void>;
} {
  const sweep = async () => {
    for (const id of await turns.expired(new Date(clock.now()), 100)) await expire(turns, id, clock);
  };
  return regularly(sweep, { everyMs, failed: (error) => log.warn('expiry_failed', { error }) });
}

/** The bot itself, in the audit log. */
export const botAuthor = { principal: 'bot', name: 'AI Ops Bot' } as const;

/** An approval's time is over: the turn goes on with that answer. */
export async function expire(turns: TurnStore, approvalId: string, clock: Clock): Promise<void> {
  await turns.decide({ approvalId, state: 'expired', by: botAuthor, now: new Date(clock.now()) });
}
