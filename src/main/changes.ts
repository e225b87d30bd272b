import type { Difference } from '../chat/desk.ts';
import { isRecord } from '../chat/json.ts';
import type { AuditLog, AuditRow } from '../observe/port.ts';
import type { Resource } from '../resources/definition.ts';
import { fieldsOf, nameOf } from '../resources/input.ts';
import type { Called } from './called.ts';

/** A change that somebody made, as people are told of it. */
export interface ToldChange {
  readonly actor: string;
  readonly target: string;
  readonly who: string;
  /** `at 14:02 UTC`. */
  readonly when: string;
  readonly isDeletion: boolean;
}

/** What became of things, and by whom, as the audit log says. */
export interface Changes {
  /** The newest change of any of these. Undefined: the log says nothing. */
  lastOf(targets: readonly string[]): Promise<ToldChange | undefined>;
  /** What changed since a row had this revision: in words who did it, and what. */
  since(
    resource: Resource,
    seen: { readonly id: string; readonly revision: string },
  ): Promise<{ readonly told: readonly ToldChange[]; readonly differences: readonly Difference[] }>;
}

export interface ChangesOptions {
  /** Absent: nobody kept a log. */
  readonly audit?: Pick<AuditLog, 'list'>;
  readonly called: Called;
}

const mostRead = 50;

export function createChanges({ audit, called }: ChangesOptions): Changes {
  async function read(target: string, limit: number): Promise<readonly AuditRow[]> {
    return (await audit?.list({ target }, { limit, offset: 0 }))?.rows ?? [];
  }

  async function told({ actor, target, action, at }: AuditRow): Promise<ToldChange> {
    const name = actor === 'bot' ? 'the bot' : ((await called(actor)) ?? actor);
    const who = name === actor || actor === 'bot' ? name : `${name} (${actor})`;
    return { actor, target, who, when: `at ${at.slice(11, 16)} UTC`, isDeletion: action.endsWith('.delete') };
  }

  return {
    async lastOf(targets) {
      const newest = (await Promise.all(targets.map((target) => read(target, 1)))).flat();
      const [last] = newest.toSorted((a, b) => (BigInt(a.id) < BigInt(b.id) ? 1 : -1));
      return last === undefined ? undefined : await told(last);
    },
    async since(resource, { id, revision }) {
      const rows = await read(`${resource.path}/${id}`, mostRead);
      // A revision is the time of the change, in microseconds.
      const later = rows.filter(({ at }) => microseconds(at) > BigInt(revision)).toReversed();
      return { told: await Promise.all(later.map(told)), differences: differencesOf(resource, later) };
    },
  };
}

/** ISO 8601 with microseconds. */
function microseconds(at: string): bigint {
  const fraction = /\.(\d+)/.exec(at)?.[1] ?? '';
  const seconds = BigInt(Math.floor(Date.parse(at) / 1000));
  return seconds * 1_000_000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
}

/** From what it was before the first of them to what it is after the last. */
function differencesOf(resource: Resource, rows: readonly AuditRow[]): readonly Difference[] {
  const before = Object.fromEntries(rows.toReversed().flatMap(({ detail }) => entriesOf(detail.before)));
  const after = Object.fromEntries(rows.flatMap(({ detail }) => entriesOf(detail.after)));
  return Object.entries(fieldsOf(resource)).flatMap(([field, { label, isHidden }]) =>
    isHidden || (!Object.hasOwn(before, field) && !Object.hasOwn(after, field))
      ? []
      : [{ field, label, before: plainOf(before[field]), after: plainOf(after[field]) }],
  );
}

function entriesOf(values: unknown): readonly (readonly [string, unknown])[] {
  return isRecord(values) ? Object.entries(values) : [];
}

function plainOf(value: unknown): unknown {
  return isRecord(value) && 'id' in value && 'name' in value ? nameOf(value) : value;
}
