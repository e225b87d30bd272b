import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Log } from '../observe/port.ts';
import { checkServer, listTools, tryServer } from './mcp/check.ts';
import type { DialOptions } from './mcp/dial.ts';
import { serverListing } from './mcp/offers.ts';
import type { Pool } from './mcp/pool.ts';
import type { Pin, Pins, ServerAuth, ServerCheck, ServerConfig, ServerListing } from './port.ts';
import { refusalOfProgram, type StdioRules } from './stdio-rules.ts';

/** A configured server as stored: secrets are references. */
export interface ConfiguredServer extends Omit<ServerConfig, 'overrides' | 'pins'> {
  readonly toolOverrides: ServerConfig['overrides'];
  readonly pins: Omit<Pins, 'acceptedBy'>;
}

export interface ServerSetOptions {
  readonly pool: Pool;
  readonly log: Log;
  /** How servers are reached for a moment, to be checked or to list their tools. */
  readonly dial: DialOptions;
  /** Replaces secret references among these values. */
  readonly resolveValues: (
    values: Readonly<Record<string, string>>,
  ) => Promise<Readonly<Record<string, string>>>;
  /** Why nobody can sign in to servers here; undefined where they can. */
  readonly signInRefusal?: string | undefined;
  /** New and changed tools need nobody's acceptance; in LAB only. */
  readonly acceptsAll: boolean;
  /** Which programs may be run. */
  readonly programs: StdioRules;
  /** How a bundled server is started; undefined for one that there is not. */
  readonly bundled: (
    name: string,
  ) => { readonly command: string; readonly args: readonly string[] } | undefined;
}

/** A server as it was stored when its secrets were last looked up, and with them. */
interface InUse {
  readonly row: ConfiguredServer;
  readonly config: ServerConfig;
}

type Check = { readonly status: 'ok' | 'failed' | 'starting'; readonly detail: string };

/** Keeps the pool in step with the configuration. */
export function createServerSet(options: ServerSetOptions) {
  const { pool, log } = options;
  let refused: Readonly<Record<string, string>> = {};
  let applying: Promise<void> = Promise.resolve();
  let pending = 0;
  let wanted: readonly ConfiguredServer[] = [];
  let inUse: ReadonlyMap<string, InUse> = new Map();

  async function apply(rows: readonly ConfiguredServer[]): Promise<void> {
    const outcomes = await Promise.all(rows.map((row) => resolveServer(row, options)));
    const before = refused;
    refused = Object.fromEntries(
      outcomes.flatMap((item) => ('refusal' in item ? [[item.name, item.refusal]] : [])),
    );
    for (const [server, reason] of Object.entries(refused)) {
      if (before[server] !== reason) log.warn('server_refused', { server, reason });
    }
    inUse = new Map(rows.flatMap((row, n) => stillInUse(row, outcomes[n])));
    await pool.use([...inUse.values()].map(({ config }) => config));
  }

  /** A server that works is not closed because its secrets cannot be looked up again right now. */
  function stillInUse(row: ConfiguredServer, outcome: Resolved | undefined): readonly [string, InUse][] {
    if (outcome === undefined) return [];
    if ('config' in outcome) return [[row.id, { row, config: outcome.config }]];
    const before = inUse.get(row.id);
    const isSame = outcome.isPassing === true && isDeepStrictEqual(before?.row, row);
    return before !== undefined && isSame ? [[row.id, before]] : [];
  }

  function applyNext(): void {
    pending += 1;
    applying = applying
      .then(() => apply(wanted))
      .catch((error: unknown) => log.error('servers_failed', { error }))
      .finally(() => {
        pending -= 1;
      });
  }

  return {
    /** Begins to connect what is new and to close what is gone; does not wait. */
    use({ servers }: { readonly servers: readonly ConfiguredServer[] }): void {
      wanted = servers;
      applyNext();
    },
    /** Looks the secrets up again, and connects those servers anew whose secrets were replaced. */
    refresh: applyNext,
    /** Waits until every server that is wanted now was tried, but no longer than `ms`. */
    async ready(ms: number): Promise<void> {
      if (pending === 0) return;
      await Promise.race([applying, sleep(ms, undefined, { ref: false })]);
    },
    /** Really asks a server, enabled or not; one that is well is asked for its list again. Never throws. */
    async check(row: ConfiguredServer, withinMs?: number): Promise<ServerCheck> {
      const resolved = await resolveServer(row, options);
      if ('config' in resolved) {
        const check = await checkServer(resolved.config, options.dial, withinMs);
        if (check.healthy) await pool.relist(row.id);
        return check;
      }
      return { healthy: false, message: resolved.refusal, details: '', url: row.url, latencyMs: 0 };
    },
    /** The same for one that is not stored, with the names of its tools. Never throws. */
    async tryOut(row: ConfiguredServer): Promise<ServerCheck> {
      const resolved = await resolveServer(row, options);
      if ('config' in resolved) return await tryServer(resolved.config, options.dial);
      return { healthy: false, message: resolved.refusal, details: '', url: row.url, latencyMs: 0 };
    },
    /** What a server lists right now, as the row decides about it, beside its stored `pins`; one that is not connected is for the moment. Throws a sentence. */
    async tools(row: ConfiguredServer, pins: readonly Pin[]): Promise<ServerListing> {
      await pool.relist(row.id);
      const listed = pool.listedBy(row.id) ?? (await listNow(row, options));
      const { name, isTrusted, toolOverrides: overrides } = row;
      return serverListing({ name, isTrusted, overrides, pins: pinsOf(row, options) }, listed, pins);
    },
    /** A server with its secrets. Throws a sentence. */
    async config(row: ConfiguredServer): Promise<ServerConfig> {
      const resolved = await resolveServer(row, options);
      if ('refusal' in resolved) throw new Error(resolved.refusal);
      return resolved.config;
    },
    /** How each server stands. */
    checks(): Readonly<Record<string, Check>> {
      const states = pool.states().map(({ name, status, toolCount, waiting, error }): [string, Check] => {
        if (status === 'connected') return [name, { status: 'ok', detail: toolsText(toolCount, waiting) }];
        if (status === 'connecting') return [name, { status: 'starting', detail: 'connecting' }];
        return [name, { status: 'failed', detail: error ?? 'not connected' }];
      });
      const refusals = Object.entries(refused).map(([name, detail]): [string, Check] => [
        name,
        { status: 'failed', detail },
      ]);
      return Object.fromEntries([...refusals, ...states]);
    },
  };
}

function toolsText(count: number, waiting: number): string {
  const tools = count === 1 ? '1 tool' : `${count} tools`;
  return waiting === 0 ? tools : `${tools}, ${waiting} waiting for acceptance`;
}

/** What a server that comes with the bot says is as trustworthy as the bot. */
function pinsOf({ pins, protocol, command }: ConfiguredServer, { acceptsAll }: ServerSetOptions): Pins {
  const { accepted, refused } = pins;
  if (protocol === 'stdio' && command === 'bundled')
    return { accepted, refused, acceptedBy: 'system:bundled' };
  return { accepted, refused, ...(acceptsAll ? { acceptedBy: 'system:lab' } : {}) };
}

type Resolved =
  | { readonly config: ServerConfig }
  /** `isPassing`: a secret could not be looked up, which may be otherwise in a moment. */
  | { readonly name: string; readonly refusal: string; readonly isPassing?: boolean };

async function listNow(row: ConfiguredServer, options: ServerSetOptions) {
  const resolved = await resolveServer(row, options);
  if ('refusal' in resolved) throw new Error(resolved.refusal);
  return await listTools(resolved.config, options.dial);
}

async function resolveServer(row: ConfiguredServer, options: ServerSetOptions): Promise<Resolved> {
  const { name, toolOverrides: overrides, ...rest } = row;
  if (row.auth !== undefined && options.signInRefusal !== undefined)
    return { name, refusal: options.signInRefusal };
  const start = startOf(row, options);
  if ('refusal' in start) return { name, ...start };
  try {
    const [env, headers, auth] = await Promise.all([
      options.resolveValues(row.env),
      options.resolveValues(row.headers),
      resolveAuth(row.auth, options),
    ]);
    return {
      config: { ...rest, name, overrides, env, headers, ...auth, ...start, pins: pinsOf(row, options) },
    };
  } catch (error) {
    return { name, refusal: error instanceof Error ? error.message : String(error), isPassing: true };
  }
}

async function resolveAuth(auth: ServerAuth | undefined, { resolveValues }: ServerSetOptions) {
  if (auth === undefined) return {};
  const { clientSecret, privateKey } = auth;
  const secrets = await resolveValues({ clientSecret, privateKey });
  return { auth: { ...auth, ...secrets } };
}

/** What is started for a server, or why nothing is. Rows may come from elsewhere than the rules of resources. */
function startOf(
  { protocol, command, args, env }: ConfiguredServer,
  { programs, bundled }: ServerSetOptions,
): Pick<ServerConfig, 'command' | 'args'> | { readonly refusal: string } {
  if (protocol === 'http') return { command, args };
  const refusal = refusalOfProgram({ command, args, variables: Object.keys(env) }, programs);
  if (refusal !== undefined) return { refusal };
  if (command !== 'bundled') return { command, args };
  return bundled(args[0] ?? '') ?? { refusal: 'The bot brings no such server along.' };
}
