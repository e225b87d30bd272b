import { principalProblem } from '../access/principals.ts';
import { either } from '../chat/admin/words.ts';
import type { FieldErrors } from '../chat/form.ts';
import { readTime } from '../chat/read-time.ts';
import type { Caller, Resource, Row } from './definition.ts';
import { identities } from './identities.ts';
import { idOf } from './input.ts';
import type { Rows } from './rows.ts';
import { settings } from './settings-definition.ts';
import { isTimezone } from './timezone.ts';
import type { World } from './world.ts';

/** What somebody wrote, with principals and places for the people and channels that it calls by name. */
export interface Named {
  readonly input: unknown;
  /** Names that mean nobody, or several. */
  readonly problems: FieldErrors;
}

/** Who looks for whom, and where. */
export interface NamingPlace {
  readonly rows: Rows;
  readonly world: Pick<World, 'placesCalled' | 'now'>;
  readonly by: Caller;
}

/** The clock by which people say times. */
export async function timezoneIn(rows: Rows): Promise<string> {
  const set = (await rows.find(settings, { name: 'timezone' }))?.value;
  return typeof set === 'string' && isTimezone(set) ? set : 'UTC';
}

/** A time as people write it; what is no such time is left to the field. */
async function timeWritten(text: string, { rows, world }: NamingPlace): Promise<Found> {
  if (!mayBeTime.test(text)) return { value: text };
  const time = readTime(text, { now: world.now(), timezone: await timezoneIn(rows) });
  return { value: time ?? text };
}

/** Others are whole already, or none. */
const mayBeTime = /^(?!.*T.*(?:Z|[+-]\d\d:?\d\d)\s*$)[\s\S]{1,60}$/;

/**
 * Puts principals where people are called by name or e-mail, and addresses where channels are, within what the bot
 * knows; and points in time where people write a day or a duration. It may ask platforms, so it stays outside of transactions.
 */
export async function withNames(resource: Resource, input: unknown, place: NamingPlace): Promise<Named> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return { input, problems: {} };
  const named: Record<string, unknown> = { ...input };
  const problems: Record<string, readonly string[]> = {};
  for (const [name, { widget, isReadOnly }] of Object.entries(resource.fields)) {
    const given = named[name];
    const isPerson = widget.type === 'principal' || (widget.type === 'texts' && widget.arePeople === true);
    if (isReadOnly || (!isPerson && widget.type !== 'place' && widget.type !== 'time')) continue;
    const other = widget.type === 'time' ? timeWritten : placeCalled;
    const find = (text: string) => (isPerson ? principalCalled : other)(text, place);
    const found = Array.isArray(given)
      ? await Promise.all(given.map((one) => (typeof one === 'string' ? find(one) : { value: one })))
      : typeof given === 'string'
        ? await find(given)
        : undefined;
    if (found === undefined) continue;
    const wrong = [found].flat().flatMap((one) => ('problem' in one ? [one.problem] : []));
    if (wrong.length > 0) problems[name] = wrong;
    else named[name] = Array.isArray(found) ? found.map(givenBy) : givenBy(found);
  }
  return { input: named, problems };
}

type Found = { readonly value: unknown } | { readonly problem: string };

function givenBy(found: Found): unknown {
  return 'value' in found ? found.value : undefined;
}

const principals = /^(?:slack|teams|web|token|group|channel|tenant):/;

/** The principal of a known person; what is a principal already, or nothing, stays as it is. */
async function principalCalled(written: string, place: NamingPlace): Promise<Found> {
  const text = written.trim();
  if (text === '' || principals.test(text)) return { value: text };
  if (text.startsWith('#')) return await channelCalled(text, place);
  const name = text.replace(/^@/, '');
  const found = name === '' ? [] : await peopleCalled(name, place.rows);
  const people = new Set(found.map((row) => idOf(row.person)));
  const own = found.find((row) => String(row.principal).startsWith(`${place.by.source}:`));
  if (people.size === 1) return { value: String((own ?? found[0])?.principal) };
  if (people.size > 1)
    return { problem: `Several people are called “${name}”: ${listed(found)}. Write the one that you mean.` };
  const near = name === '' ? [] : await peopleLike(name, place.rows);
  if (near.length > 0)
    return { problem: `Nobody I know is called “${name.slice(0, 100)}”. Did you mean ${listed(near)}?` };
  return { problem: nobody(name) };
}

function nobody(name: string): string {
  const shape = principalProblem(`${name}:`) ?? '';
  return `Nobody I know is called “${name.slice(0, 100)}”: I know whoever wrote to me or signed in. ${shape}`.trim();
}

const most = 5;

function listed(rows: readonly Row[]): string {
  return either(rows.slice(0, most).map(personText));
}

function personText({ name, email, principal }: Row): string {
  const known = [name, email].filter((part) => typeof part === 'string' && part !== '').join(', ');
  return known === '' ? String(principal) : `${String(principal)} (${known})`;
}

/** Who is called exactly so: by name, by an e-mail that a platform vouches for, or by the last part of the principal. */
async function peopleCalled(name: string, rows: Rows): Promise<readonly Row[]> {
  const same = { comparison: 'same' as const, values: [name] };
  const vouched = { field: 'is_verified', comparison: 'is' as const, values: ['true'] };
  const ways = [
    [{ field: 'name', ...same }],
    [{ field: 'email', ...same }, vouched],
    [{ field: 'principal', comparison: 'ends' as const, values: [`:${name}`] }],
  ];
  const found = await Promise.all(
    ways.map(async (filters) => (await rows.list(identities, { ...newest, filters, limit: 100 })).rows),
  );
  return [...new Map(found.flat().map((row) => [row.id, row])).values()];
}

const newest = { order: ['-last_seen'], offset: 0 } as const;

async function peopleLike(name: string, rows: Rows): Promise<readonly Row[]> {
  return (await rows.list(identities, { ...newest, filters: [], limit: most, q: name })).rows;
}

/** An address where something can be posted, for a channel by its name. */
async function placeCalled(written: string, place: NamingPlace): Promise<Found> {
  const text = written.trim();
  if (!text.startsWith('#')) return { value: written };
  const found = await channelCalled(text, place);
  return 'problem' in found ? found : { value: String(found.value).slice('channel:'.length) };
}

async function channelCalled(text: string, { world, by }: NamingPlace): Promise<Found> {
  const found = await world.placesCalled(text.slice(1).trim(), by.author.principal);
  const [only] = found;
  if (only === undefined)
    return {
      problem: `I am in no channel that is called “${text.slice(0, 100)}”. Invite me to it first, or write its address.`,
    };
  if (found.length > 1)
    return {
      problem: `Several channels are called ${text.slice(0, 100)}: ${either(found.slice(0, most))}. Write the one that you mean.`,
    };
  return { value: `channel:${only}` };
}
