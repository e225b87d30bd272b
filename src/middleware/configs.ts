import { z } from 'zod';
import { snakeCased } from './options.ts';

const count = z.int().positive();
const names = z.array(z.string().min(1));
const model = z.string().min(1).describe('The name of a configured model; absent: the turn’s own.');

const decision = z.union([
  z.boolean(),
  z.strictObject({
    allowed_decisions: z.array(z.enum(['approve', 'edit', 'reject', 'respond'])).min(1),
    description: z.string().optional(),
  }),
]);

/**
 * The options of seeded middleware types that are not built, as LangChain v1 names and defaults them
 * (https://docs.langchain.com/oss/javascript/langchain/middleware). Unknown options are refused, and
 * `{}` is always valid. A type that is built brings its own in its file.
 */
const schemas = {
  HumanInTheLoopMiddleware: z.strictObject({
    interrupt_on: z.record(z.string(), decision).default({}),
    description_prefix: z.string().default('Tool execution requires approval'),
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
  LLMToolEmulatorMiddleware: z.strictObject({
    tools: names.optional(),
    model: model.optional(),
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
} as const;

/** The config of a type that is known and not built. Undefined: no such type. */
export function knownConfig(type: string): z.ZodType | undefined {
  const found = Object.entries(schemas).find(([name]) => name === type);
  return found === undefined ? undefined : z.preprocess(snakeCased, found[1]);
}
