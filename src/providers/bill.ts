import type { ModelEvent, Usage } from '../agent/provider.ts';
import type { ChargeFor } from './cost.ts';
import type { VendorEvent } from './vendor.ts';

/** What a vendor says, signs of life left out. */
export type SpokenEvent = Exclude<VendorEvent, { readonly type: 'alive' }>;

/** Puts prices on usage, over all tries of a call. */
export function openBill(charge: ChargeFor) {
  /** What a request that goes on has used so far. */
  let used: Usage | undefined;
  /** Tokens were used that the vendor never counted. */
  let isOwed = false;

  const toEvent = (usage: Usage, isAll: boolean): ModelEvent => ({
    type: 'usage',
    usage,
    ...charge(usage, isAll && !isOwed),
  });

  return {
    /** Undefined: nothing to tell the caller. */
    take(event: SpokenEvent): ModelEvent | undefined {
      if (event.type === 'used') used = event.usage;
      if (event.type === 'used') return undefined;
      if (event.type !== 'usage') return event;
      used = undefined;
      return toEvent(event.usage, true);
    },
    /** What is known of a request that failed. */
    breakOff(said: boolean): readonly ModelEvent[] {
      const told = used === undefined ? [] : [toEvent(used, false)];
      isOwed ||= said && told.length === 0;
      used = undefined;
      return told;
    },
  };
}
