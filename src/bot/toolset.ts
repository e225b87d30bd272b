import { randomBytes } from 'node:crypto';
import { clip } from '../agent/budget.ts';
import { findTool } from '../agent/find.ts';
import { callTool, findTools } from '../agent/indirect.ts';
import { type KeptResult, keepLarge, readResult } from '../agent/keep.ts';
import type { AgentRun } from '../agent/loop.ts';
import type { SearchedTools } from '../agent/middleware.ts';
import { offerTools } from '../agent/offer.ts';
import type { ToolSpec } from '../agent/provider.ts';
import { readSpec, readTool } from '../agent/read.ts';
import type { Tool } from '../agent/tool.ts';
import type { ThreadId } from '../chat/inbound.ts';
import type { Snapshot } from '../resources/port.ts';

/** The names of what the bot itself gives to models; no server's tool is called so. */
export const ownNames: ReadonlySet<string> = new Set([findTools, callTool, readResult]);

/** The bundled server, whose tools fill the core. */
const bundled = 'host';

/** A result longer than this is stored, and the model gets head and tail. */
const largestResultCharacters = 16_000;
/** What one reading of a stored result gives at most, and what it must be able to give. */
const pageCharacters = { most: 12_000, least: 2000 } as const;
/** What people get of the result of a tool that they run themselves. */
const largestShownCharacters = 40_000;

export interface Toolset {
  /** Everything that can be called, the bot's own included. */
  readonly known: readonly Tool[];
  /** What the model is told of; the same for the whole turn. */
  readonly specs: readonly ToolSpec[];
  /** What becomes of a result on its way to the model. */
  readonly keepResult: AgentRun['keepResult'];
}

export interface ToolsetOptions {
  readonly config: Snapshot;
  readonly threadId: ThreadId;
  /** The vendor searches them. */
  readonly searched?: SearchedTools | undefined;
  /** Tokens for system prompt, history and turn beside these definitions. */
  readonly roomFor: (specs: readonly ToolSpec[]) => number;
  /** A stored result of a thread. */
  readonly kept: (threadId: ThreadId, id: string) => Promise<KeptResult | undefined>;
}

/** The tools of a turn in which a model speaks: those of the servers, and the bot's own. */
export function modelTools(
  tools: readonly Tool[],
  { config, threadId, searched, roomFor, kept }: ToolsetOptions,
): Toolset {
  const find = findTool(
    tools,
    config.servers.map(({ name }) => name),
  );
  const specs = offerTools(tools, {
    find,
    own: [readSpec],
    searched,
    budgetTokens: config.settings.tool_definition_budget_tokens,
    filler: bundled,
  });
  const maxCharacters = Math.min(largestResultCharacters, roomFor(specs));
  const { most, least } = pageCharacters;
  const read = readTool({
    load: (id) => kept(threadId, id),
    maxCharacters: Math.min(most, Math.max(least, maxCharacters)),
  });
  const newId = () => randomBytes(5).toString('hex');
  return {
    known: tools.length === 0 ? [] : [...tools, find, read],
    specs,
    keepResult: (result) => keepLarge(result, { maxCharacters, newId }),
  };
}

/** The tools of a turn in which a command speaks in place of a model. */
export function commandTools(tools: readonly Tool[]): Toolset {
  return {
    known: tools,
    specs: [],
    keepResult: ({ text }) => ({ text: clip(text, largestShownCharacters) }),
  };
}
