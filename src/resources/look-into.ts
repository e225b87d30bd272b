import { isDeepStrictEqual } from 'node:util';
import type { Caller, Resource, Row, Values } from './definition.ts';
import type { ChangingRows, ResourceStore } from './rows.ts';
import type { World } from './world.ts';
import { type Changed, recordChange } from './write-row.ts';

export interface LookingParts {
  readonly store: ResourceStore;
  readonly world: World;
  readonly byPath: ReadonlyMap<string, Resource>;
}

/** Finds out about rows that were written, such as whether a server answers, and stores it. */
export interface Looking {
  /** A few at once, each as its resource's `saved` says; the rows as they are then, in the same order. */
  lookInto(resource: Resource, changed: readonly Changed[], by: Caller): Promise<readonly Changed[]>;
  /**
   * What was found out about a row as it was: nothing is stored when somebody changed it meanwhile. The
   * row as it is now; undefined when it is gone.
   */
  note(resource: Resource, seen: Row, found: Found): Promise<Row | undefined>;
}

interface Found {
  readonly values: Values;
  readonly by: Caller;
}

const atOnce = 4;

/** See `Looking`. */
export function createLooking({ store, world, byPath }: LookingParts): Looking {
  async function note(resource: Resource, seen: Row, { values, by }: Found): Promise<Row | undefined> {
    return await store.change(async (rows) => {
      const before = await rows.find(resource, { id: seen.id });
      if (before === undefined || before.revision !== seen.revision) return before;
      const after = await rows.note(resource, seen.id, await withRelated(values, { rows, byPath, resource }));
      if (resource.decisive?.some((name) => !isDeepStrictEqual(before[name], after[name]))) rows.raise();
      await recordChange(resource, { rows, by }, { before, after, isNote: true });
      return after;
    });
  }

  async function lookAt(resource: Resource, changed: Changed, by: Caller): Promise<Changed> {
    const { row, before } = changed;
    const found = await resource.saved?.({ row, world, ...(before === undefined ? {} : { before }) });
    const noted = found === undefined ? undefined : await note(resource, row, { values: found, by });
    return noted === undefined ? changed : { ...changed, row: noted };
  }

  return {
    note,
    async lookInto(resource, changed, by) {
      const looked: Changed[] = [];
      for (const batch of batchesOf(changed, atOnce)) {
        looked.push(...(await Promise.all(batch.map((item) => lookAt(resource, item, by)))));
      }
      return looked;
    },
  };
}

function batchesOf<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) =>
    items.slice(n * size, (n + 1) * size),
  );
}

/** A relation in what was found out is given by name. */
async function withRelated(
  values: Values,
  {
    rows,
    byPath,
    resource,
  }: {
    readonly rows: ChangingRows;
    readonly byPath: ReadonlyMap<string, Resource>;
    readonly resource: Resource;
  },
): Promise<Values> {
  const entries = await Promise.all(
    Object.entries(values).map(async ([name, value]) => {
      const relation = resource.fields[name]?.relation;
      const other = relation === undefined ? undefined : byPath.get(relation.to);
      if (other === undefined || typeof value !== 'string') return [name, value];
      return [name, (await rows.find(other, { name: value }))?.id ?? null];
    }),
  );
  return Object.fromEntries(entries);
}
