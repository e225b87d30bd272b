import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { type Middleware, TurnEndError } from '../agent/middleware.ts';
import { ProviderError } from '../agent/provider.ts';
import type { Log } from '../observe/port.ts';
import type { Layer, MiddlewareParts, MiddlewareType } from './definition.ts';
import { snakeCased } from './options.ts';

const callable = z.custom<(...args: unknown[]) => unknown>((value) => typeof value === 'function', {
  error: 'must be a function',
});

/** What a module exports as `default`. `schema` gets zod, so that the module needs no package of its own. */
const moduleSchema = z.object({
  name: z.string().regex(/^[A-Z][A-Za-z0-9_]*Middleware$/, { error: 'must be a name like ShoutMiddleware' }),
  description: z.string().default(''),
  priority: z.int().min(1).max(100).default(50),
  schema: callable.optional(),
  build: callable,
});

/** What its `build` gives. */
const layerSchema = z
  .object({ turn: callable.optional(), model: callable.optional(), tool: callable.optional() })
  .refine(({ turn, model, tool }) => (turn ?? model ?? tool) !== undefined, {
    error: 'it needs turn, model or tool',
  });

interface Loaded {
  readonly path: string;
  readonly changedAt: number;
  /** A type, or a sentence that says what is wrong with the module. */
  readonly made: MiddlewareType | string;
}

/** Types of middleware from modules of the operator. */
export interface CustomTypes {
  /** As they were read last. A string says what is wrong with the module of that name. */
  known(type: string): MiddlewareType | string | undefined;
  all(): readonly (MiddlewareType | { readonly file: string; readonly problem: string })[];
  /** Reads what was added or changed since. Never throws. */
  refresh(): Promise<void>;
}

/**
 * Reads the folder `middleware` of the plugins, and nothing outside of it. A module that cannot be used
 * keeps the others from nothing.
 */
export function customTypes(pluginsDir: string | undefined, log: Log): CustomTypes {
  const files = new Map<string, Loaded>();
  let reading: Promise<void> | undefined;

  async function readAll(folder: string): Promise<void> {
    const home = await realpath(folder).catch(() => undefined);
    if (home === undefined) return files.clear();
    const found = (await readdir(home)).filter((file) => /\.m?js$/.test(file)).sort();
    for (const gone of [...files.keys()].filter((file) => !found.includes(file))) files.delete(gone);
    for (const file of found) await readOne(home, file);
  }

  async function readOne(home: string, file: string): Promise<void> {
    const path = await realpath(join(home, file)).catch(() => '');
    const changedAt = path === '' ? 0 : (await stat(path)).mtimeMs;
    if (files.get(file)?.changedAt === changedAt) return;
    const made = path.startsWith(`${home}/`)
      ? await readModule(path, changedAt, file)
      : `The module ${file} leads out of the folder middleware of AI_OPS_PLUGINS_DIR.`;
    if (typeof made === 'string') log.warn('middleware_module_unusable', { file, reason: made });
    files.set(file, { path, changedAt, made });
  }

  return {
    known(type) {
      const all = [...files].map(([file, { made }]) => ({ file, made }));
      const found = all.find(({ made }) => typeof made !== 'string' && made.name === type);
      return (found ?? all.find(({ file, made }) => typeof made === 'string' && isNamed(file, type)))?.made;
    },
    all: () =>
      [...files].map(([file, { made }]) => (typeof made === 'string' ? { file, problem: made } : made)),
    async refresh() {
      if (pluginsDir === undefined) return;
      reading ??= readAll(join(pluginsDir, 'middleware'))
        .catch((error: unknown) => log.warn('middleware_modules_not_read', { error }))
        .finally(() => {
          reading = undefined;
        });
      await reading;
    },
  };
}

/** `shout.js` is the file of `ShoutMiddleware`, as far as one can tell from outside. */
function isNamed(file: string, type: string): boolean {
  const bare = (text: string) => text.toLowerCase().replaceAll(/middleware$|[-_.]/g, '');
  return bare(file.replace(/\.m?js$/, '')) === bare(type);
}

async function readModule(path: string, changedAt: number, file: string): Promise<MiddlewareType | string> {
  try {
    const loaded: { readonly default?: unknown } = await import(
      `${pathToFileURL(path).href}?changed=${changedAt}`
    );
    const exported = moduleSchema.safeParse(loaded.default);
    if (!exported.success)
      return `The module ${file} exports no middleware by default: ${z.prettifyError(exported.error)}`;
    return toType(file, loaded.default, exported.data);
  } catch (error) {
    return `The module ${file} cannot be loaded: ${messageOf(error)}`;
  }
}

function toType(
  file: string,
  definition: unknown,
  module: z.infer<typeof moduleSchema>,
): MiddlewareType | string {
  const { name, description, priority, build } = module;
  const schema = module.schema === undefined ? z.strictObject({}) : module.schema.call(definition, z);
  if (!(schema instanceof z.ZodType)) return `The module ${file}: schema(z) must return a zod schema.`;
  const config = z.preprocess(snakeCased, schema);
  if (!config.safeParse({}).success)
    return `The module ${file}: its schema must have a default for every option, so that {} is a config.`;
  return {
    name,
    description,
    priority,
    config,
    build(raw, parts) {
      const made = build.call(definition, config.parse(raw), parts);
      const layer = layerSchema.safeParse(made);
      if (!layer.success)
        throw new Error(`what its build gives is no layer: ${z.prettifyError(layer.error)}`);
      return guarded(name, made, { layer: layer.data, parts });
    },
  };
}

/**
 * A foreign layer: what it throws ends the turn with a sentence that names it, and no more. Errors that
 * have a meaning of their own pass as they are.
 */
function guarded(
  name: string,
  made: unknown,
  { layer, parts }: { readonly layer: z.infer<typeof layerSchema>; readonly parts: MiddlewareParts },
): Layer {
  const { turn, model, tool } = layer;
  const fail = (error: unknown): Error => {
    if (error instanceof TurnEndError || error instanceof ProviderError || isPassing(error)) return error;
    parts.log.error('custom_middleware_failed', { type: name, turn_id: parts.turn.turnId, error });
    return new TurnEndError({
      status: 'failed',
      code: 'middleware',
      text: `The custom middleware ${name} failed, so I stopped. The log of the bot tells why.`,
    });
  };
  const isPassing = (error: unknown): error is Error =>
    error instanceof Error &&
    (parts.turnSignal.aborted || /^(LeaseLost|HandOver|StopRequested)/.test(error.name));
  return {
    ...(turn && {
      turn: async (...args: Parameters<NonNullable<Middleware['turn']>>) => {
        try {
          return turnResult.parse(await turn.call(made, ...args));
        } catch (error) {
          throw fail(error);
        }
      },
    }),
    ...(model && {
      async *model(...args: Parameters<NonNullable<Middleware['model']>>) {
        try {
          yield* modelEvents.parse(model.call(made, ...args));
        } catch (error) {
          throw fail(error);
        }
      },
    }),
    ...(tool && {
      tool: async (...args: Parameters<NonNullable<Middleware['tool']>>) => {
        try {
          return toolAnswer.parse(await tool.call(made, ...args));
        } catch (error) {
          throw fail(error);
        }
      },
    }),
  };
}

type Given<Part extends 'turn' | 'tool'> = Awaited<ReturnType<NonNullable<Middleware[Part]>>>;
type Events = ReturnType<NonNullable<Middleware['model']>>;

const words = z.object({ status: z.enum(['done', 'failed']), text: z.string().min(1), code: z.string() });
const turnResult = z.custom<Given<'turn'>>(
  (value) =>
    z
      .object({ status: z.enum(['done', 'failed', 'stopped', 'paused']), said: words.optional() })
      .safeParse(value).success,
  { error: 'turn must return what next returned, or { status, said: { status, text, code } }' },
);
const modelEvents = z.custom<Events>(
  (value) => typeof value === 'object' && value !== null && Symbol.asyncIterator in value,
  { error: 'model must return an async iterable of events' },
);
const toolAnswer = z.custom<Given<'tool'>>(
  (value) =>
    z
      .discriminatedUnion('type', [
        z.object({ type: z.literal('ask'), reason: z.string() }),
        z.object({
          type: z.literal('result'),
          ran: z.boolean(),
          outcome: z.object({ text: z.string(), isError: z.boolean() }),
        }),
      ])
      .safeParse(value).success,
  { error: 'tool must return what next returned, an ask, or { type, ran, outcome: { text, isError } }' },
);

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
