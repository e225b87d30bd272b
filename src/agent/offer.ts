import { estimateToolTokens } from './budget.ts';
import { callTool, findTools } from './indirect.ts';
import type { SearchedTools } from './middleware.ts';
import type { ToolSpec } from './provider.ts';
import type { Tool } from './tool.ts';

/** What a model is told of at most when it is not told of everything. */
export const coreTokens = 2000;

export interface OfferOptions {
  /** The bot's own tool that finds others; offered only when not everything is. */
  readonly find: ToolSpec;
  /** The bot's own tools that are always offered. */
  readonly own: readonly ToolSpec[];
  /** Above this the model gets a core and finds the rest. */
  readonly budgetTokens: number;
  /** The vendor searches these: it is told of everything, and the model of what it finds. */
  readonly searched?: SearchedTools | undefined;
  /** The server whose tools fill the core after those that an admin marked. */
  readonly filler: string;
}

/**
 * What the model is told of its tools, in a fixed order that depends on the tools alone: the prefix of
 * the prompt stays the same while they do. The bot's own come first. Above the budget only a core
 * follows: what admins marked, then the filler's, each by name and as far as they fit.
 */
export function offerTools(tools: readonly Tool[], options: OfferOptions): readonly ToolSpec[] {
  if (tools.length === 0) return [];
  const { searched } = options;
  if (searched !== undefined)
    return [...options.own.map(specOf), ...tools.map((tool) => searchedSpec(tool, searched))];
  const all = [...options.own, ...tools].map(specOf);
  if (estimateToolTokens(all) <= options.budgetTokens) return all;
  const always = [options.find, callSpec, ...options.own, ...tools.filter(({ source }) => source === 'bot')];
  const marked = tools.filter((tool) => tool.isCore === true && tool.source !== 'bot');
  const filler = tools.filter((tool) => tool.source === options.filler && tool.isCore !== true);
  const core = always.map(specOf);
  for (const tool of [...byName(marked), ...byName(filler)]) {
    if (estimateToolTokens([...core, specOf(tool)]) <= coreTokens) core.push(specOf(tool));
  }
  return core;
}

const callSpec: ToolSpec = {
  name: callTool,
  description: `Calls a tool that ${findTools} found.`,
  inputSchema: {
    type: 'object',
    properties: {
      name: { type: 'string', description: 'As found, such as "github__list_issues".' },
      arguments: { type: 'object', description: 'By the parameters of that tool.', properties: {} },
    },
    required: ['name', 'arguments'],
  },
};

function specOf({ name, description, inputSchema }: ToolSpec): ToolSpec {
  return { name, description, inputSchema };
}

/** What the bot itself brings is always told. */
function searchedSpec(tool: Tool, { names }: SearchedTools): ToolSpec {
  const isDeferred = tool.source !== 'bot' && (names?.includes(tool.name) ?? true);
  return isDeferred ? { ...specOf(tool), isDeferred } : specOf(tool);
}

function byName(tools: readonly Tool[]): readonly Tool[] {
  return tools.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
