import type { ModelRequest } from '../agent/provider.ts';
import { type Step, stepMessages } from '../agent/steps.ts';

/** Where, in the messages of a request that no layer further out has shortened, the turn itself begins. */
export function ownFrom({ messages }: Pick<ModelRequest, 'messages'>, steps: readonly Step[]): number {
  return Math.max(0, messages.length - stepMessages(steps).length - 1);
}

/** A call that can write has begun in this turn: what was known before it may be true no more. */
export function hasWritten({ steps }: { steps(): readonly Step[] }): boolean {
  return steps().some((step) => step.type === 'begun');
}
