import type { Resource, Row } from './definition.ts';
import { displayOf } from './present.ts';
import type { Dependents, Rows } from './rows.ts';
import type { World } from './world.ts';

/** A row that points to one that is to be deleted, or to one that goes with it. */
export interface Dependent {
  readonly resource: Resource;
  readonly field: string;
  readonly onDelete: Exclude<Dependents['onDelete'], 'close'>;
  readonly row: Row;
}

interface Place {
  readonly rows: Pick<Rows, 'list'>;
  readonly resources: readonly Resource[];
}

/** More of one kind than these are not looked at one by one. */
const most = 1000;

/** All that depends on a row, and on what goes with it; each row once for each of its fields. */
export async function dependentsOf(
  resource: Resource,
  row: Row,
  place: Place,
  seen: Set<string> = new Set(),
): Promise<readonly Dependent[]> {
  const found: Dependent[] = [];
  for (const direct of await directDependents(resource, row, place)) {
    const key = `${direct.resource.path} ${direct.field} ${direct.row.id}`;
    if (seen.has(key)) continue;
    seen.add(key);
    found.push(direct);
    if (direct.onDelete === 'cascade')
      found.push(...(await dependentsOf(direct.resource, direct.row, place, seen)));
  }
  return found;
}

async function directDependents(
  resource: Resource,
  row: Row,
  { rows, resources }: Place,
): Promise<readonly Dependent[]> {
  const found: Dependent[] = [];
  for (const other of resources) {
    for (const [field, { relation }] of Object.entries(other.fields)) {
      if (relation?.to !== resource.path) continue;
      const filters = [{ field, comparison: 'is_id', values: [row.id] }] as const;
      const page = await rows.list(other, { filters, order: [], limit: most, offset: 0 });
      found.push(
        ...page.rows.map((item) => ({ resource: other, field, onDelete: relation.onDelete, row: item })),
      );
    }
  }
  return found;
}

/** What else is closed with a row; none where nothing is. */
export async function closedWith(resource: Resource, row: Row, world: World): Promise<readonly Dependents[]> {
  const closing = await resource.closes?.(row, world);
  if (closing === undefined || closing.count === 0) return [];
  const { one, many, count, names } = closing;
  return [{ resource: { ...resource, one, many }, field: '', onDelete: 'close', count, names }];
}

const fewNames = 5;

/** The same, counted by what and how. */
export function counted(dependents: readonly Dependent[]): readonly Dependents[] {
  const groups = Map.groupBy(
    dependents,
    ({ resource, field, onDelete }) => `${resource.path} ${field} ${onDelete}`,
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { resource, field, onDelete } = first;
    const names = group.slice(0, fewNames).map(({ row }) => displayOf(resource, row));
    return [{ resource, field, onDelete, count: group.length, names }];
  });
}
