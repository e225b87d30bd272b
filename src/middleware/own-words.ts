import { type ModelEvent, noUsage, type StopReason } from '../agent/provider.ts';

/** An answer that no model gave: it is free, and belongs to no model. */
export function* ownWords(text: string, stop: StopReason = 'end'): Generator<ModelEvent> {
  yield { type: 'text', text };
  yield freeOfCharge;
  yield { type: 'stop', reason: stop };
}

/** What a call that asked no model is charged for. */
export const freeOfCharge: ModelEvent = {
  type: 'usage',
  usage: noUsage,
  model: '',
  cost: { usd: 0, isWhole: true },
};
