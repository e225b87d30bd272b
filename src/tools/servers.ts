import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../observe/port.ts';
import type { Pool } from './mcp/pool.ts';
import type { ServerConfig } from './port.ts';

/** A configured server as stored: secrets are references. */
export interface ConfiguredServer extends Omit<ServerConfig, 'env' | 'headers'> {
  readonly env: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ServerSetOptions {
  readonly pool: Pool;
  readonly log: Log;
  /** Replaces secret references among these values. */
  readonly resolveValues: (
    values: Readonly<Record<string, string>>,
  ) => Promise<Readonly<Record<string, string>>>;
  /** Any command may be run; otherwise only bundled servers and those that are allowed. */
  readonly isFree: boolean;
  readonly allowed: readonly string[];
  /** How a bundled server is started. */
  readonly bundled: (name: string) => { readonly command: string; readonly args: readonly string[] };
}

type Check = { readonly status: 'ok' | 'failed' | 'starting'; readonly detail: string };

/** Keeps the pool in step with the configuration. */
export function createServerSet(options: ServerSetOptions) {
  const { pool, log } = options;
  let refused: Readonly<Record<string, string>> = {};
  let applying: Promise<void> = Promise.resolve();

  async function apply(rows: readonly ConfiguredServer[]): Promise<void> {
    const outcomes = await Promise.all(rows.map((row) => resolveServer(row, options)));
    refused = Object.fromEntries(
      outcomes.flatMap((item) => ('refusal' in item ? [[item.name, item.refusal]] : [])),
    );
    for (const [server, reason] of Object.entries(refused)) log.warn('server_refused', { server, reason });
    await pool.use(outcomes.flatMap((item) => ('config' in item ? [item.config] : [])));
  }

  return {
    /** Begins to connect what is new and to close what is gone; does not wait. */
    use({ servers }: { readonly servers: readonly ConfiguredServer[] }): void {
      applying = applying
        .then(() => apply(servers))
        .catch((error: unknown) => log.error('servers_failed', { error }));
    },
    /** Waits until every server was tried, but no longer than `ms`. */
    async ready(ms: number): Promise<void> {
      if (!pool.states().some((state) => state.status === 'connecting') && pool.states().length > 0) return;
      await Promise.race([applying, sleep(ms, undefined, { ref: false })]);
    },
    /** How each server stands. */
    checks(): Readonly<Record<string, Check>> {
      const states = pool.states().map(({ name, status, toolCount, error }): [string, Check] => {
        if (status === 'connected') return [name, { status: 'ok', detail: `${toolCount} tools` }];
        if (status === 'connecting') return [name, { status: 'starting', detail: 'connecting' }];
        return [name, { status: 'failed', detail: error ?? 'not connected' }];
      });
      const refusals = Object.entries(refused).map(([name, detail]): [string, Check] => [
        name,
        { status: 'failed', detail },
      ]);
      return Object.fromEntries([...states, ...refusals]);
    },
  };
}

type Resolved = { readonly config: ServerConfig } | { readonly name: string; readonly refusal: string };

async function resolveServer(row: ConfiguredServer, options: ServerSetOptions): Promise<Resolved> {
  if (!mayRun(row, options)) {
    return {
      name: row.name,
      refusal: `It is not run: its command ${row.command} is not in AI_OPS_STDIO_ALLOW.`,
    };
  }
  try {
    const [env, headers] = await Promise.all([
      options.resolveValues(row.env),
      options.resolveValues(row.headers),
    ]);
    const start =
      row.command === 'bundled'
        ? options.bundled(row.args[0] ?? '')
        : { command: row.command, args: row.args };
    return { config: { ...row, env, headers, ...start } };
  } catch (error) {
    return { name: row.name, refusal: error instanceof Error ? error.message : String(error) };
  }
}

function mayRun({ protocol, command }: ConfiguredServer, { isFree, allowed }: ServerSetOptions): boolean {
  return isFree || protocol === 'http' || command === 'bundled' || allowed.includes(command);
}
