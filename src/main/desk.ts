import type { Desk, DeskCaller } from '../chat/desk.ts';
import { NotFoundError } from '../chat/errors.ts';
import { reachable } from '../chat/reachable.ts';
import type { Caller, Resource, Row } from '../resources/definition.ts';
import { formOf, listOf } from '../resources/form.ts';
import type { Resources } from '../resources/manage.ts';
import { displayOf } from '../resources/present.ts';

const mostChoices = 100;

/** Resources for platforms that draw forms themselves: the same permissions and rules as every other face. */
export function createDesk(resources: Resources): Desk {
  const { world } = resources;

  function named(path: string): Resource {
    const resource = resources.named(path);
    if (resource === undefined) throw new NotFoundError(`There is nothing to manage called ${path}.`);
    return resource;
  }

  async function rowNamed(resource: Resource, name: string, by: Caller): Promise<Row> {
    const filters = [{ field: resource.nameField, comparison: 'is' as const, values: [name] }];
    const { rows } = await resources.list(resource, { filters, order: [], limit: 1, offset: 0 }, by);
    if (rows[0] === undefined) throw new NotFoundError(`There is no ${resource.one} called ${name}.`);
    return rows[0];
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
    save: reachable(async (path: string, by: DeskCaller, { name, values, revision }) => {
      const resource = named(path);
      if (name === undefined) {
        const [made] = await resources.create(resource, [values], by);
        return made === undefined ? '' : displayOf(resource, made.row);
      }
      const { id } = await rowNamed(resource, name, by);
      const item = { id, input: values, isPartial: true, ...(revision === undefined ? {} : { revision }) };
      const [changed] = await resources.update(resource, [item], by);
      return changed === undefined ? name : displayOf(resource, changed.row);
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
  };
}
