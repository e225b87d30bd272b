import { createHash } from 'node:crypto';
import { canonicalJson, type JsonObject } from '../agent/json.ts';
import type { Tool } from '../agent/tool.ts';

/** What people have decided beforehand. */
export interface Policy {
  /** Names of tools, as the model calls them, that may write without asking. */
  readonly autoApprove: ReadonlySet<string>;
}

/** Whatever does not only read asks people first, unless policy approves it; what destroys always asks. */
export function gate(tool: Pick<Tool, 'name' | 'effect'>, policy: Policy): 'run' | 'ask' {
  switch (tool.effect) {
    case 'read':
      return 'run';
    case 'write':
      return policy.autoApprove.has(tool.name) ? 'run' : 'ask';
    case 'destructive':
      return 'ask';
    default:
      return tool.effect satisfies never;
  }
}

/** What an approval is bound to: SHA-256, in hex, of the tool's name and its exact arguments. */
export function callDigest(toolName: string, args: JsonObject): string {
  return createHash('sha256')
    .update(canonicalJson({ tool: toolName, arguments: args }))
    .digest('hex');
}
