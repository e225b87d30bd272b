import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { asGuest, type OperatorModule, readModule } from '../agent/operator-module.ts';
import type { Log } from '../observe/port.ts';
import { guarded } from './custom-guard.ts';
import type { MiddlewareType } from './definition.ts';
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
  readonly changedAt: number;
  /** A type, or a sentence that says what is wrong with the module. */
  readonly made: MiddlewareType | string;
  /** What became wrong with it since. */
  readonly problem?: () => string | undefined;
}

/** Types of middleware from modules of the operator. */
export interface CustomTypes {
  /** As they were read last. A string says what is wrong with the module of that name. */
  known(type: string): MiddlewareType | string | undefined;
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
    const loaded = path.startsWith(`${home}/`)
      ? await loadType(path, changedAt, file)
      : { made: `The module ${file} leads out of the folder middleware of AI_OPS_PLUGINS_DIR.` };
    if (typeof loaded.made === 'string')
      log.warn('middleware_module_unusable', { file, reason: loaded.made });
    files.set(file, { ...loaded, changedAt });
  }

  return {
    known(type) {
      const all = [...files];
      const found = all.find(([, { made }]) => typeof made !== 'string' && made.name === type);
      const [, loaded] =
        found ?? all.find(([file, { made }]) => typeof made === 'string' && isNamed(file, type)) ?? [];
      return loaded?.problem?.() ?? loaded?.made;
    },
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

async function loadType(path: string, changedAt: number, file: string): Promise<Omit<Loaded, 'changedAt'>> {
  try {
    const module = await readModule(path, changedAt);
    const exported = moduleSchema.safeParse(module.exported);
    if (!exported.success)
      return {
        made: `The module ${file} exports no middleware by default: ${z.prettifyError(exported.error)}`,
      };
    return { made: toType(module, exported.data), problem: module.problem };
  } catch (error) {
    return { made: `The module ${file} cannot be loaded: ${messageOf(error)}` };
  }
}

function toType(module: OperatorModule, exported: z.infer<typeof moduleSchema>): MiddlewareType | string {
  const { name: file, exported: definition } = module;
  const { name, description, priority, build } = exported;
  const schema = asGuest(module, () =>
    exported.schema === undefined ? z.strictObject({}) : exported.schema.call(definition, z),
  );
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
      const made = asGuest(module, () => build.call(definition, config.parse(raw), parts));
      const layer = layerSchema.safeParse(made);
      if (!layer.success)
        throw new Error(`what its build gives is no layer: ${z.prettifyError(layer.error)}`);
      return guarded({ name, guest: module, made, layer: layer.data }, parts);
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
