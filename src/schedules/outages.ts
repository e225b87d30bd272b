import { randomUUID } from 'node:crypto';
import type { Author } from '../chat/inbound.ts';
import type { Notice } from '../inbox/port.ts';
import { noticeFor, type Spot } from '../inbox/spot.ts';
import type { Ending, Outage, Restated, ServerState } from './port.ts';
import { durationText, timeText } from './times.ts';

export interface OutageParts {
  /** Servers that are enabled and not Vulnerable. */
  readonly servers: () => Promise<readonly ServerState[]>;
  /** What people were told is down, and nothing since. */
  readonly outages: () => Promise<readonly Outage[]>;
  /** Where people are told. */
  readonly opsSpot: () => Spot | undefined;
  readonly spotOfThread: (threadId: string) => Spot | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const bot: Author = { principal: 'bot', name: 'AI Ops Bot' };

/** What people have not been told of yet, whoever found it out: what is down, and of what was, how that ended. */
export async function tidings(
  parts: OutageParts,
): Promise<Pick<Ending, 'notices' | 'down' | 'back' | 'restated'>> {
  const spot = parts.opsSpot();
  if (spot === undefined) return {};
  const told = await parts.outages();
  const servers = await parts.servers();
  const isTold = ({ id }: ServerState) => told.some(({ serverId }) => serverId === id);
  const down = servers.filter((server) => !server.isHealthy && server.isChecked && !isTold(server));
  const noticeId = randomUUID();
  const ends = endings(told);
  return {
    notices: [
      ...downNotice(down, noticeId, spot),
      ...ends.flatMap((ending) => endNotice(ending, parts, spot)),
    ],
    down: down.map(({ id }) => ({ serverId: id, noticeId })),
    back: ends.flatMap(({ over }) => over.map(({ serverId }) => serverId)),
    restated: ends.map((ending) => restatedBy(ending, parts.now())),
  };
}

function downNotice(down: readonly ServerState[], id: string, spot: Spot): readonly Notice[] {
  if (down.length === 0) return [];
  return [noticeFor(spot, { id, title: plain(downTitle(down)), text: downText(down), author: bot })];
}

type Down = Pick<ServerState, 'name' | 'lastError'>;

function downTitle(down: readonly Down[]): string {
  return down.length === 1 ? `MCP server ${namesOf(down)} is down` : `${down.length} MCP servers are down`;
}

function downText(down: readonly Down[]): string {
  const lines = down.map(
    ({ name, lastError }) => `- \`${name}\`: ${lastError === '' ? 'It does not answer.' : lastError}`,
  );
  return `🔴 **${downTitle(down)}.** ${down.length === 1 ? 'Its' : 'Their'} tools are not offered until that is over; I say so here.\n\n${lines.join('\n')}`;
}

/** What one notice told of: what of it is over, and what is not. */
interface Told {
  readonly noticeId: string;
  readonly over: readonly Outage[];
  readonly still: readonly Outage[];
}

function endings(told: readonly Outage[]): readonly Told[] {
  return [...Map.groupBy(told, ({ noticeId }) => noticeId)]
    .map(([noticeId, all]) => ({
      noticeId,
      over: all.filter(({ standing }) => standing !== 'down'),
      still: all.filter(({ standing }) => standing === 'down'),
    }))
    .filter(({ over }) => over.length > 0);
}

/** In the thread that told of it. One that is not there yet begins with how it ended. */
function endNotice({ over, still }: Told, parts: OutageParts, spot: Spot): readonly Notice[] {
  const threadId = over[0]?.threadId;
  if (threadId === undefined && still.length === 0) return [];
  const place = threadId === undefined ? spot : (parts.spotOfThread(threadId) ?? spot);
  const text = endLines(over, parts.now()).join('\n\n');
  return [noticeFor(place, { id: randomUUID(), title: plain(endTitle(over)), text, author: bot })];
}

function restatedBy({ noticeId, over, still }: Told, now: number): Restated {
  const ended = endLines(over, now).join('\n\n');
  if (still.length > 0)
    return { noticeId, title: plain(downTitle(still)), text: `${downText(still)}\n\n${ended}` };
  return { noticeId, title: plain(endTitle(over)), text: `${ended}\n\n_Until ${timeText(now, 'UTC')}._` };
}

/** How outages end: the word for one, for several, and what that means for their tools. */
const ends = {
  back: { icon: '🟢', one: 'answers again', many: 'answer again', so: 'The tools are offered again.' },
  deleted: { icon: '⚪', one: 'was deleted', many: 'were deleted', so: 'Nothing more follows here.' },
  disabled: {
    icon: '⚪',
    one: 'was switched off',
    many: 'were switched off',
    so: 'The tools are not offered, and nobody asks for an answer.',
  },
  vulnerable: {
    icon: '⚪',
    one: 'is held to be Vulnerable now',
    many: 'are held to be Vulnerable now',
    so: 'The tools are not offered, and nobody asks for an answer.',
  },
} as const;

type End = keyof typeof ends;

function byEnd(over: readonly Outage[]): readonly (readonly [End, readonly Outage[]])[] {
  const all = over.flatMap((one) => (one.standing === 'down' ? [] : [{ ...one, end: one.standing }]));
  return [...Map.groupBy(all, ({ end }) => end)];
}

function endTitle(over: readonly Outage[]): string {
  return byEnd(over)
    .map(([end, all]) => `${ends[end].icon} MCP server${all.length === 1 ? '' : 's'} ${whatEnded(end, all)}`)
    .join(', ');
}

function endLines(over: readonly Outage[], now: number): readonly string[] {
  return byEnd(over).map(([end, all]) => {
    const since = Math.min(...all.map((one) => one.since.getTime()));
    const { icon, so } = ends[end];
    return `${icon} **${whatEnded(end, all)}**, ${all.length === 1 ? 'down' : 'all down'} for ${durationText(Math.max(0, now - since))}. ${so}`;
  });
}

function whatEnded(end: End, all: readonly Outage[]): string {
  return `${namesOf(all)} ${all.length === 1 ? ends[end].one : ends[end].many}`;
}

function namesOf(servers: readonly { readonly name: string }[]): string {
  return servers.map(({ name }) => `\`${name}\``).join(', ');
}

function plain(markdown: string): string {
  return markdown.replaceAll('`', '');
}
