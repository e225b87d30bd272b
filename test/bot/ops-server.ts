import { z } from 'zod';
import type { ServerOnStage } from './stage.ts';

/** A server with a tool that looks and one that changes something. */
export interface OpsServer extends ServerOnStage {
  /** The hosts that were really restarted, in order. */
  readonly restarted: readonly string[];
  /** How often `look` ran. */
  looks(): number;
}

export interface OpsOptions {
  readonly name?: string;
  readonly isTrusted?: boolean;
  /** Runs inside `restart` before it takes effect. */
  readonly beforeRestart?: (host: string) => Promise<void>;
  readonly look?: () => Promise<string>;
}

export function opsServer(options: OpsOptions = {}): OpsServer {
  const { name = 'ops', isTrusted = true, beforeRestart, look = async () => 'all is well' } = options;
  const restarted: string[] = [];
  let looks = 0;
  return {
    name,
    isTrusted,
    restarted,
    looks: () => looks,
    define(server) {
      const reads = { description: 'Looks.', inputSchema: {}, annotations: { readOnlyHint: true } };
      server.registerTool('look', reads, async () => {
        looks += 1;
        return { content: [{ type: 'text', text: await look() }] };
      });
      const writes = { description: 'Restarts a host.', inputSchema: { host: z.string() } };
      server.registerTool('restart', writes, async ({ host }) => {
        await beforeRestart?.(host);
        restarted.push(host);
        return { content: [{ type: 'text', text: `restarted ${host}` }] };
      });
    },
  };
}

/** A server that is not trusted, with one tool; `restarted` hears of each service. */
export function serviceServer(restarted: string[] = []): ServerOnStage {
  return {
    name: 'ops',
    isTrusted: false,
    define(server) {
      const writes = { description: 'Restarts.', inputSchema: { service: z.string() } };
      server.registerTool('restart', writes, async ({ service }) => {
        restarted.push(service);
        return { content: [{ type: 'text', text: `restarted ${service}` }] };
      });
    },
  };
}

/** What the model says to restart these hosts, in one step. */
export function restartCalls(...hosts: readonly string[]) {
  return { calls: hosts.map((host) => ({ name: 'ops__restart', arguments: JSON.stringify({ host }) })) };
}
