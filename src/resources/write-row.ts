import { isDeepStrictEqual } from 'node:util';
import { ChangedError, InvalidError, NotFoundError } from '../chat/errors.ts';
import type { FieldErrors } from '../chat/form.ts';
import { nearest } from '../chat/nearest.ts';
import type { Caller, Resource, Row, Values } from './definition.ts';
import { fieldsOf, readInput, valuesOf } from './input.ts';
import { may, recordOf } from './permit.ts';
import { differenceOf, displayOf } from './present.ts';
import type { ChangingRows, Rows, TakenError } from './rows.ts';
import { secretErrors } from './secret-fields.ts';
import type { World } from './world.ts';

/** A row after a change; `reveal` is shown this once and stored nowhere. */
export interface Changed {
  readonly row: Row;
  readonly before?: Row;
  readonly reveal?: Readonly<Record<string, unknown>>;
}

/** One row to be written: a new one, or a change of one that is there. */
export interface Item {
  /** Absent: a new row. */
  readonly id?: string;
  /** Of a new row: the id that it had before it was deleted. */
  readonly formerId?: string;
  readonly input: unknown;
  /** Fields that are not there stay as they are. */
  readonly isPartial: boolean;
  /** The revision that the caller has seen; another one is refused with `ChangedError`. */
  readonly revision?: string;
  /** What is wrong with its input besides what its fields say. */
  readonly problems?: FieldErrors;
}

/** Where a row is written, by whom, and what its rules may ask. */
export interface Place {
  readonly rows: ChangingRows;
  readonly by: Caller;
  readonly world: World;
  readonly byPath: ReadonlyMap<string, Resource>;
}

/** Reads, checks and stores one row with its audit record. Throws `InvalidError` and what the store throws. */
export async function writeRow(resource: Resource, item: Item, place: Place): Promise<Changed> {
  const before = item.id === undefined ? undefined : await existing(resource, item.id, place.rows);
  checkRevision(before, item.revision);
  const known = before === undefined ? {} : { before };
  const read = readInput(resource, item.input, { isPartial: item.isPartial, world: place.world, ...known });
  if (!read.ok) throw new InvalidError({ ...read.errors, ...item.problems });
  const isFile = place.by.source === 'bootstrap';
  refuseIfWrong({
    ...(isFile ? {} : secretErrors(resource, { values: read.values, ...known, world: place.world })),
    ...item.problems,
  });
  const resolved = await resolveRelations(resource, read.values, place);
  const isNew = before === undefined && item.formerId === undefined;
  const given = { ...resolved, ...(isNew ? await resource.completes?.(resolved, place.rows) : {}) };
  const values = { ...(before === undefined ? {} : valuesOf(resource, before)), ...given };
  const context = { values, rows: place.rows, world: place.world, by: place.by, ...known };
  refuseIfWrong((await resource.check?.(context)) ?? {});
  const prepared = await resource.prepare?.(context);
  await updateAll(resource, (await resource.makeWay?.(context)) ?? [], place);
  const former = item.formerId === undefined ? {} : { id: item.formerId };
  const row = await store(resource, { ...given, ...prepared?.values, ...former }, { place, before });
  return { row, ...known, ...(prepared?.reveal === undefined ? {} : { reveal: prepared.reveal }) };
}

/** Makes so what must be so after rows were written together, with its audit records; gives them as they are then. */
export async function settled(
  resource: Resource,
  changed: readonly Changed[],
  place: Place,
): Promise<readonly Changed[]> {
  const more = (await resource.settle?.({ changed, rows: place.rows })) ?? [];
  const rows = await updateAll(resource, more, place);
  return changed.map((one) => ({ ...one, row: rows.get(one.row.id) ?? one.row }));
}

async function updateAll(
  resource: Resource,
  changes: readonly { readonly id: string; readonly values: Values }[],
  place: Place,
): Promise<ReadonlyMap<string, Row>> {
  const rows = new Map<string, Row>();
  for (const { id, values } of changes) {
    const before = await existing(resource, id, place.rows);
    const after = await place.rows.update(resource, id, values);
    await recordChange(resource, place, { before, after });
    rows.set(id, after);
  }
  return rows;
}

/** Throws `NotFoundError`. */
export async function existing(resource: Resource, id: string, rows: Rows): Promise<Row> {
  const row = await rows.find(resource, { id });
  if (row === undefined)
    throw new NotFoundError(`There is no ${resource.one} with the id ${id.slice(0, 64)}.`);
  return row;
}

/** Throws `ChangedError` when the caller has seen another state of the row. */
export function checkRevision(before: Row | undefined, revision: string | undefined): void {
  if (before === undefined || revision === undefined || before.revision === revision) return;
  throw new ChangedError('Somebody changed it since you read it. Read it again, and repeat your change.');
}

async function store(
  resource: Resource,
  values: Values,
  { place, before }: { readonly place: Place; readonly before: Row | undefined },
): Promise<Row> {
  if (before === undefined) {
    const row = await place.rows.insert(resource, values);
    await recordChange(resource, place, { after: row });
    return row;
  }
  const stored = valuesOf(resource, before);
  if (Object.entries(values).every(([name, value]) => isDeepStrictEqual(value, stored[name]))) return before;
  const row = await place.rows.update(resource, before.id, values);
  await recordChange(resource, place, { before, after: row });
  return row;
}

/** A row before and after a change, and what went or changed with it. */
interface Transition {
  readonly before?: Row;
  readonly after?: Row;
  /** The row whose deletion brought it about. */
  readonly because?: string;
  /** It was found out: fields that only the bot sets say nothing new. */
  readonly isNote?: boolean;
}

/** Writes a change into the audit log; a change of nothing is none. */
export async function recordChange(
  resource: Resource,
  { rows, by }: Pick<Place, 'rows' | 'by'>,
  { before, after, because, isNote = false }: Transition,
): Promise<void> {
  const row = after ?? before;
  const difference = differenceOf(isNote ? withoutReadOnly(resource) : resource, before, after);
  const isNothing = Object.keys(difference.before).length + Object.keys(difference.after).length === 0;
  if (row === undefined || (before !== undefined && after !== undefined && isNothing)) return;
  await rows.record({
    ...recordOf(by),
    action: `${resource.path}.${verbOf(before, after)}`,
    target: `${resource.path}/${row.id}`,
    detail: { name: displayOf(resource, row), ...difference, ...(because === undefined ? {} : { because }) },
  });
}

function withoutReadOnly(resource: Resource): Resource {
  const fields = Object.entries(resource.fields).filter(([, { isReadOnly }]) => !isReadOnly);
  return { ...resource, fields: Object.fromEntries(fields) };
}

function verbOf(before: Row | undefined, after: Row | undefined): string {
  if (before === undefined) return 'create';
  return after === undefined ? 'delete' : 'change';
}

function refuseIfWrong(errors: FieldErrors): void {
  if (Object.keys(errors).length > 0) throw new InvalidError(errors);
}

/** Ids or names of related rows become ids. */
async function resolveRelations(resource: Resource, values: Values, place: Place): Promise<Values> {
  const resolved: Record<string, unknown> = { ...values };
  const errors: Record<string, readonly string[]> = {};
  for (const [name, { relation }] of Object.entries(fieldsOf(resource))) {
    const wanted = values[name];
    const other = relation === undefined ? undefined : place.byPath.get(relation.to);
    if (other === undefined || typeof wanted !== 'string') continue;
    const row = await findRelated(other, wanted, place.rows);
    if (row === undefined) errors[name] = [await noSuch(other, wanted, place)];
    else resolved[name] = row.id;
  }
  refuseIfWrong(errors);
  return resolved;
}

async function findRelated(other: Resource, wanted: string, rows: Rows): Promise<Row | undefined> {
  return (await rows.find(other, { id: wanted })) ?? (await rows.find(other, { name: wanted }));
}

async function noSuch(other: Resource, wanted: string, { rows, by }: Place): Promise<string> {
  const isNot = `There is no ${other.one} “${wanted.slice(0, 100)}”.`;
  if (!may(other, 'view', by)) return isNot;
  const all = await rows.list(other, { filters: [], order: [], limit: 200, offset: 0 });
  const meant = nearest(
    wanted,
    all.rows.map((row) => String(row[other.nameField])),
  );
  const hint = meant === undefined ? '' : ` Did you mean “${meant}”?`;
  return `${isNot}${hint}`;
}

/** What to tell of a value that is there already. */
export function takenErrors(resource: Resource, { columns }: TakenError): FieldErrors {
  const names = columns.map((column) => fieldOfColumn(resource, column)).filter((name) => name !== undefined);
  const [name, ...more] = names;
  const one = `There is ${articleOf(resource.one)} ${resource.one}`;
  if (name === undefined) return { non_field_errors: [`${one} like this already.`] };
  const labels = names.map((field) => resource.fields[field]?.label ?? field);
  if (more.length > 0)
    return { non_field_errors: [`${one} with this ${labels.join(' and ').toLowerCase()} already.`] };
  return { [name]: [`${one} with this ${labels[0]?.toLowerCase()} already.`] };
}

/** As it is spoken. */
function articleOf(word: string): string {
  return /^([aeiou]|LLM|MCP|API)/i.test(word) ? 'an' : 'a';
}

function fieldOfColumn(resource: Resource, column: string): string | undefined {
  return Object.entries(resource.fields).find(
    ([name, { relation }]) => (relation === undefined ? name : `${name}_id`) === column,
  )?.[0];
}
