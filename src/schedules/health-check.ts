import { type OutageParts, tidings } from './outages.ts';
import type { Ending, ServerState } from './port.ts';

/** What a check found. */
export interface Found {
  readonly healthy: boolean;
  readonly message: string;
  readonly details: string;
  readonly url: string;
  readonly latencyMs: number;
}

export interface HealthCheckParts extends OutageParts {
  /** Asks a server now, within 5 s. Undefined: it was deleted meanwhile. May throw. */
  readonly check: (serverId: string) => Promise<Found | undefined>;
  /** Stores what was found; it takes effect everywhere when the server's status is another now. */
  readonly note: (serverId: string, found: Found) => Promise<void>;
  /** What is cached of servers is stale, on all replicas; how many tools were. */
  readonly clearCaches: () => Promise<number>;
  /** Waits; ends early, with an error, when aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

const atOnce = 4;
const betweenMs = 5000;

type Checked = { readonly isChanged: boolean; readonly isFailed: boolean };

/**
 * Checks all servers, a few at a time. What differs from what is stored is asked twice more, 5 s apart,
 * and the majority of the three decides. People are told once that a server is down, and once how that ended.
 */
export async function checkHealth(parts: HealthCheckParts, signal: AbortSignal): Promise<Ending> {
  const servers = await parts.servers();
  const checked: Checked[] = [];
  const left = [...servers];
  const workers = Array.from({ length: Math.min(servers.length, atOnce) }, async () => {
    for (let server = left.shift(); server !== undefined; server = left.shift()) {
      signal.throwIfAborted();
      checked.push(await checkOne(server, parts, signal));
    }
  });
  await Promise.all(workers);
  const changed = checked.filter(({ isChanged }) => isChanged).length;
  if (changed > 0) await parts.clearCaches();
  const summary = {
    success: true,
    checked_count: checked.length,
    changed_count: changed,
    failed_count: checked.filter(({ isFailed }) => isFailed).length,
    cache_cleared: changed > 0,
    worker_count: workers.length,
  };
  return { state: 'done', summary, ...(await tidings(parts)) };
}

async function checkOne(server: ServerState, parts: HealthCheckParts, signal: AbortSignal): Promise<Checked> {
  try {
    const found = await majority(server, parts, signal);
    if (found === undefined) return { isChanged: false, isFailed: true };
    await parts.note(server.id, found);
    return { isChanged: found.healthy !== server.isHealthy, isFailed: false };
  } catch (error) {
    if (signal.aborted) throw error;
    return { isChanged: false, isFailed: true };
  }
}

/** Undefined: the server is gone. */
async function majority(
  { id, isHealthy }: ServerState,
  { check, pause }: HealthCheckParts,
  signal: AbortSignal,
): Promise<Found | undefined> {
  const first = await check(id);
  if (first === undefined || first.healthy === isHealthy) return first;
  await pause(betweenMs, signal);
  const second = await check(id);
  await pause(betweenMs, signal);
  const third = await check(id);
  if (second === undefined || third === undefined) return undefined;
  const votes = [first, second, third];
  const verdict = votes.filter(({ healthy }) => healthy).length >= 2;
  return votes.findLast(({ healthy }) => healthy === verdict);
}
