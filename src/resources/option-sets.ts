import { ForbiddenError } from '../chat/errors.ts';
import type { Choice } from '../chat/form.ts';
import type { OptionSets } from '../chat/option.ts';
import { knownOptions } from '../chat/option-schema.ts';
import type { Caller, Resource, Row } from './definition.ts';
import type { Resources } from './manage.ts';
import { displayOf } from './present.ts';

/** As many as every platform can list at once. */
const mostChosen = 100;

/**
 * The options of a resource's JSON field, by what decides about them. Undefined: it has none, there are too
 * many, or the caller may not see what decides.
 */
export async function optionSetsOf(
  resources: Resources,
  resource: Resource,
  by: Caller,
): Promise<OptionSets | undefined> {
  const { options } = resource;
  if (options === undefined) return undefined;
  const all = await decidingOf(resources, resource, by);
  if (all.length === 0 || all.length > mostChosen) return undefined;
  const sets = all.flatMap(({ row, choice }) => {
    const known = options.schema(row, resources.world);
    return known === undefined ? [] : [[choice.value, knownOptions(known.schema, known.defaults)] as const];
  });
  return {
    ...{ of: options.of, by: options.by },
    choices: all.map(({ choice }) => choice),
    sets: Object.fromEntries(sets),
  };
}

interface Deciding {
  readonly row: Row;
  readonly choice: Choice;
}

/** What the field that decides may be: rows of another resource, words to choose from, or the names of its own. */
async function decidingOf(
  resources: Resources,
  resource: Resource,
  by: Caller,
): Promise<readonly Deciding[]> {
  const field = resource.fields[resource.options?.by ?? ''];
  if (field?.widget.type === 'choice')
    return field.widget.choices.map((choice) => ({ row: { id: '', name: choice.value }, choice }));
  const { relation } = field ?? {};
  const other = relation === undefined ? resource : resources.named(relation.to);
  if (other === undefined) return [];
  const rows = await rowsOf(resources, other, by);
  return rows.map((row) => ({ row, choice: choiceOf(other, row, resources) }));
}

function choiceOf(resource: Resource, row: Row, { world }: Resources): Choice {
  const isMissing = resource.show?.(row, world).is_available === false;
  return {
    value: String(row[resource.nameField]),
    label: `${displayOf(resource, row)}${isMissing ? ' (not available)' : ''}`,
    ...(isMissing ? { isMissing } : {}),
  };
}

async function rowsOf(resources: Resources, resource: Resource, by: Caller): Promise<readonly Row[]> {
  try {
    const query = { filters: [], order: [], limit: mostChosen + 1, offset: 0 };
    return (await resources.list(resource, query, by)).rows;
  } catch (error) {
    if (error instanceof ForbiddenError) return [];
    throw error;
  }
}
