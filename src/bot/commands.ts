import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../agent/json.ts';
import type { Message } from '../agent/messages.ts';
import type { ModelNext } from '../agent/middleware.ts';
import type { ModelEvent } from '../agent/provider.ts';
import type { Tool } from '../agent/tool.ts';
import type { WithheldTool } from '../tools/port.ts';
import { type ContextCommand, parseContextCommand } from './context-commands.ts';

/** A command in a message. Only an exact, complete one counts; everything else is talk. */
export type Command =
  | { readonly type: 'help' }
  | { readonly type: 'health' }
  | { readonly type: 'tools'; readonly server?: string }
  | ContextCommand
  | { readonly type: 'mistake'; readonly text: string };

/** Reads a message as a command. Undefined: it is for the model. `withheld`: tools that nobody has accepted. */
export function parseCommand(
  text: string,
  tools: readonly Tool[],
  withheld: readonly WithheldTool[] = [],
): Command | undefined {
  const words = text.trim();
  if (/^help$/i.test(words)) return { type: 'help' };
  if (/^health$/i.test(words)) return { type: 'health' };
  const listed = /^tools(?: +(\S+))?$/i.exec(words);
  if (listed !== null) return parseTools(listed[1], [...tools, ...withheld]);
  const read = parseContextCommand(words, tools);
  if (read !== undefined) return read;
  const run = /^run +(\S+)(?:\s+([\s\S]+))?$/i.exec(words);
  const waiting = withheld.find((known) => known.name === run?.[1]);
  if (waiting !== undefined) return { type: 'mistake', text: withheldText(waiting) };
  const tool = tools.find((known) => known.name === run?.[1]);
  return tool === undefined ? undefined : parseRun(tool, run?.[2] ?? '');
}

function withheldText({ name, source, isRevoked }: WithheldTool): string {
  const why = isRevoked ? 'an administrator has taken it back' : 'nobody has accepted what it is said to do';
  return `I do not run \`${name}\`: ${why}. An administrator must accept it first, among the tools of the server \`${source}\`.`;
}

function parseTools(server: string | undefined, tools: readonly Pick<Tool, 'source'>[]): Command | undefined {
  if (server === undefined) return { type: 'tools' };
  return tools.some((tool) => tool.source === server) ? { type: 'tools', server } : undefined;
}

function parseRun(tool: Tool, text: string): Command {
  const args = text.trim().startsWith('{') ? parseObject(text) : parsePairs(text, tool);
  const problem = typeof args === 'string' ? args : missingOf(tool, args);
  if (typeof args !== 'string' && problem === undefined)
    return { type: 'run', tool: tool.name, arguments: args };
  return {
    type: 'mistake',
    text: `${problem} Write \`run ${tool.name} name=value …\` or \`run ${tool.name} {"name": "value"}\`.\n\n${parametersOf(tool)}`,
  };
}

/** What is wrong when required arguments are not there; undefined when all are. */
function missingOf(tool: Tool, args: JsonObject): string | undefined {
  const { required } = tool.inputSchema;
  const names = Array.isArray(required) ? required.map(String) : [];
  const missing = names.filter((name) => !Object.hasOwn(args, name));
  return missing.length === 0 ? undefined : `Missing: ${missing.map((name) => `\`${name}\``).join(', ')}.`;
}

function parseObject(text: string): JsonObject | string {
  try {
    return JSON.parse(text);
  } catch (error) {
    return `The arguments are not JSON (${error instanceof Error ? error.message : String(error)}).`;
  }
}

/** `name=value` pairs; a value with spaces stands in double quotes. The tool's schema says what a value is. */
function parsePairs(text: string, tool: Tool): JsonObject | string {
  const pairs = [...text.matchAll(/(\S+?)=("(?:[^"\\]|\\.)*"|\S+)/g)];
  const rest = text.replaceAll(/(\S+?)=("(?:[^"\\]|\\.)*"|\S+)/g, '').trim();
  if (rest !== '') return `I do not understand “${rest}”.`;
  return Object.fromEntries(
    pairs.map(([, name = '', value = '']) => [name, readValue(value, typeOf(tool, name))]),
  );
}

function readValue(text: string, type: unknown): string | number | boolean {
  const plain = text.startsWith('"') ? text.slice(1, -1).replaceAll(/\\(.)/g, '$1') : text;
  if ((type === 'number' || type === 'integer') && plain !== '' && !Number.isNaN(Number(plain)))
    return Number(plain);
  if (type === 'boolean' && (plain === 'true' || plain === 'false')) return plain === 'true';
  return plain;
}

function propertiesOf(tool: Tool): Readonly<Record<string, unknown>> {
  const { properties } = tool.inputSchema;
  return typeof properties === 'object' && properties !== null && !Array.isArray(properties)
    ? { ...properties }
    : {};
}

function field(schema: unknown, name: string): unknown {
  return typeof schema === 'object' && schema !== null ? Reflect.get(schema, name) : undefined;
}

function typeOf(tool: Tool, name: string): unknown {
  return field(propertiesOf(tool)[name], 'type');
}

function parametersOf(tool: Tool): string {
  const lines = Object.entries(propertiesOf(tool)).map(([name, schema]) => {
    const description = field(schema, 'description');
    return `- \`${name}\` (${String(field(schema, 'type') ?? 'any')})${typeof description === 'string' ? `: ${description}` : ''}`;
  });
  return lines.length === 0 ? 'It takes no arguments.' : `It takes:\n${lines.join('\n')}`;
}

export interface CommandContext {
  readonly tools: readonly Tool[];
  /** Tools that are there, but that nobody has accepted. */
  readonly withheld: readonly WithheldTool[];
  /** Markdown about the state of the bot. */
  readonly health: () => Promise<string>;
}

/**
 * Answers a command in the place of a model, so that a tool run by hand goes the same way as one a
 * model runs: policy, approval, steps, log.
 */
export function commandModel(command: Command, context: CommandContext): ModelNext {
  return async function* (request) {
    const results = request.messages.slice(
      request.messages.findLastIndex((message) => message.role === 'assistant') + 1,
    );
    const isSecondStep = results.some((message) => message.role === 'tool');
    const isCall = command.type === 'run' || command.type === 'prompt';
    if (isCall && !isSecondStep) {
      const call = { id: `run-${randomUUID()}`, name: command.tool, arguments: command.arguments };
      yield { type: 'tool_call', call };
      yield { type: 'stop', reason: 'tool_calls' };
      return;
    }
    yield* say(isCall ? resultText(results) : await answerText(command, context));
  };
}

/**
 * Explains in the place of a model that there is none. Outside LAB the environment's models are not
 * used, so only the bootstrap file is named then.
 */
export function noModel({ showDetails }: { readonly showDetails: boolean }): ModelNext {
  return ({ messages }) => {
    const asked = messages.findLast((message) => message.role === 'user')?.text ?? '';
    const tool = /^run +(\S+)/i.exec(asked.trim())?.[1];
    if (tool !== undefined) return say(`There is no tool \`${tool}\`. \`tools\` lists those that there are.`);
    return say(`${noModelText}\n\n${showDetails ? modelsInLab : modelsElsewhere}`);
  };
}

async function* say(text: string): AsyncIterable<ModelEvent> {
  yield { type: 'text', text };
  yield { type: 'stop', reason: 'end' };
}

function resultText(messages: readonly Message[]): string {
  return messages
    .flatMap((message) => (message.role === 'tool' ? [message] : []))
    .map((message) => `${message.isError ? '❌' : '✅'} \`${message.name}\`\n\n${fenced(message.text)}`)
    .join('\n\n');
}

/** A code block whose fence is longer than any in the text. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((match) => match[0].length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

async function answerText(
  command: Exclude<Command, ContextCommand>,
  context: CommandContext,
): Promise<string> {
  switch (command.type) {
    case 'help':
      return helpText;
    case 'health':
      return await context.health();
    case 'tools':
      return toolsText(ofServer(context.tools, command.server), ofServer(context.withheld, command.server));
    case 'mistake':
      return command.text;
    default:
      return command satisfies never;
  }
}

function ofServer<T extends Pick<Tool, 'source'>>(tools: readonly T[], server: string | undefined) {
  return tools.filter(({ source }) => server === undefined || source === server);
}

function toolsText(tools: readonly Tool[], withheld: readonly WithheldTool[]): string {
  const waiting = withheld.filter(({ isRevoked }) => !isRevoked).map(({ name }) => `\`${name}\``);
  const note =
    waiting.length === 0 ? [] : [`Waiting for an administrator to accept them: ${waiting.join(', ')}.`];
  if (tools.length === 0) return [noTools(waiting.length), ...note].join('\n\n');
  const lines = tools.map((tool) => `| \`${tool.name}\` | ${tool.effect} | ${cell(tool.description)} |`);
  return [
    '| tool | effect | what it does |',
    '|---|---|---|',
    ...lines,
    '',
    ...note.flatMap((line) => [line, '']),
    'Run one with `run <tool> name=value …`.',
  ].join('\n');
}

function noTools(waiting: number): string {
  return waiting === 0
    ? 'No tools are available: no MCP server is connected. `health` tells why.'
    : 'No tools are available.';
}

function cell(text: string): string {
  const first = text.split('\n')[0] ?? '';
  return (first.length > 120 ? `${first.slice(0, 119)}…` : first).replaceAll('|', '\\|');
}

const helpText = `Where a language model is set up you can simply ask. These words are commands always:

| command | what it does |
|---|---|
| \`help\` | shows this |
| \`tools\`, \`tools <server>\` | lists the tools and whether they read or change things |
| \`run <tool> name=value …\` | runs one tool, without a model |
| \`resources <server>\`, \`read <server> <uri>\` | lists what a server has to read, and reads it |
| \`prompts <server>\`, \`prompt <server> <name> arg=value …\` | lists the questions that a server has prepared, and asks one |
| \`health\` | shows how the bot, its model and its servers stand |
| \`acknowledge\`, \`snooze 4h\` (or \`30m\`, \`2d\`), \`reopen\` | under an alert or a report: you are at it, not now, or not done yet |`;

const noModelText = `I have no language model yet, so I understand commands only: \`help\`, \`tools\`, \`run <tool> …\`, \`health\`.`;

const modelsInLab = `To add or enable one, write \`/aiops models add\` (on Slack and Teams), open *Manage* in the console, use the REST API, or start me with one of these (all but the last count in LAB only):

- \`OPENAI_API_KEY\` (and \`OPENAI_BASE_URL\`, \`OPENAI_API=chat\` for a compatible server)
- \`ANTHROPIC_API_KEY\`
- \`AZURE_OPENAI_API_KEY\` and \`AZURE_OPENAI_ENDPOINT\`
- \`HF_TOKEN\`
- \`OLLAMA_BASE_URL\`, or an Ollama running at http://localhost:11434
- \`AI_OPS_BOOTSTRAP\`, a file that lists models and servers`;

const modelsElsewhere =
  'An admin adds or enables one by `/aiops models add`, under *Manage* in the console, over the REST API, or by `AI_OPS_BOOTSTRAP`, a file that lists models and servers.';
