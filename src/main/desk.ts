import { heldSecret, heldSentence } from '../access/held-secret.ts';
import type { SecretNames } from '../access/secret-names.ts';
import { withinSentence } from '../chat/admin/words.ts';
import type { BoardQuery, Desk, DeskCaller, DeskWrite } from '../chat/desk.ts';
import { ForbiddenError, NotFoundError } from '../chat/errors.ts';
import { reachable } from '../chat/reachable.ts';
import type { AuditLog, Clock } from '../observe/port.ts';
import type { Caller, Resource, Row } from '../resources/definition.ts';
import { columnsOf, formOf, listOf } from '../resources/form.ts';
import { fieldsOf } from '../resources/input.ts';
import type { Resources } from '../resources/manage.ts';
import { optionSetsOf } from '../resources/option-sets.ts';
import { may } from '../resources/permit.ts';
import { displayOf, present } from '../resources/present.ts';
import type { UndoStore } from '../resources/undo.ts';
import type { Changed, Item } from '../resources/write-row.ts';
import type { Called } from './called.ts';
import { createChanges } from './changes.ts';
import {
  briefRow,
  calledDifferences,
  calledRow,
  kindOf,
  nameOfRow,
  timedDifferences,
  wholeRow,
} from './desk-facts.ts';
import { secretChoices } from './secret-choices.ts';
import { createUndoing, isUndoable } from './undoing.ts';

const mostChoices = 100;
/** More rows than these are not looked through for a name. */
const mostNamed = 1000;

export interface DeskOptions {
  readonly resources: Resources;
  readonly undos: UndoStore;
  /** Who can give rights, as people call them. */
  readonly granters: () => Promise<readonly string[]>;
  /** How people call principals and addresses. Absent: they stand as they are. */
  readonly called?: Called;
  /** The references to secrets that resources may name. */
  readonly secretNames: SecretNames;
  /** Says who changed what. Absent: nobody does. */
  readonly audit?: Pick<AuditLog, 'list'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Resources for platforms that draw forms themselves: the same permissions and rules as every other face. */
export function createDesk(options: DeskOptions): Desk {
  const { resources, undos, granters, secretNames, audit, clock } = options;
  const { called = async () => undefined } = options;
  const { world } = resources;
  const changes = createChanges({ called, ...(audit === undefined ? {} : { audit }) });
  const undoing = createUndoing({ resources, store: undos, changes, clock });

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

  /** What follows from another row being used where none is chosen. */
  async function consequenceOf(
    resource: Resource,
    before: Row | undefined,
    changed: Row | undefined,
  ): Promise<string | undefined> {
    if (resource.foremost === undefined || changed === undefined) return undefined;
    const now = await resources.foremost(resource);
    return now?.id === before?.id ? undefined : resource.foremost.sentence(now, changed);
  }

  async function inWordsOf(resource: Resource, changed: Changed) {
    return await calledDifferences(timedDifferences(resource, changed, await resources.timezone()), called);
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
    principals: reachable(async (by: DeskCaller, words: string) => await resources.principals(words, by)),
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
      const foremost = await resources.foremost(resource);
      return {
        kind: kindOf(resource, world, by),
        columns: columnsOf(resource),
        rows: await Promise.all(
          rows.map((row) => calledRow(briefRow(resource, row, { world, by, foremost }), called, true)),
        ),
        total: count,
        offset,
      };
    }),
    show: reachable(async (path: string, by: DeskCaller, id: string) => {
      const resource = named(path);
      const foremost = await resources.foremost(resource);
      const row = wholeRow(resource, await resources.read(resource, id, by), { world, by, foremost });
      return await calledRow(row, called, false);
    }),
    write: reachable(async (path: string, by: DeskCaller, write: DeskWrite) => {
      const resource = named(path);
      const foremost = await resources.foremost(resource);
      const changed = await put(resource, write, by);
      const undo = await undoing.changed(resource, [changed], by);
      const other = await consequenceOf(resource, foremost, changed.row);
      const consequence = other ?? resource.follows?.(changed.row, changed.before, world);
      const { problem } = present(resource, changed.row, world);
      const odd = [problem, ...(await resources.doubts(resource, changed))].filter(isSentence);
      return {
        ...(odd.length === 0 ? {} : { problem: odd.join(' ') }),
        id: changed.row.id,
        title: displayOf(resource, changed.row),
        differences: await inWordsOf(resource, changed),
        ...(undo === undefined ? {} : { undo }),
        ...(consequence === undefined ? {} : { consequence }),
        ...(changed.reveal === undefined ? {} : { reveal: changed.reveal }),
      };
    }),
    preview: reachable(async (path: string, by: DeskCaller, write: DeskWrite) => {
      const resource = named(path);
      const changed = await resources.preview(resource, await itemOf(resource, write, by), by);
      return timedDifferences(resource, changed, await resources.timezone());
    }),
    tryOut: reachable(async (path: string, by: DeskCaller, write: DeskWrite) => {
      const resource = named(path);
      const tried = await resources.tryOut(resource, await itemOf(resource, write, by), by);
      return tried ?? { ok: true, message: `There is nothing to test of a ${resource.one}.` };
    }),
    dependents: reachable(async (path: string, by: DeskCaller, id: string) => {
      const resource = named(path);
      const found = await resources.dependents(resource, id, by);
      const sentences = found.map(({ resource: other, onDelete, count, names }) => {
        const who = may(other, 'view', by) ? ` (${names.join(', ')})` : '';
        return count === 1
          ? `1 ${other.one}${who} ${fates[onDelete].one}`
          : `${count} ${withinSentence(other.many)}${who} ${fates[onDelete].many}`;
      });
      return { sentences, isUndoable: isUndoable(resource, found) };
    }),
    since: reachable(async (path: string, by: DeskCaller, seen) => {
      const resource = named(path);
      await resources.read(resource, seen.id, by);
      const { told, differences: changed } = await changes.since(resource, seen);
      return { sentences: told.map(({ who, when }) => `${who} changed it ${when}.`), differences: changed };
    }),
    successor: reachable(
      async (path: string, by: DeskCaller, id: string) => await resources.successor(named(path), id, by),
    ),
    remove: reachable(async (path: string, by: DeskCaller, id: string, revision?: string) => {
      const resource = named(path);
      const row = await resources.read(resource, id, by);
      const found = await resources.dependents(resource, id, by);
      const seen = revision === undefined ? {} : { revision };
      const [removed] = await resources.remove(resource, [{ id, ...seen }], by);
      const canUndo = removed !== undefined && isUndoable(resource, found);
      const undo = canUndo ? await undoing.removed(resource, removed, by) : undefined;
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
      const foremost = await resources.foremost(resource);
      const output = await resources.act({
        ...{ resource, id, action, input, by },
        heard: (changed) => heard.push(...changed),
      });
      const undo = await undoing.changed(resource, heard, by);
      const row = may(resource, 'view', by) ? await resources.read(resource, id, by) : undefined;
      const title = row === undefined ? resource.one : displayOf(resource, row);
      const consequence = await consequenceOf(resource, foremost, row);
      return {
        ...{ title, output },
        ...(undo === undefined ? {} : { undo }),
        ...(consequence === undefined ? {} : { consequence }),
      };
    }),
    undoable: reachable(async (by: DeskCaller) => await undoing.own(by)),
    undo: reachable(async (id: string, by: DeskCaller) => await undoing.undo(id, by)),
    granters,
    refusal: (text) => {
      const held = heldSecret(text);
      return held === undefined
        ? undefined
        : `${heldSentence(held)} You should replace it, because others may have read it.`;
    },
  };
}

const fates = {
  cascade: { one: 'goes with it', many: 'go with it' },
  protect: { one: 'keeps it', many: 'keep it' },
  clear: { one: 'loses it', many: 'lose it' },
  close: { one: 'will be closed', many: 'will be closed' },
} as const;

function mayNameSecrets(resource: Resource, by: Caller): boolean {
  const isAsked = Object.values(fieldsOf(resource)).some(({ widget }) => widget.type === 'secret');
  return isAsked && (may(resource, 'add', by) || may(resource, 'change', by));
}

function isSentence(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}

/** Texts hold the words, all else is them. */
function conditionOf(resource: Resource, field: string, value: string) {
  const known = fieldsOf(resource)[field];
  const isText = known?.column === 'text' && writtenFreely.has(known.widget.type);
  return { field, comparison: isText ? ('contains' as const) : ('is' as const), values: [value] };
}

const writtenFreely: ReadonlySet<string> = new Set(['text', 'paragraph', 'principal', 'place']);
