import { clipped } from '../chat/clipped.ts';
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

const mostNamed = 5;

/** Who sees to what, in one line; empty where nobody does. */
export function attendedLine(
  attended: ReadonlyMap<string, Concern>,
  {
    items,
    now,
    timezone,
  }: { readonly items: readonly Item[]; readonly now: number; readonly timezone: string },
): string {
  const said = items.flatMap((item) => {
    const concern = attended.get(item.key);
    return concern === undefined ? [] : [{ who: whoSays(concern, now, timezone), what: briefly(item) }];
  });
  return [...Map.groupBy(said, ({ who }) => who)]
    .map(([who, all]) => `${who}: ${named(all.map(({ what }) => what))}`)
    .join(' · ');
}

function whoSays({ state, by, until }: Concern, now: number, timezone: string): string {
  const who = by === undefined ? '' : ` by ${by.name || by.principal}`;
  if (state !== 'snoozed' || until === undefined) return `Acknowledged${who}`;
  return `Snoozed until ${untilText(until.getTime(), now, timezone)}${who}`;
}

/** One that stands for another alone would be no shorter. */
function named(all: readonly string[]): string {
  const left = all.length - mostNamed;
  return left > 1 ? `${all.slice(0, mostNamed).join('; ')}; and ${left} more` : all.join('; ');
}

/** What it is, without what it is due to. */
function briefly({ text }: Item): string {
  const [what = ''] = text.split(/: | — | · | \(/);
  return clipped(what, 100);
}

/** What people said does not reach any more: of what is well again, or gone, or worse than it was when they said it. */
export function leftOf(
  concerns: readonly Concern[],
  items: readonly Item[],
): readonly { readonly concernId: string; readonly keys: readonly string[] }[] {
  const now = new Map(items.map((item) => [item.key, item]));
  const isStill = (known: Concern['items'][number]) => {
    const item = now.get(known.key);
    return item !== undefined && item.verdict !== 'ok' && covers(known, item);
  };
  return concerns.flatMap(({ id, items: all }) => {
    const keys = all.filter((known) => !isStill(known)).map(({ key }) => key);
    return keys.length === 0 ? [] : [{ concernId: id, keys }];
  });
}

/** Concerns of which nothing is bad any more. */
export function endedOf(concerns: readonly Concern[], bad: readonly Item[]): readonly Concern[] {
  const keys = new Set(bad.map(({ key }) => key));
  return concerns.filter(
    ({ state, items }) => state !== 'resolved' && !items.some(({ key }) => keys.has(key)),
  );
}

/**
 * Whom a schedule tells when something turns bad. The bot and programs are nobody. Where somebody's name is not
 * known it is empty: their own platform notifies them, and others say nothing of them.
 */
export function mentionsOf({ mention, owner }: Pick<Schedule, 'mention' | 'owner'>): readonly Author[] {
  return (mention.length > 0 ? mention : [owner])
    .filter(({ principal }) => isPerson(principal))
    .map(({ principal, name }) => ({ principal, name: name === principal ? nameIn(principal) : name }));
}

/** Ids of other platforms are no names. */
function nameIn(principal: string): string {
  return principal.startsWith('web:') ? principal.slice('web:'.length) : '';
}

function isPerson(principal: string): boolean {
  return /^(slack|teams|web):./.test(principal);
}
