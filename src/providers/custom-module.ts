import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { asGuest, inTime, type OperatorModule, ofGuest, readModule } from '../agent/operator-module.ts';
import { saidSchema, toCustomFailure } from './custom-words.ts';
import { failure } from './failures.ts';
import type { Probe, Vendor, VendorEvent, VendorOptions } from './vendor.ts';

const isFunction = (value: unknown) => typeof value === 'function';
const callable = z.custom<(...args: unknown[]) => unknown>(isFunction, { error: 'must be a function' });

/** What a module exports as `default`. */
const moduleSchema = z.object({ create: callable });

/** Timers know no more than 24 days. */
const silence = z.number().positive().max(86_400_000);

/** What its `create` gives: a `Vendor`, with the members that have a default left out or not. */
const vendorSchema = z.object({
  label: z.string().optional(),
  firstEventMs: silence.optional(),
  idleMs: silence.optional(),
  takes: z.array(z.enum(['image', 'pdf'])).optional(),
  stream: callable,
  classify: callable.optional(),
  probe: callable.optional(),
});

/** What a module's `probe` may say: which models it has, or nothing, which is as good as all. */
const offeredSchema = z.array(z.string()).nullish();

const createMs = 30_000;

/**
 * A vendor from a module of the operator: a file in the folder `providers` of the plugins, never
 * outside it. Rejects with `ProviderError` `misconfigured` that says what is wrong with the module.
 */
export async function customVendor(name: string, options: VendorOptions): Promise<Vendor> {
  const who = `Custom ${options.model}`;
  const wrong = (problem: string, cause?: unknown) => failure(who, 'misconfigured', problem, { cause });
  const path = await findModule(name, options.pluginsDir).catch((cause: Error) => {
    throw wrong(cause.message, cause);
  });
  const loaded = await load(path).catch((cause: unknown) => {
    throw wrong(`The module ${name} cannot be loaded: ${messageOf(cause)}`, cause);
  });
  const exported = moduleSchema.safeParse(loaded.exported);
  if (!exported.success) throw wrong(`The module ${name} must export by default an object with create().`);
  const { create } = exported.data;
  const creating = asGuest(loaded, async () => await create.call(loaded.exported, options));
  const made = await inTime(creating, createMs).catch((cause: unknown) => {
    throw wrong(`The module ${name} could not create its model: ${messageOf(cause)}`, cause);
  });
  const vendor = vendorSchema.safeParse(made);
  if (!vendor.success) {
    throw wrong(`What the module ${name} creates is no model: ${z.prettifyError(vendor.error)}`);
  }
  const { probe } = vendor.data;
  const listen = toVendor(who, { module: loaded, made }, vendor.data);
  if (probe === undefined) return listen;
  const account = `custom:${name}:${options.model}`;
  return {
    ...listen,
    probe: {
      account,
      ...toProbe(listen.label, options.model, (signal) => asGuest(loaded, () => probe.call(made, signal))),
    },
  };
}

/** Asks a foreign module what it has, without a paid call. */
function toProbe(who: string, model: string, ask: (signal: AbortSignal) => unknown): Omit<Probe, 'account'> {
  return {
    async list(signal) {
      const offered = offeredSchema.safeParse(await ask(signal));
      if (!offered.success) throw failure(who, 'protocol', 'Its probe() gives no list of names.');
      return offered.data ?? [model];
    },
    has: (names) => names.includes(model),
  };
}

/** The file's real path. Links are followed within the folder only. */
async function findModule(name: string, pluginsDir: string | undefined): Promise<string> {
  if (pluginsDir === undefined) throw new Error(`The module ${name} needs AI_OPS_PLUGINS_DIR.`);
  const folder = join(pluginsDir, 'providers');
  const missing = () => {
    throw new Error(`There is no file ${name} in the folder providers of AI_OPS_PLUGINS_DIR.`);
  };
  const [home, path] = await Promise.all([realpath(folder), realpath(join(folder, name))]).catch(missing);
  if (!path.startsWith(`${home}/`)) {
    throw new Error(`The module ${name} leads out of the folder providers of AI_OPS_PLUGINS_DIR.`);
  }
  return (await stat(path)).isFile() ? path : missing();
}

/** Read anew when the file was changed, so that a repaired module needs no restart. */
async function load(path: string): Promise<OperatorModule> {
  const module = await readModule(path, (await stat(path)).mtimeMs);
  const problem = module.problem();
  if (problem !== undefined) throw new Error(problem);
  return module;
}

/** Listens to a foreign stream: what it says is checked, and what it throws gets a name. */
function toVendor(
  who: string,
  { module, made }: { readonly module: OperatorModule; readonly made: unknown },
  vendor: z.infer<typeof vendorSchema>,
): Vendor {
  const { label = who, firstEventMs, idleMs, takes, stream, classify } = vendor;
  return {
    label,
    ...(firstEventMs === undefined ? {} : { firstEventMs }),
    ...(idleMs === undefined ? {} : { idleMs }),
    ...(takes === undefined ? {} : { takes }),
    async *stream(request, signal): AsyncGenerator<VendorEvent> {
      const problem = module.problem();
      if (problem !== undefined) throw failure(label, 'misconfigured', problem);
      const said = asGuest(module, () => stream.call(made, request, signal));
      if (!isIterable(said)) throw failure(label, 'protocol', 'Its stream() gives no async iterable.');
      for await (const event of ofGuest(module, said)) yield toEvent(label, event);
    },
    classify: (error) =>
      toCustomFailure(
        label,
        error,
        asGuest(module, () => classify?.call(made, error)),
      ),
  };
}

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function toEvent(label: string, event: unknown): VendorEvent {
  const parsed = saidSchema.safeParse(event);
  if (parsed.success) return parsed.data;
  throw failure(label, 'protocol', `It said what is no event: ${z.prettifyError(parsed.error)}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
