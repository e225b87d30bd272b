import { ConflictError, InvalidError, NotFoundError } from '../chat/errors.ts';
import type { FieldErrors } from '../chat/form.ts';
import type { AuditEntry } from '../observe/port.ts';
import { readActionInput } from './action-input.ts';
import type { Action, Caller, Resource, Row } from './definition.ts';
import { counted, type Dependent, dependentsOf } from './dependents.ts';
import { createLooking } from './look-into.ts';
import { may, permit } from './permit.ts';
import { type Dependents, type ResourceStore, type RowQuery, TakenError } from './rows.ts';
import type { World } from './world.ts';
import {
  type Changed,
  checkRevision,
  existing,
  type Item,
  type Place,
  recordChange,
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
  remove(resource: Resource, removals: readonly Removal[], by: Caller): Promise<void>;
  /** The rows of other resources that go or change when this one is deleted, or keep it. */
  dependents(resource: Resource, id: string, by: Caller): Promise<readonly Dependents[]>;
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

  async function writeAll(
    resource: Resource,
    items: readonly Item[],
    by: Caller,
  ): Promise<readonly Changed[]> {
    const changed = await store.change((rows) => writeItems(resource, items, { rows, by, world, byPath }));
    return await lookInto(resource, changed, by);
  }

  /** All rules are asked within a transaction that comes to nothing. */
  async function rehearse(resource: Resource, item: Item, by: Caller): Promise<Changed> {
    permit(resource, item.id === undefined ? 'add' : 'change', { by, denied });
    const seen: Changed[] = [];
    const enough = new Error('rehearsed');
    await store
      .change(async (rows) => {
        seen.push(...(await writeItems(resource, [item], { rows, by, world, byPath })));
        throw enough;
      })
      .catch((error: unknown) => {
        if (error !== enough) throw error;
      });
    const [changed] = seen;
    if (changed === undefined) throw enough;
    return changed;
  }

  async function removeOne(resource: Resource, removal: Removal, { rows, by }: Pick<Place, 'rows' | 'by'>) {
    const row = await existing(resource, removal.id, rows);
    checkRevision(row, removal.revision);
    const kept = resource.keep?.(row, by);
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
      await store.change(async (rows) => {
        for (const removal of removals) await removeOne(resource, removal, { rows, by });
      });
    },
    async dependents(resource, id, by) {
      permit(resource, 'view', { by, denied });
      const row = await existing(resource, id, store);
      return counted(await dependentsOf(resource, row, { rows: store, resources }));
    },
    preview: rehearse,
    async tryOut(resource, item, by) {
      const { row } = await rehearse(resource, item, by);
      return await resource.tryOut?.({ row, rows: store, world });
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
  return changed;
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
