import { isDeepStrictEqual } from 'node:util';
import type { Undoable } from '../chat/desk.ts';
import { ChangedError, ConflictError, NotFoundError } from '../chat/errors.ts';
import type { Clock } from '../observe/port.ts';
import type { Caller, Field, Resource, Row, Values } from '../resources/definition.ts';
import { fieldsOf, nameOf } from '../resources/input.ts';
import type { Removed, Resources, Restoring } from '../resources/manage.ts';
import type { Dependents } from '../resources/rows.ts';
import type { Undo, UndoStep, UndoStore } from '../resources/undo.ts';
import type { Changed } from '../resources/write-row.ts';
import type { Changes } from './changes.ts';

/** How long a change can be undone. */
export const undoMs = 600_000;

/** Keeps how changes become undone, and undoes them by the usual way: permissions, rules, audit. */
export interface Undoing {
  /** Gives the id of the undo; undefined: nothing changed, or it cannot be undone. */
  changed(resource: Resource, changed: readonly Changed[], by: Caller): Promise<string | undefined>;
  removed(resource: Resource, removed: Removed, by: Caller): Promise<string | undefined>;
  /** Those of one's own that can still be undone, the newest first. */
  own(by: Caller): Promise<readonly Undoable[]>;
  undo(id: string, by: Caller): Promise<string>;
}

export interface UndoingOptions {
  readonly resources: Resources;
  readonly store: UndoStore;
  readonly changes: Changes;
  readonly clock: Pick<Clock, 'now'>;
}

export function createUndoing({ resources, store, changes, clock }: UndoingOptions): Undoing {
  async function keep(undo: Undo, by: Caller): Promise<string | undefined> {
    if (undo.steps.length === 0) return undefined;
    return await store.keep(undo, { principal: by.author.principal, keepMs: undoMs });
  }

  async function run(undo: Undo, by: Caller): Promise<void> {
    const [first] = undo.steps;
    const resource = first === undefined ? undefined : resources.named(first.path);
    if (first === undefined || resource === undefined) return;
    if (first.type === 'create') return await resources.restore(undo.steps.flatMap(restoringOf), by);
    if (first.type === 'remove') {
      await refuseIfNeeded(resource, first.id, by);
      await resources.remove(resource, [{ id: first.id, revision: first.revision }], by);
      return;
    }
    const items = undo.steps.flatMap((step) =>
      step.type === 'restore'
        ? [{ id: step.id, input: step.values, isPartial: true, revision: step.revision }]
        : [],
    );
    await resources.update(resource, items, by);
  }

  function restoringOf(step: UndoStep): readonly Restoring[] {
    const resource = resources.named(step.path);
    if (resource === undefined || step.type === 'remove') return [];
    if (step.type === 'restore') {
      const { id, values: input, revision } = step;
      return [{ resource, item: { id, input, revision, isPartial: true } }];
    }
    const former = step.id === undefined ? {} : { formerId: step.id };
    return [{ resource, item: { input: step.values, isPartial: false, ...former } }];
  }

  /** What others made of it since is not taken away with it. */
  async function refuseIfNeeded(resource: Resource, id: string, by: Caller): Promise<void> {
    const dependents = await resources.dependents(resource, id, by);
    if (dependents.length === 0) return;
    const users = dependents.map(
      ({ resource: other, count, names }) =>
        `${count} ${count === 1 ? other.one : other.many} (${names.join(', ')})`,
    );
    const isOne = dependents.length === 1 && dependents[0]?.count === 1;
    const depend = isOne ? 'depends' : 'depend';
    throw new ConflictError(`It cannot be undone: ${users.join(' and ')} ${depend} on it by now.`);
  }

  /** Who changed it since, and what to do about one's own change. */
  async function whoChanged(undo: Undo, by: Caller): Promise<string> {
    const targets = undo.steps.flatMap((step) => (step.id === undefined ? [] : [`${step.path}/${step.id}`]));
    const last = await changes.lastOf(targets);
    if (last === undefined) return `${undo.title} was changed since.`;
    const did = last.isDeletion ? 'deleted' : 'changed';
    if (last.actor !== by.author.principal) return `${last.who} ${did} ${undo.title} ${last.when}.`;
    const later = (await store.list(by.author.principal)).find(({ steps }) =>
      steps.some(({ path, id }) => `${path}/${id}` === last.target),
    );
    const first = later === undefined ? '' : `; undo that first: \`undo ${later.id}\``;
    return `you ${did} ${undo.title}${last.isDeletion ? '' : ' again'} ${last.when}${first}.`;
  }

  async function refusalOf(id: string): Promise<string> {
    const refusal = await store.refusal(id);
    if (refusal === 'taken') return 'There is nothing to undo: that was undone already.';
    if (refusal === 'over') return 'There is nothing to undo: more than ten minutes passed.';
    return 'There is no such change to undo; changes can be undone for ten minutes. `undo` lists yours.';
  }

  return {
    async changed(resource, changed, by) {
      const steps = changed.map((one) => reverseOf(resource, one)).filter((step) => step !== undefined);
      const [first] = changed;
      return first === undefined
        ? undefined
        : await keep({ title: titleOf(resource, first.row), steps: steps.toReversed() }, by);
    },
    async removed(resource, { row, along }, by) {
      if (!isUndoable(resource, along)) return undefined;
      const gone = along.filter(({ onDelete }) => onDelete === 'cascade');
      const steps = [createOf(resource, row), ...gone.map((one) => createOf(one.resource, one.row))];
      const ids = new Set(steps.map(({ id }) => id));
      const lost = along.filter(({ onDelete, row: other }) => onDelete === 'clear' && !ids.has(other.id));
      const made = [...new Map(steps.map((step) => [step.id, step])).values()];
      return await keep({ title: titleOf(resource, row), steps: [...made, ...lost.map(rejoinOf)] }, by);
    },
    async own(by) {
      return (await store.list(by.author.principal)).map(({ id, title, steps, expiresAt }) => ({
        ...{ id, title, leftMs: expiresAt.getTime() - clock.now() },
        done: doneBy[steps[0]?.type ?? 'restore'],
      }));
    },
    async undo(id, by) {
      const undo = await store.claim(id);
      if (undo === undefined) throw new NotFoundError(await refusalOf(id));
      try {
        await run(undo, by);
      } catch (error) {
        await store.release(id);
        if (error instanceof ChangedError || error instanceof NotFoundError)
          throw new ConflictError(`It cannot be undone: ${await whoChanged(undo, by)}`);
        throw error;
      }
      return `Undone: ${undo.title} is as it was.`;
    },
  };
}

/** What an undo takes back, by how it begins. */
const doneBy = { remove: 'was made', restore: 'was changed', create: 'was deleted' } as const;

/** Whether a row can be made again as it was, with all that goes with it. */
export function isUndoable(
  resource: Resource,
  along: readonly Pick<Dependents, 'resource' | 'onDelete'>[],
): boolean {
  const gone = along.flatMap((one) => (one.onDelete === 'cascade' ? [one.resource] : []));
  const isLost = (one: Resource) => Object.values(one.fields).some(isForgotten);
  // What was closed does not open again.
  return ![resource, ...gone].some(isLost) && !along.some(({ onDelete }) => onDelete === 'close');
}

/** What is hidden cannot be written again, such as the hash of a token or an owner; a switch begins anew. */
function isForgotten({ isHidden, column }: Field): boolean {
  return isHidden && column !== 'boolean';
}

function createOf(resource: Resource, row: Row) {
  return { type: 'create', path: resource.path, id: row.id, values: written(resource, row) } as const;
}

/** What lost its relation gets it back. */
function rejoinOf({ resource, field, row }: Removed['along'][number]): UndoStep {
  const values = { [field]: relationOf(row[field]) };
  return { type: 'restore', path: resource.path, id: row.id, revision: String(row.revision), values };
}

function titleOf(resource: Resource, row: Row): string {
  return `the ${resource.one} ${resource.display?.(row) ?? String(row[resource.nameField])}`;
}

function reverseOf(resource: Resource, { row, before }: Changed): UndoStep | undefined {
  const place = { path: resource.path, id: row.id, revision: String(row.revision) };
  if (before === undefined) return { type: 'remove', ...place };
  const old = written(resource, before);
  const now = written(resource, row);
  const changed = Object.entries(old).filter(([name, value]) => !isDeepStrictEqual(value, now[name]));
  return changed.length === 0
    ? undefined
    : { type: 'restore', ...place, values: Object.fromEntries(changed) };
}

/** A row as a person would write it: relations by name, nothing that only the bot sets. */
function written(resource: Resource, row: Row): Values {
  const entries = Object.entries(fieldsOf(resource)).flatMap(([name, field]) => {
    if (field.isReadOnly || field.isHidden || field.column === 'virtual') return [];
    const value = row[name];
    const isNamed = field.relation !== undefined && value !== null && value !== undefined;
    return [[name, isNamed ? relationOf(value) : value]];
  });
  return Object.fromEntries(entries);
}

/** By its id, which stays when it is renamed. */
function relationOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'id' in value ? value.id : nameOf(value);
}
