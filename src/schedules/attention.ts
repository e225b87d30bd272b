import type { Author } from '../chat/inbound.ts';
import type { Concern } from '../inbox/port.ts';
import type { Schedule } from './port.ts';
import type { Item } from './report-items.ts';
import { untilText } from './times.ts';
import { weight } from './verdict.ts';

/** What a schedule's concerns are known by. */
export function subjectOf({ id }: Pick<Schedule, 'id'>): string {
  return `schedule:${id}`;
}

/** What is bad and somebody has seen to: acknowledged, or snoozed until later, when it was as bad as now or worse. */
export function attendedOf(
  items: readonly Item[],
  concerns: readonly Concern[],
): ReadonlyMap<string, Concern> {
  const seenTo = concerns.filter(({ state }) => state === 'acknowledged' || state === 'snoozed');
  const found = items.flatMap((item) => {
    const concern = seenTo.find((one) => one.items.some((known) => covers(known, item)));
    return item.verdict === 'ok' || concern === undefined ? [] : [[item.key, concern] as const];
  });
  return new Map(found);
}

function covers(known: Concern['items'][number], { key, verdict }: Item): boolean {
  return known.key === key && weight(known.verdict) >= weight(verdict);
}

/** Who sees to how many things, in one line; empty where nobody does. */
export function attendedLine(
  attended: ReadonlyMap<string, Concern>,
  { now, timezone }: { readonly now: number; readonly timezone: string },
): string {
  const words = [...attended.values()].map(({ state, by, until }) => {
    const who = by === undefined ? '' : ` by ${by.name || by.principal}`;
    if (state !== 'snoozed' || until === undefined) return `Acknowledged${who}`;
    return `Snoozed until ${untilText(until.getTime(), now, timezone)}${who}`;
  });
  return [...Map.groupBy(words, (word) => word)].map(([word, all]) => `${word}: ${all.length}`).join(' · ');
}

/** Concerns of which nothing is bad any more. */
export function endedOf(concerns: readonly Concern[], bad: readonly Item[]): readonly Concern[] {
  const keys = new Set(bad.map(({ key }) => key));
  return concerns.filter(
    ({ state, items }) => state !== 'resolved' && !items.some(({ key }) => keys.has(key)),
  );
}

/** Whom a schedule tells when something turns bad. The bot and programs are nobody. */
export function mentionsOf({ mention, owner }: Pick<Schedule, 'mention' | 'owner'>): readonly Author[] {
  return (mention.length > 0 ? mention : [owner]).filter(({ principal }) => isPerson(principal));
}

function isPerson(principal: string): boolean {
  return /^(slack|teams|web):./.test(principal);
}
