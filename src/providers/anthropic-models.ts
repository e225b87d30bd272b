import { byBeginning } from './by-beginning.ts';

/** What is known of a Claude model. */
export interface AnthropicModel {
  /** Tokens read and written at most. */
  readonly contextWindow: number;
  /** Tokens written at most; thinking counts. */
  readonly maxOutput: number;
  /** `adaptive`: decides by itself how much to think. `budget`: thinks only within a budget that is sent. */
  readonly thinking: 'adaptive' | 'budget';
  /** The last day on which the vendor serves it, where that is known. */
  readonly endsOn?: string;
}

const large = { contextWindow: 1_000_000, maxOutput: 128_000, thinking: 'adaptive' } as const;
const older = { contextWindow: 200_000, maxOutput: 64_000, thinking: 'adaptive' } as const;
const oldest = { contextWindow: 200_000, maxOutput: 64_000, thinking: 'budget' } as const;

/**
 * As of November 2026, by the beginning of the name; https://platform.claude.com/docs/en/models/overview.
 * Of models before 5 the window is the one that every account has.
 */
const models: Readonly<Record<string, AnthropicModel>> = {
  'claude-fable-5': large,
  'claude-mythos-5': large,
  'claude-opus-5': large,
  'claude-sonnet-5': large,
  'claude-haiku-5-5': large,
  'claude-opus-4-8': older,
  'claude-opus-4-7': older,
  'claude-opus-4-6': older,
  'claude-sonnet-4-6': older,
  'claude-opus-4-5': oldest,
  'claude-sonnet-4-5': { ...oldest, endsOn: '2026-11-30' },
  'claude-haiku-4-5': oldest,
};

/** Undefined: an unknown model. */
export function anthropicModel(name: string): AnthropicModel | undefined {
  return byBeginning(models, name);
}
