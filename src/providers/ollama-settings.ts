import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Log } from '../observe/port.ts';
import { answerLimit, serverAddress, topP } from './setting-labels.ts';

export const ollamaConfig = z.object({
  base_url: z
    .url({ protocol: /^https?$/ })
    .default('http://localhost:11434')
    .meta(serverAddress),
  /** Tokens of context that the server reserves for the model. */
  num_ctx: z.int().min(512).default(32_768).meta({ title: 'Reserved context, in tokens' }),
  /** Absent: as the model does by itself. */
  think: z.union([z.boolean(), z.enum(['low', 'medium', 'high'])]).optional(),
  /** How long the model stays loaded: `10m`, `-1` for ever, or seconds. */
  keep_alive: z.union([z.string(), z.number()]).optional(),
  max_tokens: z.int().positive().optional().meta(answerLimit),
  top_p: z.number().min(0).max(1).optional().meta(topP),
});

export type OllamaConfig = z.infer<typeof ollamaConfig>;

/** What the request and the reader of one model need to know. */
export interface OllamaSettings {
  readonly label: string;
  readonly model: string;
  readonly config: OllamaConfig;
  readonly opaqueKey: string;
  readonly log: Log | undefined;
}

/** Puts together what is known of a model on a server. */
export function ollamaSettings(model: string, config: OllamaConfig, log: Log | undefined): OllamaSettings {
  const server = createHash('sha256').update(config.base_url).digest('hex').slice(0, 8);
  return { label: `Ollama ${model}`, model, config, opaqueKey: `ollama:${model}:${server}`, log };
}
