import type { DeskCaller } from '../chat/desk.ts';
import { ForbiddenError } from '../chat/errors.ts';
import type { OptionSets } from '../chat/option-fields.ts';
import { knownOptions } from '../chat/option-schema.ts';
import type { Resource, Row } from '../resources/definition.ts';
import type { Resources } from '../resources/manage.ts';
import { displayOf } from '../resources/present.ts';

/** As many as every platform can list at once. */
const mostChosen = 100;

/**
 * The options of a resource's JSON field, by what decides about them. Undefined: it has none, there are too
 * many, or the caller may not see what decides.
 */
export async function optionSetsOf(
  resources: Resources,
  resource: Resource,
  by: DeskCaller,
): Promise<OptionSets | undefined> {
  const { options } = resource;
  const to = options === undefined ? undefined : resource.fields[options.by]?.relation?.to;
  const deciding = to === undefined ? undefined : resources.named(to);
  if (options === undefined || deciding === undefined) return undefined;
  const rows = await rowsOf(resources, deciding, by);
  if (rows.length === 0 || rows.length > mostChosen) return undefined;
  const { world } = resources;
  const nameOf = (row: Row) => String(row[deciding.nameField]);
  const sets = rows.flatMap((row) => {
    const known = options.schema(row, world);
    return known === undefined ? [] : [[nameOf(row), knownOptions(known.schema, known.defaults)] as const];
  });
  return {
    ...{ of: options.of, by: options.by },
    choices: rows.map((row) => {
      const isMissing = deciding.show?.(row, world).is_available === false;
      return {
        value: nameOf(row),
        label: `${displayOf(deciding, row)}${isMissing ? ' (not available)' : ''}`,
      };
    }),
    sets: Object.fromEntries(sets),
  };
}

async function rowsOf(resources: Resources, resource: Resource, by: DeskCaller): Promise<readonly Row[]> {
  try {
    const query = { filters: [], order: [], limit: mostChosen + 1, offset: 0 };
    return (await resources.list(resource, query, by)).rows;
  } catch (error) {
    if (error instanceof ForbiddenError) return [];
    throw error;
  }
}
