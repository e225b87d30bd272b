import type { Principal } from '../chat/inbound.ts';
import type { Clock } from '../observe/port.ts';
import type { TurnStore } from './port.ts';

export interface SignedInOptions {
  readonly turns: Pick<TurnStore, 'signInsOf' | 'decide'>;
  readonly worker: { offer(threadId: string): void };
  readonly clock: Clock;
}

/**
 * Tells all turns, in whatever thread, that wait for this principal to sign in to a server that they
 * have; returns how many. Which of them can go on is found out when their calls are run.
 */
export function signedIn({ turns, worker, clock }: SignedInOptions) {
  return async (serverId: string, principal: Principal): Promise<number> => {
    const waiting = await turns.signInsOf(serverId, principal);
    for (const { id, askedBy, threadId } of waiting) {
      const now = new Date(clock.now());
      if (await turns.decide({ approvalId: id, state: 'approved', by: askedBy, now })) worker.offer(threadId);
    }
    return waiting.length;
  };
}
