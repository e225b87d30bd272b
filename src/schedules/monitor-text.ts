import { clipped } from '../chat/clipped.ts';
import type { MonitorState, Saying } from './monitor-verdict.ts';
import type { Schedule, SeenCheck } from './port.ts';
import type { Item } from './report-items.ts';
import { durationText, timeText } from './times.ts';
import { icons, type Verdict, worstFirst } from './verdict.ts';

/** What a look found. */
export interface Finding {
  readonly items: readonly Item[];
  /** What it rests on, beyond the items. */
  readonly evidence: readonly string[];
  /** A model found it out. */
  readonly isModels: boolean;
  /** What it rests on, for people. */
  readonly checks: readonly SeenCheck[];
}

const [mostItems, mostCharacters] = [8, 400];

const standing: Readonly<Record<Verdict, string>> = {
  ok: 'well',
  unknown: 'nobody can tell',
  warning: 'warning',
  critical: 'critical',
};

/** One line for lists and notifications. */
export function monitorTitle(name: string, verdict: Verdict): string {
  return `${icons[verdict]} ${name}: ${standing[verdict]}`;
}

/** The same once something has changed. What flaps has no verdict: the last one is another by the next look. */
export function restatedTitle(name: string, { told, flaps }: Pick<MonitorState, 'told' | 'flaps'>): string {
  return flaps === 'no' ? monitorTitle(name, told) : `〰️ ${name}: flaps between verdicts`;
}

/** What opens a thread: the verdict, and what is bad. */
export function findingText(name: string, items: readonly Item[]): string {
  const [first] = worstFirst(items);
  return `**${monitorTitle(name, first?.verdict ?? 'ok')}**\n\n${lines(items)}`;
}

/** A later word in the thread. */
export function changeText(
  { damping }: Pick<Schedule, 'damping'>,
  say: Saying,
  items: readonly Item[],
): string {
  const window = durationText(damping.flapMs);
  switch (say.type) {
    case 'opened':
      return lines(items);
    case 'changed': {
      const after = `after ${durationText(say.afterMs)}`;
      return `${icons[say.verdict]} **Now ${standing[say.verdict]}**, was ${standing[say.from]} (${after}).\n\n${lines(items)}`;
    }
    case 'recovered':
      return `🟢 **Well again** after ${durationText(say.afterMs)}.`;
    case 'flaps':
      return `〰️ **It flaps**: ${say.changes} changes within ${window}. I keep quiet until it has been stable for that long.`;
    case 'settled':
      return `${icons[say.verdict]} **Stable again** for ${window}: ${standing[say.verdict]}.${say.verdict === 'ok' ? '' : `\n\n${lines(items)}`}`;
    case 'reminded':
      return `${icons[say.verdict]} **Still ${standing[say.verdict]}** after ${durationText(say.afterMs)}; the snooze is over.\n\n${lines(items)}`;
    default:
      return say satisfies never;
  }
}

export interface Restating {
  readonly say: Saying;
  readonly state: MonitorState;
  readonly finding: Finding;
  readonly at: number;
  /** What was bad when something last was. */
  readonly was: string;
}

/** What the message that opened the thread says once something has changed. */
export function restatedText(
  { name, timezone }: Pick<Schedule, 'name' | 'timezone'>,
  { say, state, finding, at, was }: Restating,
): string {
  const when = timeText(at, timezone);
  if (say.type === 'recovered')
    return `**${monitorTitle(name, 'ok')} again**\n\nIt took ${durationText(say.afterMs)}, until ${when}.${was === '' ? '' : ` It was:\n\n${was}`}`;
  const since = state.badSince === undefined ? '' : `, not well since ${timeText(state.badSince, timezone)}`;
  return `**${restatedTitle(name, state)}**\n\n${lines(finding.items)}\n\n_As of ${when}${since}._`;
}

/** What is bad, the worst first; where nothing is, what was looked at. */
export function lines(items: readonly Item[]): string {
  const bad = worstFirst(items.filter(({ verdict }) => verdict !== 'ok'));
  const all = bad.length === 0 ? items : bad;
  const left = all.length - mostItems;
  const shown = left > 1 ? all.slice(0, mostItems) : all;
  return [...shown.map(line), ...(left > 1 ? [`- … and ${left} more; ask me in this thread`] : [])].join(
    '\n',
  );
}

/** Who does not see colours reads how it stands; the words of a check say so themselves. */
function line({ section, verdict, text }: Item): string {
  const stands = section === 'Checks' ? '' : ` _(${verdict})_`;
  return `- ${icons[verdict]} ${clipped(text, mostCharacters)}${stands}`;
}

/** All that is known, for those who ask in the thread. */
export function evidenceOf({ items, evidence }: Finding): string {
  return [...items.map(({ verdict, text }) => `${verdict}: ${text}`), ...evidence].join('\n');
}
