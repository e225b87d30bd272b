import type { Principal } from '../chat/inbound.ts';
import type { Deciders } from './port.ts';

export interface DecidersOptions {
  /** Who asked may approve; LAB only. */
  readonly selfApproval: boolean;
  /** All principals of the person behind one, itself among them. */
  readonly principalsOf: (principal: Principal) => Promise<readonly Principal[]>;
}

/**
 * Who may decide what somebody asks for. Whoever they are at that moment is kept with the question, so
 * that a token which is gone by then still stands for who made it.
 */
export function decidersWith({ selfApproval, principalsOf }: DecidersOptions) {
  return async (asker: Principal): Promise<Deciders> => {
    if (selfApproval) return { permission: 'approve' };
    return { permission: 'approve', never: [...new Set([asker, ...(await principalsOf(asker))])] };
  };
}
