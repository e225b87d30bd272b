import { z } from 'zod';
import type { JsonObject } from '../../agent/json.ts';
import type { CallContext, Tool, ToolOutcome } from '../../agent/tool.ts';
import { effectOf } from '../effect.ts';
import type { Abilities, CallAnswer, Limits } from './connection.ts';
import type { ListAnswer, SessionContext } from './context.ts';
import { promptsText, promptText, readText, resourcesText } from './context-text.ts';
import { nameTools } from './names.ts';
import type { Decisions } from './offers.ts';

/** What one of these tools asks of a session, and how it tells the answer. */
export interface ContextCall {
  ask(context: SessionContext, limits: Limits): Promise<CallAnswer | Exclude<ListAnswer, { type: 'list' }>>;
  tell(result: unknown): ToolOutcome;
}

export interface ContextServer extends Pick<Decisions, 'isTrusted' | 'overrides'> {
  readonly name: string;
  readonly abilities: Abilities;
  /** Names that the server's own tools have for models. */
  readonly taken: ReadonlySet<string>;
  /** Runs a call over the session that there is then. */
  readonly run: (
    tool: Pick<Tool, 'sourceName' | 'source' | 'effect'>,
    call: ContextCall,
    options: { readonly signal: AbortSignal; readonly context: CallContext | undefined },
  ) => Promise<ToolOutcome>;
}

/** One of the bot's own ways to a server's context. */
interface Way {
  readonly context: NonNullable<Tool['context']>;
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  /** A sentence where the arguments are wrong. */
  read(args: JsonObject): ContextCall | string;
}

/**
 * Tools by which models read a server's resources and prompts. Their definitions are the bot's own, so
 * nobody needs to accept them; what they give is the server's, so they are reads only where an admin
 * vouches for the server or has decided so by name. A server's own tool of such a name keeps it.
 */
export function contextTools(server: ContextServer): readonly Tool[] {
  const ways = [
    ...(server.abilities.resources ? [listResources, readResource] : []),
    ...(server.abilities.prompts ? [getPrompt] : []),
  ];
  return ways.flatMap((way) => toolOf(way, server) ?? []);
}

function toolOf(way: Way, server: ContextServer): Tool | undefined {
  const { sourceName, name } = freeName(way.name, server);
  const override =
    (Object.hasOwn(server.overrides, sourceName) ? server.overrides[sourceName] : undefined) ?? {};
  if (override.offer === false) return undefined;
  const tool: Tool = {
    ...{ name, sourceName, source: server.name, context: way.context },
    description: `${way.description} (${server.name})`,
    inputSchema: way.inputSchema,
    effect: effectOf({ readOnlyHint: true }, server.isTrusted, override.effect),
    isTrusted: server.isTrusted,
    ...(override.approval === undefined ? {} : { approval: override.approval }),
    run: async (args, signal, context) => {
      const call = way.read(args);
      if (typeof call === 'string') return { text: call, isError: true };
      return await server.run(tool, call, { signal, context });
    },
  };
  return tool;
}

function freeName(wanted: string, { name: server, taken }: ContextServer) {
  for (let sourceName = wanted; ; sourceName = `bot_${sourceName}`) {
    const [name = ''] = nameTools(server, [sourceName]).keys();
    if (!taken.has(name)) return { sourceName, name };
  }
}

const filter = { type: 'string', description: 'Only those that hold this text.' } as const;
const page = {
  type: 'integer',
  minimum: 1,
  description: 'Which page of a long list; 1 by default.',
} as const;
const wantedSchema = z.object({
  filter: z.string().default(''),
  page: z.coerce.number().int().positive().default(1),
});

const listResources: Way = {
  context: 'resources',
  name: 'list_resources',
  description: 'Lists the resources of this server that can be read, and the templates of their URIs.',
  inputSchema: { type: 'object', properties: { filter, page } },
  read: (args) => {
    const wanted = wantedSchema.safeParse(args).data;
    if (wanted === undefined) return 'filter must be a text, and page a number from 1.';
    return {
      ask: async (context, limits) => {
        const resources = await context.list('resources', limits);
        if (resources.type !== 'list') return resources;
        const templates = await context.list('templates', limits);
        // Servers that know no templates may refuse to list them.
        const templated = templates.type === 'list' ? templates.entries : [];
        if (templates.type === 'lost') return templates;
        return { type: 'result', result: { resources: resources.entries, templates: templated } };
      },
      tell: (result) => ({ text: resourcesText(listsSchema.parse(result), wanted), isError: false }),
    };
  },
};

const listsSchema = z.object({ resources: z.array(z.unknown()), templates: z.array(z.unknown()) });

const readResource: Way = {
  context: 'resource',
  name: 'read_resource',
  description: 'Reads one resource of this server.',
  inputSchema: {
    type: 'object',
    properties: { uri: { type: 'string', description: 'Its URI, or a template with its values put in.' } },
    required: ['uri'],
  },
  read: ({ uri }) => {
    if (typeof uri !== 'string' || uri === '') return 'uri must be the URI of a resource.';
    return { ask: (context, limits) => context.read(uri, limits), tell: readText };
  },
};

const getSchema = z.object({
  name: z.string().default(''),
  arguments: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .default({}),
});

const getPrompt: Way = {
  context: 'prompt',
  name: 'get_prompt',
  description:
    'Gives a prompt that this server has prepared; without a name, lists its prompts and their arguments.',
  inputSchema: {
    type: 'object',
    properties: {
      name: { type: 'string', description: 'Which prompt.' },
      arguments: {
        type: 'object',
        description: 'Its arguments by name.',
        additionalProperties: { type: 'string' },
      },
      filter,
      page,
    },
  },
  read: (args) => {
    const got = getSchema.safeParse(args).data;
    if (got === undefined) return 'name must be a text, and arguments an object of texts.';
    if (got.name === '') return listPrompts(args);
    const { name, arguments: given } = got;
    return { ask: (context, limits) => context.prompt(name, given, limits), tell: promptText };
  },
};

function listPrompts(args: JsonObject): ContextCall | string {
  const wanted = wantedSchema.safeParse(args).data;
  if (wanted === undefined) return 'filter must be a text, and page a number from 1.';
  return {
    ask: async (context, limits) => {
      const prompts = await context.list('prompts', limits);
      return prompts.type === 'list' ? { type: 'result', result: prompts.entries } : prompts;
    },
    tell: (result) => ({ text: promptsText(z.array(z.unknown()).parse(result), wanted), isError: false }),
  };
}
