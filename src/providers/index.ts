import { ollama } from './ollama.ts';
import { openai } from './openai.ts';
import type { ProviderDefinition } from './vendor.ts';

/** Every LLM vendor, by the name used in configuration. */
export const providers: Readonly<Record<string, ProviderDefinition>> = {
  openai,
  ollama,
};
