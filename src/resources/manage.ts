import type { Successor } from '../chat/desk.ts';
import { ConflictError, ForbiddenError, InvalidError, NotFoundError } from '../chat/errors.ts';
import type { Choice, FieldErrors } from '../chat/form.ts';
import type { AuditEntry } from '../observe/port.ts';
import { readActionInput } from './action-input.ts';
import type { Action, Caller, Resource, Row } from './definition.ts';
import { closedWith, counted, type Dependent, dependentsOf } from './dependents.ts';
import { createLooking } from './look-into.ts';
import { timezoneIn, withNames } from './naming.ts';
import { asksWhom, principalsLike, strangersIn } from './naming-people.ts';
import { may, permit } from './permit.ts';
import { type Dependents, type ResourceStore, type RowQuery, TakenError } from './rows.ts';
import { secretDoubts } from './secret-fields.ts';
import type { World } from './world.ts';
import {
  type Changed,
  checkRevision,
  existing,
  type Item,
  type Place,
  recordChange,
  settled,
  takenErrors,
  writeRow,
} from './write-row.ts';

/** A call of an action on one row. */
export interface ActionCall {
  readonly resource: Resource;
  readonly id: string;
  readonly action: string;
  readonly input: unknown;
  readonly by: Caller;
  /** Hears of the rows that it changes, in their order. */
  readonly heard?: (changed: readonly Changed[]) => void;
}

/** A row to be deleted; see `Item.revision`. */
export interface Removal {
  readonly id: string;
  readonly revision?: string;
}

/** A row that was deleted, and what went or changed with it. */
export interface Removed {
  readonly row: Row;
  readonly along: readonly Dependent[];
}

/** One row to be written together with those of other resources. */
export interface Restoring {
  readonly resource: Resource;
  readonly item: Item;
}

/**
 * What all faces do with resources: the same permissions, rules, audit and errors for each of them.
 * Every method throws `ForbiddenError` and `NotAllowedError`, those about one row `NotFoundError`;
 * changes throw `InvalidError`, `ConflictError` and `ChangedError`. Several rows are changed all or none.
 */
export interface Resources {
  readonly all: readonly Resource[];
  /** By its REST path. */
  named(path: string): Resource | undefined;
  list(
    resource: Resource,
    query: RowQuery,
    by: Caller,
  ): Promise<{ readonly count: number; readonly rows: readonly Row[] }>;
  read(resource: Resource, id: string, by: Caller): Promise<Row>;
  create(resource: Resource, inputs: readonly unknown[], by: Caller): Promise<readonly Changed[]>;
  update(
    resource: Resource,
    items: readonly (Item & { readonly id: string })[],
    by: Caller,
  ): Promise<readonly Changed[]>;
  /** The row as `create` or `update` would leave it; nothing is stored. */
  preview(resource: Resource, item: Item, by: Caller): Promise<Changed>;
  /** Tries out what is not stored. Undefined: there is nothing to try. */
  tryOut(
    resource: Resource,
    item: Item,
    by: Caller,
  ): Promise<{ readonly ok: boolean; readonly message: string } | undefined>;
  remove(resource: Resource, removals: readonly Removal[], by: Caller): Promise<readonly Removed[]>;
  /** Writes rows of several resources in their order, all or none: those that were deleted together are there again. */
  restore(rows: readonly Restoring[], by: Caller): Promise<void>;
  /** The rows of other resources that go or change when this one is deleted, or keep it; and what is closed with it. */
  dependents(resource: Resource, id: string, by: Caller): Promise<readonly Dependents[]>;
  /** What takes its place when it is deleted. Undefined: nothing does. */
  successor(resource: Resource, id: string, by: Caller): Promise<Successor | undefined>;
  /** The row that is used where none is chosen. Undefined: there is none, or this resource has no such thing. */
  foremost(resource: Resource): Promise<Row | undefined>;
  /** By whose clocks times are told. */
  timezone(): Promise<string>;
  /** What is odd about a row as it was written, as sentences; it is stored all the same. */
  doubts(resource: Resource, changed: Changed): Promise<readonly string[]>;
  /** Those to whom something can be given whose names hold these words. Throws `ForbiddenError` for who gives nothing. */
  principals(words: string, by: Caller): Promise<readonly Choice[]>;
  act(call: ActionCall): Promise<unknown>;
  readonly world: World;
}

export interface ManageOptions {
  readonly resources: readonly Resource[];
  readonly store: ResourceStore;
  readonly world: World;
  /** Hears of each refusal for lack of a permission. */
  readonly denied?: (denial: AuditEntry) => void;
}

/** Builds the one way to all resources. */
export function createResources({ resources, store, world, denied = () => {} }: ManageOptions): Resources {
  const byPath = new Map(resources.map((resource) => [resource.path, resource]));
  const { lookInto, note } = createLooking({ store, world, byPath });

  async function nameAll(resource: Resource, item: Item, by: Caller): Promise<Item> {
    return { ...item, ...(await withNames(resource, item.input, { rows: store, world, by })) };
  }

  async function writeAll(
    resource: Resource,
    items: readonly Item[],
    by: Caller,
  ): Promise<readonly Changed[]> {
    const named = await Promise.all(items.map((item) => nameAll(resource, item, by)));
    const changed = await store.change((rows) => writeItems(resource, named, { rows, by, world, byPath }));
    return await lookInto(resource, changed, by);
  }

  /** All rules are asked within a transaction that comes to nothing. */
  async function rehearse(resource: Resource, item: Item, by: Caller): Promise<Changed> {
    permit(resource, item.id === undefined ? 'add' : 'change', { by, denied });
    const named = await nameAll(resource, item, by);
    const seen: Changed[] = [];
    const enough = new Error('rehearsed');
    await store
      .change(async (rows) => {
        seen.push(...(await writeItems(resource, [named], { rows, by, world, byPath })));
        throw enough;
      })
      .catch((error: unknown) => {
        if (error !== enough) throw error;
      });
    const [changed] = seen;
    if (changed === undefined) throw enough;
    return changed;
  }

  async function removeOne(
    resource: Resource,
    removal: Removal,
    { rows, by }: Pick<Place, 'rows' | 'by'>,
  ): Promise<Removed> {
    const row = await existing(resource, removal.id, rows);
    checkRevision(row, removal.revision);
    const kept = resource.keep?.(row, by, world);
    if (kept !== undefined) throw new ConflictError(kept);
    const dependents = await dependentsOf(resource, row, { rows, resources });
    refuseIfNeeded(resource, counted(dependents), by);
    for (const { resource: other, onDelete } of dependents) {
      if (onDelete === 'cascade') permit(other, 'delete', { by, denied });
    }
    await rows.remove(resource, row.id);
    const place = { rows, by };
    await recordChange(resource, place, { before: row });
    for (const dependent of dependents) await recordAlong(dependent, place, `${resource.path}/${row.id}`);
    return { row, along: dependents };
  }

  return {
    all: resources,
    world,
    named: (path) => byPath.get(path),
    async list(resource, query, by) {
      permit(resource, 'view', { by, denied });
      return await store.list(resource, query);
    },
    async read(resource, id, by) {
      permit(resource, 'view', { by, denied });
      return await existing(resource, id, store);
    },
    async create(resource, inputs, by) {
      permit(resource, 'add', { by, denied });
      return await writeAll(
        resource,
        inputs.map((input) => ({ input, isPartial: false })),
        by,
      );
    },
    async update(resource, items, by) {
      permit(resource, 'change', { by, denied });
      return await writeAll(resource, items, by);
    },
    async remove(resource, removals, by) {
      permit(resource, 'delete', { by, denied });
      return await store.change(async (rows) => {
        const removed: Removed[] = [];
        for (const removal of removals) removed.push(await removeOne(resource, removal, { rows, by }));
        return removed;
      });
    },
    async restore(restoring, by) {
      for (const { resource, item } of restoring)
        permit(resource, item.id === undefined ? 'add' : 'change', { by, denied });
      const written = await store.change(async (rows) => {
        const place = { rows, by, world, byPath };
        const all: { readonly resource: Resource; readonly changed: readonly Changed[] }[] = [];
        for (const { resource, item } of restoring)
          all.push({ resource, changed: await writeItems(resource, [item], place) });
        return all;
      });
      for (const { resource, changed } of written) await lookInto(resource, changed, by);
    },
    async dependents(resource, id, by) {
      permit(resource, 'view', { by, denied });
      const row = await existing(resource, id, store);
      const pointing = counted(await dependentsOf(resource, row, { rows: store, resources }));
      return [...pointing, ...(await closedWith(resource, row, world))];
    },
    async successor(resource, id, by) {
      permit(resource, 'view', { by, denied });
      const row = await existing(resource, id, store);
      return await resource.successor?.({ row, rows: store, world });
    },
    foremost: async (resource) => await resource.foremost?.find(store),
    timezone: () => timezoneIn(store),
    doubts: async (resource, changed) => [
      ...secretDoubts(resource, changed.row, world),
      ...(await strangersIn(resource, changed, { rows: store, world })),
    ],
    async principals(words, by) {
      if (
        !resources.some(
          (resource) => asksWhom(resource) && (may(resource, 'add', by) || may(resource, 'change', by)),
        )
      )
        throw new ForbiddenError('This is for those who may give something.');
      return await principalsLike(words, store);
    },
    preview: rehearse,
    async tryOut(resource, item, by) {
      const { row } = await rehearse(resource, item, by);
      const isOpen = may(resource, 'change', by);
      return await resource.tryOut?.({ row, rows: store, world, by, isOpen });
    },
    async act({ resource, id, action: name, input, by, heard = () => {} }) {
      const action = actionOf(resource, name);
      permit(resource, action.needs, { by, denied });
      const given = readActionInput(action, input);
      const row = await existing(resource, id, store);
      return await action.run({
        row,
        input: given,
        rows: store,
        world,
        by,
        change: async (changes) => {
          const items = changes.map((item) => ({ id: item.id, input: item.values, isPartial: true }));
          heard(await writeAll(resource, items, by));
        },
        create: async (other, inputs) => {
          permit(other, 'add', { by, denied });
          await writeAll(
            other,
            inputs.map((one) => ({ input: one, isPartial: false })),
            by,
          );
        },
        note: async (values) => (await note(resource, row, { values, by })) ?? row,
      });
    },
  };
}

function actionOf(resource: Resource, name: string): Action {
  const action = Object.hasOwn(resource.actions ?? {}, name) ? resource.actions?.[name] : undefined;
  if (action === undefined) throw new NotFoundError(`${resource.many} have no action “${name}”.`);
  return action;
}

/** Writes all, or throws what is wrong with each. */
async function writeItems(
  resource: Resource,
  items: readonly Item[],
  place: Place,
): Promise<readonly Changed[]> {
  const errors: FieldErrors[] = items.map(() => ({}));
  const changed: Changed[] = [];
  for (const [n, item] of items.entries()) {
    try {
      changed.push(await writeRow(resource, item, place));
    } catch (error) {
      if (error instanceof InvalidError) errors[n] = error.fields;
      else if (error instanceof TakenError) errors[n] = takenErrors(resource, error);
      else throw error;
      // The database takes nothing more within a transaction that failed.
      if (error instanceof TakenError) break;
    }
  }
  if (changed.length < items.length)
    throw new InvalidError(errors.length === 1 ? (errors[0] ?? {}) : {}, errors);
  return await settled(resource, changed, place);
}

/** What went or lost its relation with a deleted row is written down as well. */
async function recordAlong(
  { resource, field, onDelete, row }: Dependent,
  place: Pick<Place, 'rows' | 'by'>,
  because: string,
): Promise<void> {
  const after = onDelete === 'clear' ? { after: { ...row, [field]: null } } : {};
  await recordChange(resource, place, { before: row, ...after, because });
}

function refuseIfNeeded(resource: Resource, dependents: readonly Dependents[], by: Caller): void {
  const needed = dependents.filter(({ onDelete }) => onDelete === 'protect');
  if (needed.length === 0) return;
  const users = needed.map(
    ({ resource: other, count, names }) =>
      `${count} ${count === 1 ? other.one : other.many}${may(other, 'view', by) ? ` (${names.join(', ')})` : ''}`,
  );
  throw new ConflictError(
    `This ${resource.one} is in use by ${users.join(' and ')}. Change or delete those first.`,
  );
}
