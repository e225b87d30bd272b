import { callTool, findTools } from './indirect.ts';
import { type Ranked, rankTools } from './rank.ts';
import type { Tool } from './tool.ts';

/** What one answer may hold: 900 tokens at four characters each. */
const answerCharacters = 3600;
/** What is kept free of it for the tools that are only named. */
const namesCharacters = 900;
const mostWhole = 4;
const mostNamed = 12;
/** A tool that answers the question by less than this share of the best one is only named. */
const wholeShare = 0.45;
const sentenceCharacters = 120;

/**
 * The bot's own tool that finds others. `servers`: the names of those that are configured; they stand
 * in its description, so that it stays the same while the configuration does.
 */
export function findTool(tools: readonly Tool[], servers: readonly string[]): Tool {
  return {
    name: findTools,
    description: `Finds tools: you see only a few of those that there are.${serversText(servers)} Gives the best matches with their parameters; call them with ${callTool}. Use words of the task, or an exact tool name for its whole definition.`,
    inputSchema: {
      type: 'object',
      properties: {
        query: { type: 'string', description: 'Such as "restart deployment".' },
        server: { type: 'string', description: 'Only tools of this server.' },
      },
      required: ['query'],
    },
    source: 'bot',
    sourceName: findTools,
    effect: 'read',
    isTrusted: true,
    async run({ query, server }) {
      const words = Array.isArray(query) ? query.map(String).join(' ') : String(query ?? '');
      return found(tools, words.trim(), typeof server === 'string' ? server.trim() : '');
    },
  };
}

const mostServersCharacters = 300;

function serversText(servers: readonly string[]): string {
  if (servers.length === 0) return '';
  const all = servers.join(', ');
  const text = all.length <= mostServersCharacters ? all : `${all.slice(0, mostServersCharacters)} …`;
  return ` Servers: ${text}.`;
}

function found(tools: readonly Tool[], query: string, server: string) {
  const within = server === '' ? tools : tools.filter((tool) => tool.source === server);
  if (within.length === 0) return { text: `There is no server ${server}. ${standing(tools)}`, isError: true };
  const exact = exactly(within, query);
  if (exact !== undefined) return { text: definition(exact), isError: false };
  const ranked = query === '' ? within.map((tool) => ({ tool, score: 1 })) : rankTools(within, query);
  if (ranked.length === 0) {
    const text = `No tool matches “${query.slice(0, 100)}”. ${standing(tools)} Try other words.`;
    return { text, isError: false };
  }
  return { text: listed(ranked, query !== ''), isError: false };
}

/** By its full name, or by the one at its server where only one tool has it. */
function exactly(tools: readonly Tool[], query: string): Tool | undefined {
  const named = tools.find((tool) => tool.name === query);
  if (named !== undefined) return named;
  const own = tools.filter((tool) => tool.sourceName === query);
  return own.length === 1 ? own[0] : undefined;
}

/** The best with their definitions as far as they fit, then more by name. */
function listed(ranked: readonly Ranked<Tool>[], withDefinitions: boolean): string {
  const whole = withDefinitions ? wholeOf(ranked) : [];
  const parts = whole.map(definition);
  const rest = ranked.filter(({ tool }) => !whole.includes(tool)).slice(0, mostNamed);
  let left = answerCharacters - parts.join('\n\n').length - namesNote.length;
  const names = rest
    .map(({ tool }) => `- ${tool.name}: ${firstSentence(tool.description)}`)
    .filter((line) => {
      left -= line.length + 1;
      return left >= 0;
    });
  return [...parts, ...(names.length === 0 ? [] : [`${namesNote}\n${names.join('\n')}`])].join('\n\n');
}

const namesNote = `By name only (ask ${findTools} for a name to see its parameters):`;

function wholeOf(ranked: readonly Ranked<Tool>[]): readonly Tool[] {
  const best = ranked[0]?.score ?? 0;
  let left = answerCharacters - namesCharacters;
  return ranked
    .slice(0, mostWhole)
    .filter(({ score }) => score >= best * wholeShare)
    .map(({ tool }) => tool)
    .filter((tool) => {
      const { length } = definition(tool);
      if (length > left) return false;
      left -= length + 2;
      return true;
    });
}

/** One tool as JSON, as the vendors are told of those in the prefix. */
function definition({ name, description, inputSchema }: Tool): string {
  return JSON.stringify({ name, description, parameters: inputSchema });
}

function firstSentence(description: string): string {
  const [first = ''] = description.trim().split(/(?<=[.!?])\s|\n/);
  return first.length <= sentenceCharacters ? first : `${first.slice(0, sentenceCharacters - 1)}…`;
}

/** What servers there are, and how much each has. */
function standing(tools: readonly Tool[]): string {
  const counts = new Map<string, number>();
  for (const { source } of tools) counts.set(source, (counts.get(source) ?? 0) + 1);
  const list = [...counts].map(([name, count]) => `${name} (${count} tool${count === 1 ? '' : 's'})`);
  return list.length === 0 ? 'No server is connected now.' : `Servers: ${list.join(', ')}.`;
}
