import { randomUUID } from 'node:crypto';
import type { Author } from '../chat/inbound.ts';
import type { Notice } from '../inbox/port.ts';
import { noticeFor, type Spot } from '../inbox/spot.ts';
import type { Ending, ServerState } from './port.ts';

/** What a check found. */
export interface Found {
  readonly healthy: boolean;
  readonly message: string;
  readonly details: string;
  readonly url: string;
  readonly latencyMs: number;
}

export interface HealthCheckParts {
  /** Servers that are enabled and not Vulnerable. */
  readonly servers: () => Promise<readonly ServerState[]>;
  /** Asks a server now, within 5 s. Undefined: it was deleted meanwhile. May throw. */
  readonly check: (serverId: string) => Promise<Found | undefined>;
  /** Stores what was found; it takes effect everywhere when the server's status is another now. */
  readonly note: (serverId: string, found: Found) => Promise<void>;
  /** What is cached of servers is stale, on all replicas; how many tools were. */
  readonly clearCaches: () => Promise<number>;
  /** Waits; ends early, with an error, when aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Where people are told. */
  readonly opsSpot: () => Spot | undefined;
  readonly spotOfThread: (threadId: string) => Spot | undefined;
}

const atOnce = 4;
const betweenMs = 5000;

type Checked = { readonly isChanged: boolean; readonly isFailed: boolean };

/**
 * Checks all servers, a few at a time. What differs from what is stored is asked twice more, 5 s apart,
 * and the majority of the three decides. People are told once that a server is down, and once that it is back.
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

/** What people have not been told of yet, whoever found it out. */
async function tidings(parts: HealthCheckParts): Promise<Pick<Ending, 'notices' | 'down' | 'back'>> {
  const spot = parts.opsSpot();
  if (spot === undefined) return {};
  const servers = await parts.servers();
  const down = servers.filter(
    ({ isHealthy, isChecked, told }) => !isHealthy && isChecked && told === undefined,
  );
  const back = servers.filter(({ isHealthy, told }) => isHealthy && told !== undefined);
  const noticeId = randomUUID();
  return {
    notices: [...downNotice(down, noticeId, spot), ...backNotices(back, parts, spot)],
    down: down.map(({ id }) => ({ serverId: id, noticeId })),
    back: back.map(({ id }) => id),
  };
}

const bot: Author = { principal: 'bot', name: 'AI Ops Bot' };

function downNotice(down: readonly ServerState[], id: string, spot: Spot): readonly Notice[] {
  if (down.length === 0) return [];
  const names = down.map(({ name }) => `\`${name}\``).join(', ');
  const title = down.length === 1 ? `MCP server ${names} is down` : `${down.length} MCP servers are down`;
  const lines = down.map(
    ({ name, lastError }) => `- \`${name}\`: ${lastError === '' ? 'It does not answer.' : lastError}`,
  );
  const text = `🔴 **${title}.** ${down.length === 1 ? 'Its' : 'Their'} tools are not offered until that is over; I say so here.\n\n${lines.join('\n')}`;
  return [noticeFor(spot, { id, title: title.replaceAll('`', ''), text, author: bot })];
}

/** Each in the thread that told of it; several of one thread in one word. */
function backNotices(back: readonly ServerState[], parts: HealthCheckParts, spot: Spot): readonly Notice[] {
  const byNotice = Map.groupBy(back, ({ told }) => told?.noticeId ?? '');
  return [...byNotice.values()].map((servers) => {
    const [first] = servers;
    const thread = first?.told?.threadId;
    const place = thread === undefined ? spot : (parts.spotOfThread(thread) ?? spot);
    const names = servers.map(({ name }) => `\`${name}\``).join(', ');
    const are = servers.length === 1 ? 'answers again' : 'answer again';
    const since = minutesSince(first?.told?.since);
    const text = `🟢 **${names} ${are}**, ${since}. The tools are offered again.`;
    return noticeFor(place, {
      id: randomUUID(),
      title: `${names.replaceAll('`', '')} ${are}`,
      text,
      author: bot,
    });
  });
}

function minutesSince(since: Date | undefined): string {
  const minutes = Math.max(1, Math.round((Date.now() - (since?.getTime() ?? Date.now())) / 60_000));
  if (minutes < 120) return `after ${minutes} minute${minutes === 1 ? '' : 's'}`;
  return minutes < 2880
    ? `after ${Math.round(minutes / 60)} hours`
    : `after ${Math.round(minutes / 1440)} days`;
}
