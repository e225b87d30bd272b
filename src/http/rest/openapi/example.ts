import type { Field, Resource, Row, Values } from '../../../resources/definition.ts';
import type { Resources } from '../../../resources/manage.ts';
import { rowJson } from '../row-json.ts';

/** The id of an example row. */
export const exampleId = '5b1c7d2e-0f5a-4c53-9a3c-1d2e3f4a5b6c';
const otherId = '0b9e7a11-7d3f-4f0e-8a55-2c4d6e8f0a1b';
const at = '2026-11-21T12:00:00.000Z';

/** A whole row as the API shows it, made of the definition's example. */
export function exampleRow(resources: Resources, resource: Resource): Values {
  const fields = Object.entries(resource.fields)
    .filter(([, { isHidden, column }]) => !isHidden && column !== 'virtual')
    .map(([name, field]) => [name, exampleValue(field, resource.example[name] ?? field.initial)]);
  const row: Row = { ...Object.fromEntries(fields), id: exampleId, tags: [], created: at, last_updated: at };
  const call = { base: 'https://bot.example.com', request: { headers: {} } };
  return rowJson({ resources }, call, { resource, row });
}

function exampleValue(field: Field, given: unknown): unknown {
  if (field.relation !== undefined) return given === null ? null : { id: otherId, name: String(given) };
  return given === undefined ? placeholder(field) : given;
}

function placeholder({ isNullable, column }: Field): unknown {
  if (isNullable) return null;
  switch (column) {
    case 'integer':
    case 'float':
      return 1;
    case 'boolean':
      return false;
    case 'jsonb':
      return {};
    case 'timestamptz':
      return at;
    case 'text':
    case 'uuid':
    case 'virtual':
      return 'example';
    default:
      return column satisfies never;
  }
}
