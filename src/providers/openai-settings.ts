import { createHash } from 'node:crypto';
import { z } from 'zod';
import { openaiModel } from './openai-models.ts';
import { answerLimit, serverAddress, spokenApi, topP } from './setting-labels.ts';

/** What models of OpenAI's API may be told, whoever runs the server. */
export const callFields = {
  max_tokens: z.int().positive().optional().meta(answerLimit),
  top_p: z.number().min(0).max(1).optional().meta(topP),
  reasoning_effort: z
    .enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'])
    .optional()
    .meta({ title: 'Reasoning effort' }),
  /** Shows the model's thoughts; OpenAI gives them to verified organisations only. Responses API. */
  reasoning_summary: z.enum(['auto', 'concise', 'detailed']).optional(),
  /** Whether the model reasons; absent: known from its name, else no. */
  reasoning: z.boolean().optional(),
};

/** The two APIs of OpenAI that other servers speak too. */
export const openaiApi = z.enum(['responses', 'chat']);

export const openaiConfig = z.object({
  base_url: z
    .url({ protocol: /^https?$/ })
    .default('https://api.openai.com/v1')
    .meta(serverAddress),
  /** `responses` is OpenAI's own; other servers mostly speak `chat`. */
  api: openaiApi.default('responses').meta(spokenApi),
  ...callFields,
});

const callConfig = z.object(callFields);

export type CallConfig = z.infer<typeof callConfig>;

/** What servers of Chat Completions disagree on. */
export interface ChatDialect {
  /** OpenAI's reasoning models refuse the older name; many other servers know no newer one. */
  readonly maxTokens: 'max_completion_tokens' | 'max_tokens';
  /** Whether it may be asked to count tokens in a stream. */
  readonly countsTokens: boolean;
  /** Whether it takes PDFs as they are. Absent: no. */
  readonly takesPdfs?: boolean;
}

/** What the request and the reader of one model need to know. */
export interface OpenaiSettings {
  readonly label: string;
  readonly model: string;
  readonly config: CallConfig;
  /** Takes `reasoning`, refuses `temperature`; its items are replayed. */
  readonly reasons: boolean;
  /** Encrypted items belong to the account that made them. */
  readonly opaqueKey: string;
  /** The same for all models of the account; shows nothing of it. */
  readonly accountKey: string;
  readonly dialect: ChatDialect;
}

/** One model on one account of a vendor. */
export interface OpenaiAccount {
  /** The vendor's name in configuration, and as people read it. */
  readonly vendor: { readonly name: string; readonly label: string };
  readonly model: string;
  readonly config: CallConfig;
  /** What tells the account apart: its server and its key. */
  readonly account: readonly string[];
  /** Absent: OpenAI's own. */
  readonly dialect?: ChatDialect;
}

/** Puts together what is known of a model on an account. */
export function openaiSettings({
  vendor,
  model,
  config,
  account,
  dialect = { maxTokens: 'max_completion_tokens', countsTokens: true, takesPdfs: true },
}: OpenaiAccount): OpenaiSettings {
  const digest = createHash('sha256').update(account.join('\n')).digest('hex').slice(0, 8);
  return {
    label: `${vendor.label} ${model}`,
    model,
    config,
    reasons: config.reasoning ?? openaiModel(model)?.reasoning ?? false,
    opaqueKey: `${vendor.name}:${model}:${digest}`,
    accountKey: `${vendor.name}:${digest}`,
    dialect,
  };
}

/** The dialect of servers that follow OpenAI's older format, unless their model must be told otherwise. */
export function olderDialect(model: string, config: CallConfig): ChatDialect {
  const reasons = config.reasoning ?? openaiModel(model)?.reasoning ?? false;
  return { maxTokens: reasons ? 'max_completion_tokens' : 'max_tokens', countsTokens: true };
}
