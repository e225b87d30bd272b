import { isDeepStrictEqual } from 'node:util';
import { ChangedError, ConflictError, NotFoundError } from '../chat/errors.ts';
import type { Caller, Resource, Row, Values } from '../resources/definition.ts';
import { fieldsOf, nameOf } from '../resources/input.ts';
import type { Resources } from '../resources/manage.ts';
import type { Undo, UndoStep, UndoStore } from '../resources/undo.ts';
import type { Changed } from '../resources/write-row.ts';

/** How long a change can be undone. */
export const undoMs = 600_000;

/** Keeps how changes become undone, and undoes them by the usual way: permissions, rules, audit. */
export interface Undoing {
  /** Gives the id of the undo; undefined: nothing changed, or it cannot be undone. */
  changed(resource: Resource, changed: readonly Changed[], by: Caller): Promise<string | undefined>;
  removed(resource: Resource, row: Row, by: Caller): Promise<string | undefined>;
  undo(id: string, by: Caller): Promise<string>;
}

export function createUndoing(resources: Resources, store: UndoStore): Undoing {
  async function keep(undo: Undo, by: Caller): Promise<string | undefined> {
    if (undo.steps.length === 0) return undefined;
    return await store.keep(undo, { principal: by.author.principal, keepMs: undoMs });
  }

  async function run(undo: Undo, by: Caller): Promise<void> {
    const [first] = undo.steps;
    const resource = first === undefined ? undefined : resources.named(first.path);
    if (first === undefined || resource === undefined) return;
    if (first.type === 'create') {
      await resources.create(resource, [first.values], by);
      return;
    }
    if (first.type === 'remove') {
      await refuseIfNeeded(resource, first.id, by);
      return await resources.remove(resource, [{ id: first.id, revision: first.revision }], by);
    }
    const items = undo.steps.flatMap((step) =>
      step.type === 'restore'
        ? [{ id: step.id, input: step.values, isPartial: true, revision: step.revision }]
        : [],
    );
    await resources.update(resource, items, by);
  }

  /** What others made of it since is not taken away with it. */
  async function refuseIfNeeded(resource: Resource, id: string, by: Caller): Promise<void> {
    const dependents = await resources.dependents(resource, id, by);
    if (dependents.length === 0) return;
    const users = dependents.map(
      ({ resource: other, count, names }) =>
        `${count} ${count === 1 ? other.one : other.many} (${names.join(', ')})`,
    );
    throw new ConflictError(`It cannot be undone: ${users.join(' and ')} depend on it by now.`);
  }

  return {
    async changed(resource, changed, by) {
      const steps = changed.map((one) => reverseOf(resource, one)).filter((step) => step !== undefined);
      const [first] = changed;
      return first === undefined
        ? undefined
        : await keep({ title: titleOf(resource, first.row), steps: steps.toReversed() }, by);
    },
    async removed(resource, row, by) {
      // What is hidden, such as the hash of a token, cannot be written again.
      if (Object.values(resource.fields).some(({ isHidden }) => isHidden)) return undefined;
      const step = { type: 'create', path: resource.path, values: written(resource, row) } as const;
      return await keep({ title: titleOf(resource, row), steps: [step] }, by);
    },
    async undo(id, by) {
      const undo = await store.claim(id);
      if (undo === undefined)
        throw new NotFoundError('There is nothing to undo: it was undone, or more than ten minutes passed.');
      try {
        await run(undo, by);
      } catch (error) {
        await store.release(id);
        if (error instanceof ChangedError)
          throw new ConflictError(`It cannot be undone: somebody changed ${undo.title} since.`);
        if (error instanceof NotFoundError)
          throw new ConflictError(`It cannot be undone: ${undo.title} is gone.`);
        throw error;
      }
      return `Undone: ${undo.title} is as it was.`;
    },
  };
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
