import { byBeginning } from './by-beginning.ts';

/** What is known of OpenAI's models. Data, by the beginning of the name; the longest beginning wins. */
interface ModelFacts {
  /** Tokens read and written at most. */
  readonly contextWindow: number;
  /** Reasons before it speaks: takes `reasoning`, refuses `temperature` and `top_p`. */
  readonly reasoning: boolean;
}

/** As of November 2026; https://developers.openai.com/api/docs/models */
const models: Readonly<Record<string, ModelFacts>> = {
  'gpt-6': { contextWindow: 1_050_000, reasoning: true },
  'gpt-5.6': { contextWindow: 1_050_000, reasoning: true },
  'gpt-5': { contextWindow: 400_000, reasoning: true },
  'gpt-5-chat': { contextWindow: 128_000, reasoning: false },
  'gpt-5.1-chat': { contextWindow: 128_000, reasoning: false },
  'gpt-5.2-chat': { contextWindow: 128_000, reasoning: false },
  'gpt-5.3-chat': { contextWindow: 128_000, reasoning: false },
  'gpt-4.1': { contextWindow: 1_047_576, reasoning: false },
  'gpt-4o': { contextWindow: 128_000, reasoning: false },
  'chatgpt-4o': { contextWindow: 128_000, reasoning: false },
  'gpt-4-turbo': { contextWindow: 128_000, reasoning: false },
  'gpt-oss': { contextWindow: 131_072, reasoning: true },
  o1: { contextWindow: 200_000, reasoning: true },
  'o1-preview': { contextWindow: 128_000, reasoning: true },
  'o1-mini': { contextWindow: 128_000, reasoning: true },
  o3: { contextWindow: 200_000, reasoning: true },
  'o4-mini': { contextWindow: 200_000, reasoning: true },
};

/** Undefined: an unknown model. */
export function openaiModel(name: string): ModelFacts | undefined {
  return byBeginning(models, name);
}
