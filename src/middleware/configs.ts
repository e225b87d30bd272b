import { z } from 'zod';
import { options, refused } from './options.ts';

/** A type that is known, whose config can be stored, and of which nothing runs. */
interface Unbuilt {
  readonly config: z.ZodType;
  /** Why nothing runs, for admins. */
  readonly why: string;
}

/**
 * Types that are not built, with the options that LangChain v1 gives them
 * (https://docs.langchain.com/oss/javascript/langchain/middleware). A type that is built brings its own.
 */
const unbuilt: Readonly<Record<string, Unbuilt>> = {
  ShellToolMiddleware: {
    config: options({
      workspace_root: z.string().optional(),
      commands: z.array(z.string()).optional(),
      startup_commands: z.array(z.string()).optional(),
      shutdown_commands: z.array(z.string()).optional(),
      tool_description: z.string().optional(),
      execution_policy: refused('There is no sandbox yet that could follow a policy.'),
      redaction_rules: refused('Add PIIMiddleware with apply_to_tool_results for what commands say.'),
      env: refused('Commands would be given what they should not know; name secrets where they are used.'),
      command_timeout_seconds: z.number().positive().max(600).default(30),
      termination_timeout_seconds: z.number().positive().max(60).default(10),
      max_output_lines: z.int().positive().default(100),
    }),
    why: 'its commands would run beside the bot’s own secrets, since there is no sandbox for them yet. Give models an MCP server that runs commands where you want them.',
  },
};

/** The config of a type that is known and not built. Undefined: no such type. */
export function knownConfig(type: string): z.ZodType | undefined {
  return Object.hasOwn(unbuilt, type) ? unbuilt[type]?.config : undefined;
}

/** Why nothing runs of a type that is not built. */
export function whyMissing(type: string): string {
  const why = Object.hasOwn(unbuilt, type) ? unbuilt[type]?.why : undefined;
  const plain = `The middleware ${type} is not built into this version`;
  return why === undefined ? `${plain}.` : `${plain}: ${why}`;
}
