import type { SecretNames } from '../access/secret-names.ts';
import type { BoardQuery, Desk, DeskCaller, DeskWrite } from '../chat/desk.ts';
import { ForbiddenError, NotFoundError } from '../chat/errors.ts';
import { reachable } from '../chat/reachable.ts';
import type { Caller, Resource, Row } from '../resources/definition.ts';
import { holdsKnownKey } from '../resources/field.ts';
import { columnsOf, formOf, listOf } from '../resources/form.ts';
import { fieldsOf } from '../resources/input.ts';
import type { Resources } from '../resources/manage.ts';
import { may } from '../resources/permit.ts';
import { displayOf, present } from '../resources/present.ts';
import type { UndoStore } from '../resources/undo.ts';
import type { Changed, Item } from '../resources/write-row.ts';
import { briefRow, differences, kindOf, nameOfRow, wholeRow } from './desk-facts.ts';
import { optionSetsOf } from './desk-options.ts';
import { secretChoices } from './secret-choices.ts';
import { createUndoing } from './undoing.ts';

const mostChoices = 100;
/** More rows than these are not looked through for a name. */
const mostNamed = 1000;

export interface DeskOptions {
  readonly resources: Resources;
  readonly undos: UndoStore;
  /** Who can give rights, as people call them. */
  readonly granters: () => Promise<readonly string[]>;
  /** The references to secrets that resources may name. */
  readonly secretNames: SecretNames;
}

/** Resources for platforms that draw forms themselves: the same permissions and rules as every other face. */
export function createDesk({ resources, undos, granters, secretNames }: DeskOptions): Desk {
  const { world } = resources;
  const undoing = createUndoing(resources, undos);

  function named(path: string): Resource {
    const resource = resources.named(path);
    if (resource === undefined)
      throw new NotFoundError(`There is nothing to manage called “${path.slice(0, 60)}”.`);
    return resource;
  }

  /** By its id or its name. */
  async function rowNamed(resource: Resource, name: string, by: Caller): Promise<Row> {
    if (isId(name)) return await resources.read(resource, name, by);
    const filters = [
      { field: resource.nameField, comparison: 'is' as const, values: [name.replaceAll('\u0000', '')] },
    ];
    const { rows } = await resources.list(resource, { filters, order: [], limit: 1, offset: 0 }, by);
    if (rows[0] === undefined) throw new NotFoundError(`There is no ${resource.one} called ${name}.`);
    return rows[0];
  }

  async function itemOf(
    resource: Resource,
    { name, values, revision }: DeskWrite,
    by: Caller,
  ): Promise<Item> {
    if (name === undefined)
      return { input: { ...resource.begins?.(values, world), ...values }, isPartial: false };
    const { id } = await rowNamed(resource, name, by);
    return { id, input: values, isPartial: true, ...(revision === undefined ? {} : { revision }) };
  }

  async function put(resource: Resource, write: DeskWrite, by: Caller): Promise<Changed> {
    const item = await itemOf(resource, write, by);
    const [changed] =
      item.id === undefined
        ? await resources.create(resource, [item.input], by)
        : await resources.update(resource, [{ ...item, id: item.id }], by);
    if (changed === undefined) throw new NotFoundError(`There is no such ${resource.one}.`);
    return changed;
  }

  async function seekAll(resource: Resource, name: string, by: Caller): Promise<readonly Row[]> {
    const query = { filters: [], order: [], limit: mostNamed, offset: 0 };
    const found =
      resource.search.length > 0 ? await resources.list(resource, { ...query, q: name }, by) : undefined;
    return found === undefined || found.rows.length === 0
      ? (await resources.list(resource, query, by)).rows
      : found.rows;
  }

  async function candidates(resource: Resource, name: string, by: Caller): Promise<readonly Row[]> {
    if (isId(name)) return [await resources.read(resource, name, by)];
    const rows = await seekAll(resource, name, by);
    const names = (row: Row) => [nameOfRow(resource, row), displayOf(resource, row)];
    const exact = rows.filter((row) => names(row).includes(name));
    if (exact.length > 0) return exact;
    const lower = name.toLowerCase();
    return rows.filter((row) => names(row).some((known) => known.toLowerCase() === lower));
  }

  return {
    list: reachable(async (path: string, by: DeskCaller, { limit, offset }) => {
      const resource = named(path);
      const page = await resources.list(resource, { filters: [], order: [], limit, offset }, by);
      return listOf(resource, { ...page, offset }, world);
    }),
    form: reachable(async (path: string, by: DeskCaller, name?: string) => {
      const resource = named(path);
      if (name === undefined) return { form: formOf(resource, world) };
      const row = await rowNamed(resource, name, by);
      const revision = typeof row.revision === 'string' ? { revision: row.revision } : {};
      return { form: formOf(resource, world, row), ...revision };
    }),
    options: reachable(
      async (path: string, by: DeskCaller) => await optionSetsOf(resources, named(path), by),
    ),
    save: reachable(async (path: string, by: DeskCaller, write: DeskWrite) => {
      const resource = named(path);
      return displayOf(resource, (await put(resource, write, by)).row);
    }),
    choices: reachable(async (path: string, by: DeskCaller, words: string) => {
      const resource = named(path);
      const q = words === '' ? {} : { q: words };
      const { rows } = await resources.list(
        resource,
        { filters: [], order: [], limit: mostChoices, offset: 0, ...q },
        by,
      );
      return rows.map((row) => {
        const name = String(row[resource.nameField]);
        return { value: name, label: displayOf(resource, row) };
      });
    }),
    references: reachable(async (by: DeskCaller, words: string) => {
      if (!resources.all.some((resource) => mayNameSecrets(resource, by)))
        throw new ForbiddenError('This is for those who may manage what has a secret.');
      return await secretChoices(secretNames, words);
    }),
    kinds: (by) => resources.all.map((resource) => kindOf(resource, world, by)),
    find: reachable(async (path: string, by: DeskCaller, name: string) => {
      const resource = named(path);
      const rows = await candidates(resource, name, by);
      return rows.map((row) => briefRow(resource, row, { world, by }));
    }),
    board: reachable(async (path: string, by: DeskCaller, query: BoardQuery) => {
      const resource = named(path);
      const { words, filters = [], limit, offset } = query;
      const conditions = filters.map(({ field, value }) => conditionOf(resource, field, value));
      const wanted = {
        filters: conditions,
        order: [],
        limit,
        offset,
        ...(words === undefined ? {} : { q: words }),
      };
      const { count, rows } = await resources.list(resource, wanted, by);
      return {
        kind: kindOf(resource, world, by),
        columns: columnsOf(resource),
        rows: rows.map((row) => briefRow(resource, row, { world, by })),
        total: count,
        offset,
      };
    }),
    show: reachable(async (path: string, by: DeskCaller, id: string) => {
      const resource = named(path);
      return wholeRow(resource, await resources.read(resource, id, by), { world, by });
    }),
    write: reachable(async (path: string, by: DeskCaller, write: DeskWrite) => {
      const resource = named(path);
      const changed = await put(resource, write, by);
      const undo = await undoing.changed(resource, [changed], by);
      const { problem } = present(resource, changed.row, world);
      return {
        ...(typeof problem === 'string' && problem !== '' ? { problem } : {}),
        id: changed.row.id,
        title: displayOf(resource, changed.row),
        differences: differences(resource, changed.before, changed.row),
        ...(undo === undefined ? {} : { undo }),
        ...(changed.reveal === undefined ? {} : { reveal: changed.reveal }),
      };
    }),
    preview: reachable(async (path: string, by: DeskCaller, write: DeskWrite) => {
      const resource = named(path);
      const { before, row } = await resources.preview(resource, await itemOf(resource, write, by), by);
      return differences(resource, before, row);
    }),
    tryOut: reachable(async (path: string, by: DeskCaller, write: DeskWrite) => {
      const resource = named(path);
      const tried = await resources.tryOut(resource, await itemOf(resource, write, by), by);
      return tried ?? { ok: true, message: `There is nothing to test of a ${resource.one}.` };
    }),
    dependents: reachable(async (path: string, by: DeskCaller, id: string) => {
      const found = await resources.dependents(named(path), id, by);
      return found.map(({ resource: other, onDelete, count, names }) => {
        const who = may(other, 'view', by) ? ` (${names.join(', ')})` : '';
        return `${count} ${count === 1 ? other.one : other.many}${who} ${fates[onDelete]}`;
      });
    }),
    remove: reachable(async (path: string, by: DeskCaller, id: string, revision?: string) => {
      const resource = named(path);
      const row = await resources.read(resource, id, by);
      const goesAlong = await resources.dependents(resource, id, by);
      await resources.remove(resource, [{ id, ...(revision === undefined ? {} : { revision }) }], by);
      const undo = goesAlong.length > 0 ? undefined : await undoing.removed(resource, row, by);
      return {
        id,
        title: displayOf(resource, row),
        differences: [],
        ...(undo === undefined ? {} : { undo }),
      };
    }),
    act: reachable(async (path: string, by: DeskCaller, { id, action, values }) => {
      const resource = named(path);
      const about = Object.hasOwn(resource.actions ?? {}, action) ? resource.actions?.[action] : undefined;
      const input = about?.input === undefined ? undefined : (about.input.fromForm?.(values) ?? values);
      const heard: Changed[] = [];
      const output = await resources.act({
        ...{ resource, id, action, input, by },
        heard: (changed) => heard.push(...changed),
      });
      const undo = await undoing.changed(resource, heard, by);
      const row = may(resource, 'view', by) ? await resources.read(resource, id, by) : undefined;
      const title = row === undefined ? resource.one : displayOf(resource, row);
      return { title, output, ...(undo === undefined ? {} : { undo }) };
    }),
    undo: reachable(async (id: string, by: DeskCaller) => await undoing.undo(id, by)),
    granters,
    refusal: (text) =>
      holdsKnownKey(text)
        ? 'This holds what looks like a key; I take none here, and you should replace it, because others may have read it. Put it into a variable, a file or Vault, and name that: env:NAME, file:name, vault:mount/path#field.'
        : undefined,
  };
}

const fates = { cascade: 'goes with it', protect: 'keeps it', clear: 'loses it' } as const;

function mayNameSecrets(resource: Resource, by: Caller): boolean {
  const isAsked = Object.values(fieldsOf(resource)).some(({ widget }) => widget.type === 'secret');
  return isAsked && (may(resource, 'add', by) || may(resource, 'change', by));
}

function isId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}

/** Texts hold the words, all else is them. */
function conditionOf(resource: Resource, field: string, value: string) {
  const known = fieldsOf(resource)[field];
  const isText =
    known?.column === 'text' && (known.widget.type === 'text' || known.widget.type === 'paragraph');
  return { field, comparison: isText ? ('contains' as const) : ('is' as const), values: [value] };
}
