import { createHash } from 'node:crypto';
import { canonicalJson, type JsonObject } from '../agent/json.ts';
import type { Tool } from '../agent/tool.ts';

/** What people have decided beforehand. */
export interface Policy {
  /** Names of tools, as the model calls them, that may write without asking. */
  readonly autoApprove: ReadonlySet<string>;
}

/** May a call run now, or must people be asked first? `reason` is one sentence for them. */
export type Gate = { readonly type: 'run' } | { readonly type: 'ask'; readonly reason: string };

/** Whatever does not only read needs an approval, unless policy approves it; what destroys always does. */
export function gate(tool: Pick<Tool, 'name' | 'effect'>, policy: Policy): Gate {
  switch (tool.effect) {
    case 'read':
      return { type: 'run' };
    case 'write':
      if (policy.autoApprove.has(tool.name)) return { type: 'run' };
      return { type: 'ask', reason: `${tool.name} can change things.` };
    case 'destructive':
      return { type: 'ask', reason: `${tool.name} can destroy things.` };
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
