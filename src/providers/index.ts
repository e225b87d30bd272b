import { anthropic } from './anthropic.ts';
import { azure } from './azure.ts';
import { custom } from './custom.ts';
import { huggingface } from './huggingface.ts';
import { ollama } from './ollama.ts';
import { openai } from './openai.ts';
import type { ProviderDefinition } from './vendor.ts';

/** Every LLM vendor, by the name used in configuration. */
export const providers: Readonly<Record<string, ProviderDefinition>> = {
  openai,
  anthropic,
  azure_ai: azure,
  huggingface,
  ollama,
  custom,
};
