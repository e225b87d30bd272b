import { ProviderError, type Usage } from './provider.ts';
import type { ModelStep } from './steps.ts';

/** A model call or a tool call as a trace shows it. */
export interface TimedCall {
  readonly type: 'model' | 'tool';
  /** Of the model as configured, or of the tool. */
  readonly name: string;
  /** By the clock of `performance`. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** In a word or a sentence. */
  readonly error?: string;
  readonly usage?: Usage;
  /** The layer that asked aside. Absent: it is a step of the turn. */
  readonly by?: string;
}

interface Thought {
  /** Of the model that is asked. */
  readonly name: string;
  readonly by?: string;
  readonly told: ((call: TimedCall) => void) | undefined;
}

/** Tells how long a model call took, also one that failed. */
export async function timedThought(
  { name, by, told }: Thought,
  think: () => Promise<ModelStep>,
): Promise<ModelStep> {
  const startedAt = performance.now();
  const tell = (about: Pick<TimedCall, 'name' | 'error' | 'usage'>) =>
    told?.({ type: 'model', startedAt, endedAt: performance.now(), ...about, ...(by && { by }) });
  try {
    const step = await think();
    tell({ name: step.model, usage: step.usage });
    return step;
  } catch (error) {
    tell({ name, error: error instanceof ProviderError ? error.kind : 'ended' });
    throw error;
  }
}
