import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type AnthropicModel, anthropicModel } from './anthropic-models.ts';
import { answerLimit, serverAddress } from './setting-labels.ts';

export const anthropicConfig = z.object({
  /** Without `/v1`. */
  base_url: z
    .url({ protocol: /^https?$/ })
    .default('https://api.anthropic.com')
    .meta(serverAddress),
  /** Thinking counts towards it. */
  max_tokens: z.int().positive().optional().meta(answerLimit),
  /** How thorough the model is; absent: as the model does by itself. */
  effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).optional(),
  /**
   * A number is a budget in tokens, for models up to 4.5; newer ones refuse it. Absent: `adaptive`
   * where that is known to work.
   */
  thinking: z.union([z.enum(['adaptive', 'between_tools', 'disabled']), z.int().min(1024)]).optional(),
  /** Newer models put what they say between tool calls into their thoughts, and omit those unless asked. */
  thinking_display: z.enum(['summarized', 'omitted']).default('summarized'),
  /** How long the vendor keeps the prompt's beginning for the next call. */
  cache: z.enum(['5m', '1h', 'off']).default('5m'),
});

export type AnthropicConfig = z.infer<typeof anthropicConfig>;

/** What the request and the reader of one model need to know. */
export interface AnthropicSettings {
  readonly label: string;
  readonly model: string;
  readonly config: AnthropicConfig;
  /** Undefined: an unknown model. */
  readonly facts: AnthropicModel | undefined;
  /** Thoughts belong to the model and the account that made them. */
  readonly opaqueKey: string;
  /** The same for all models of the account; shows nothing of it. */
  readonly accountKey: string;
}

/** Puts together what is known of a model on an account. */
export function anthropicSettings(model: string, apiKey: string, config: AnthropicConfig): AnthropicSettings {
  const account = createHash('sha256').update(`${config.base_url}\n${apiKey}`).digest('hex').slice(0, 8);
  return {
    label: `Anthropic ${model}`,
    model,
    config,
    facts: anthropicModel(model),
    opaqueKey: `anthropic:${model}:${account}`,
    accountKey: `anthropic:${account}`,
  };
}
