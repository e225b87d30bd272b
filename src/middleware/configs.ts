import { z } from 'zod';

const count = z.int().positive();
const names = z.array(z.string().min(1));
const model = z.string().min(1).describe('The name of a configured model; absent: the turn’s own.');

const retries = {
  max_retries: z.int().min(0).max(10).default(2),
  backoff_factor: z.number().min(0).default(2),
  initial_delay_ms: z.int().min(0).default(1000),
  max_delay_ms: z.int().min(0).default(60_000),
  jitter: z.boolean().default(true),
};

const trigger = z
  .strictObject({
    tokens: count.optional(),
    messages: count.optional(),
    fraction: z.number().gt(0).lte(1).optional(),
  })
  .describe('All of these together.');

const keep = z
  .strictObject({
    tokens: count.optional(),
    messages: count.optional(),
    fraction: z.number().gt(0).lte(1).optional(),
  })
  .refine((value) => Object.keys(value).length === 1, {
    error: 'Name exactly one of tokens, messages, fraction.',
  });

const decision = z.union([
  z.boolean(),
  z.strictObject({
    allowed_decisions: z.array(z.enum(['approve', 'edit', 'reject', 'respond'])).min(1),
    description: z.string().optional(),
  }),
]);

const callLimits = {
  thread_limit: count.optional(),
  run_limit: count.optional(),
};

const injectionPatterns = [
  ['ignore_instructions', 'ignore (all |any )?(previous|prior|above) (instructions|rules)'],
  ['role_manipulation', 'you are (now|no longer) '],
  ['system_prompt_extraction', '(reveal|show|print|repeat) (me )?(your|the) (system prompt|instructions)'],
  ['jailbreak_attempt', '(jailbreak|developer mode|do anything now)'],
  ['delimiter_injection', '(</?(system|assistant|user)>|\\[/?INST\\])'],
] as const;

/** Regular expressions by name; each must be one. */
const patterns = z
  .record(
    z.string(),
    z.string().refine((text) => isPattern(text), { error: 'This is not a regular expression.' }),
  )
  .default(Object.fromEntries(injectionPatterns));

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'i') instanceof RegExp;
  } catch {
    return false;
  }
}

/**
 * The options of each seeded middleware type, as LangChain v1 names and defaults them
 * (https://docs.langchain.com/oss/javascript/langchain/middleware). Unknown options are refused, and
 * `{}` is always valid.
 */
const schemas = {
  LoggingMiddleware: z.strictObject({}),
  SummarizationMiddleware: z.strictObject({
    model: model.optional(),
    trigger: z.union([trigger, z.array(trigger).min(1)]).default({ fraction: 0.8 }),
    keep: keep.default({ messages: 20 }),
    summary_prompt: z.string().optional(),
    trim_tokens_to_summarize: count.default(4000),
  }),
  HumanInTheLoopMiddleware: z.strictObject({
    interrupt_on: z.record(z.string(), decision).default({}),
    description_prefix: z.string().default('Tool execution requires approval'),
  }),
  ModelCallLimitMiddleware: z.strictObject({
    thread_limit: count.optional(),
    run_limit: count.default(25),
    exit_behavior: z.enum(['end', 'error']).default('end'),
  }),
  ToolCallLimitMiddleware: z
    .strictObject({
      tool_name: z.string().min(1).optional(),
      ...callLimits,
      run_limit: count.default(50),
      exit_behavior: z.enum(['continue', 'error', 'end']).default('continue'),
    })
    .refine(({ thread_limit: thread, run_limit: run }) => thread === undefined || run <= thread, {
      error: 'run_limit may not be above thread_limit.',
      path: ['run_limit'],
    }),
  ModelFallbackMiddleware: z.strictObject({
    models: names.default([]).describe('Names of configured models, in the order in which they are tried.'),
  }),
  PIIMiddleware: z.strictObject({
    pii_type: z
      .string()
      .min(1)
      .default('email')
      .describe('email, credit_card, ip, mac_address, url, or your own with a detector.'),
    strategy: z.enum(['block', 'redact', 'mask', 'hash']).default('redact'),
    detector: z
      .string()
      .refine((text) => isPattern(text), { error: 'This is not a regular expression.' })
      .optional(),
    apply_to_input: z.boolean().default(true),
    apply_to_output: z.boolean().default(false),
    apply_to_tool_results: z.boolean().default(false),
  }),
  TodoListMiddleware: z.strictObject({
    system_prompt: z.string().optional(),
    tool_description: z.string().optional(),
  }),
  LLMToolSelectorMiddleware: z.strictObject({
    model: model.optional(),
    system_prompt: z.string().optional(),
    max_tools: count.optional(),
    always_include: names.default([]),
  }),
  ToolRetryMiddleware: z.strictObject({
    ...retries,
    tools: names.optional(),
    on_failure: z.enum(['continue', 'error']).default('continue'),
  }),
  ModelRetryMiddleware: z.strictObject({
    ...retries,
    on_failure: z.enum(['continue', 'error']).default('continue'),
  }),
  LLMToolEmulatorMiddleware: z.strictObject({
    tools: names.optional(),
    model: model.optional(),
  }),
  ContextEditingMiddleware: z.strictObject({
    edits: z
      .array(
        z.strictObject({
          trigger: count.default(100_000),
          keep: z.int().min(0).default(3),
          clear_tool_inputs: z.boolean().default(false),
          exclude_tools: names.default([]),
          placeholder: z.string().default('[cleared]'),
          clear_at_least: z.int().min(0).default(0),
        }),
      )
      .default([
        {
          trigger: 100_000,
          keep: 3,
          clear_tool_inputs: false,
          exclude_tools: [],
          placeholder: '[cleared]',
          clear_at_least: 0,
        },
      ]),
  }),
  ShellToolMiddleware: z.strictObject({
    workspace_root: z.string().optional(),
    command_timeout_seconds: z.number().positive().max(600).default(30),
    termination_timeout_seconds: z.number().positive().max(60).default(10),
    max_output_lines: count.default(100),
  }),
  FilesystemFileSearchMiddleware: z.strictObject({
    root_path: z.string().optional(),
    use_ripgrep: z.boolean().default(true),
    max_file_size_mb: z.number().positive().default(10),
  }),
  PromptInjectionDetectionMiddleware: z.strictObject({
    patterns,
    strategy: z.enum(['block', 'warn', 'sanitize']).default('block'),
    apply_to_input: z.boolean().default(true),
    apply_to_tool_results: z.boolean().default(true),
    block_message: z
      .string()
      .default('This message looks like an attempt to change my instructions, so I did not answer it.'),
  }),
} as const;

/** The config of a middleware type; LangChain's camelCase names are taken too. Undefined: no such type. */
export function middlewareConfig(type: string): z.ZodType | undefined {
  const found = Object.entries(schemas).find(([name]) => name === type);
  return found === undefined ? undefined : z.preprocess(snakeCased, found[1]);
}

/** Option names in snake_case at every level but that of names chosen by people. */
function snakeCased(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [snake(key), inner]));
}

function snake(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
