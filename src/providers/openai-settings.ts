import { createHash } from 'node:crypto';
import { z } from 'zod';
import { openaiModel } from './openai-models.ts';

export const openaiConfig = z.object({
  base_url: z.url({ protocol: /^https?$/ }).default('https://api.openai.com/v1'),
  /** `responses` is OpenAI's own; other servers mostly speak `chat`. */
  api: z.enum(['responses', 'chat']).default('responses'),
  max_tokens: z.int().positive().optional(),
  top_p: z.number().min(0).max(1).optional(),
  reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).optional(),
  /** Shows the model's thoughts; OpenAI gives them to verified organisations only. Responses API. */
  reasoning_summary: z.enum(['auto', 'concise', 'detailed']).optional(),
  /** Whether the model reasons; absent: known from its name, else no. */
  reasoning: z.boolean().optional(),
});

export type OpenaiConfig = z.infer<typeof openaiConfig>;

/** What the request and the reader of one model need to know. */
export interface OpenaiSettings {
  readonly label: string;
  readonly model: string;
  readonly config: OpenaiConfig;
  /** Takes `reasoning`, refuses `temperature`; its items are replayed. */
  readonly reasons: boolean;
  /** Encrypted items belong to the account that made them. */
  readonly opaqueKey: string;
}

/** Puts together what is known of a model on an account. */
export function openaiSettings(model: string, apiKey: string, config: OpenaiConfig): OpenaiSettings {
  const account = createHash('sha256').update(`${config.base_url}\n${apiKey}`).digest('hex').slice(0, 8);
  return {
    label: `OpenAI ${model}`,
    model,
    config,
    reasons: config.reasoning ?? openaiModel(model)?.reasoning ?? false,
    opaqueKey: `openai:${model}:${account}`,
  };
}
