import { type RawBuilder, sql } from 'kysely';
import type { Field, Resource } from '../resources/definition.ts';
import type { Comparison, Filter, RowQuery } from '../resources/rows.ts';

type Condition = RawBuilder<unknown>;

/** The conditions of a query over `t` and its relations `r_<field>`. */
export function whereOf(resource: Resource, { filters, q }: RowQuery): Condition {
  const conditions = [
    sql`true`,
    ...filters.map((filter) => condition(resource, filter)),
    ...(q === undefined || q === '' ? [] : [searched(resource, q)]),
  ];
  return sql.join(conditions, sql` and `);
}

function searched(resource: Resource, q: string): Condition {
  const conditions = resource.search.map((name) => sql`${asText(resource, name)} ilike ${`%${escaped(q)}%`}`);
  return sql`(${sql.join(conditions, sql` or `)})`;
}

/** Fields that every row has besides those of its definition. */
const common: Readonly<Record<string, Condition>> = {
  id: sql`t.id`,
  created: sql`t.created`,
  last_updated: sql`t.last_updated`,
};

function columnOf(resource: Resource, name: string): Condition {
  return common[name] ?? relationName(name, resource.fields[name]) ?? sql`t.${sql.ref(name)}`;
}

function relationName(name: string, field: Field | undefined): Condition | undefined {
  const { relation } = field ?? {};
  return relation === undefined ? undefined : sql`${sql.ref(`r_${name}`)}.${sql.ref(relation.nameColumn)}`;
}

function asText(resource: Resource, name: string): Condition {
  return sql`${columnOf(resource, name)}::text`;
}

function condition(resource: Resource, { field, comparison, values }: Filter): Condition {
  if (comparison === 'empty') return emptiness(resource, field, values);
  if (comparison === 'is_id') return sql`${sql.ref(`r_${field}`)}.id::text = any(${values}::text[])`;
  if (comparison === 'is') return equals(resource, field, values);
  if (comparison === 'is_not') return sql`(${equals(resource, field, values)}) is not true`;
  const each = values.map((value) => compare(resource, { field, comparison, value }));
  return comparison === 'contains_not' ? sql.join(each, sql` and `) : sql`(${sql.join(each, sql` or `)})`;
}

function emptiness(resource: Resource, field: string, values: readonly string[]): Condition {
  if (field === 'tags') return sql`(t.tags = '[]') = ${values[0] === 'true'}`;
  const column = columnOf(resource, field);
  const isText = resource.fields[field]?.column === 'text';
  const empty = isText ? sql`(${column} is null or ${column} = '')` : sql`${column} is null`;
  return values[0] === 'true' ? empty : sql`not ${empty}`;
}

function equals(resource: Resource, field: string, values: readonly string[]): Condition {
  const list = sql`${values}::text[]`;
  if (field === 'tags') return sql`jsonb_exists_any(t.tags, ${list})`;
  if (resource.fields[field]?.relation !== undefined) {
    return sql`(${sql.ref(`r_${field}`)}.id::text = any(${list}) or ${columnOf(resource, field)} = any(${list}))`;
  }
  switch (typeOf(resource, field)) {
    case 'integer':
    case 'float':
      return sql`${columnOf(resource, field)} = any(${list}::float8[])`;
    case 'boolean':
      return sql`${columnOf(resource, field)} = any(${list}::boolean[])`;
    case 'timestamptz':
      return sql`${columnOf(resource, field)} = any(${list}::timestamptz[])`;
    default:
      return sql`${asText(resource, field)} = any(${list})`;
  }
}

function typeOf(resource: Resource, field: string): Field['column'] {
  if (field === 'id') return 'text';
  return common[field] === undefined ? (resource.fields[field]?.column ?? 'text') : 'timestamptz';
}

interface Compared {
  readonly field: string;
  readonly comparison: Exclude<Comparison, 'empty' | 'is' | 'is_id' | 'is_not'>;
  readonly value: string;
}

function compare(resource: Resource, { field, comparison, value }: Compared): Condition {
  const text = asText(resource, field);
  switch (comparison) {
    case 'same':
      return sql`lower(${text}) = lower(${value})`;
    case 'contains':
      return sql`${text} ilike ${`%${escaped(value)}%`}`;
    case 'contains_not':
      return sql`coalesce(${text}, '') not ilike ${`%${escaped(value)}%`}`;
    case 'starts':
      return sql`${text} ilike ${`${escaped(value)}%`}`;
    case 'ends':
      return sql`${text} ilike ${`%${escaped(value)}`}`;
    case 'above':
      return sql`${columnOf(resource, field)} > ${limit(resource, field, value)}`;
    case 'from':
      return sql`${columnOf(resource, field)} >= ${limit(resource, field, value)}`;
    case 'below':
      return sql`${columnOf(resource, field)} < ${limit(resource, field, value)}`;
    case 'to':
      return sql`${columnOf(resource, field)} <= ${limit(resource, field, value)}`;
    default:
      return comparison satisfies never;
  }
}

function limit(resource: Resource, field: string, value: string): Condition {
  return typeOf(resource, field) === 'timestamptz' ? sql`${value}::timestamptz` : sql`${value}::float8`;
}

/** `%`, `_` and `\` mean themselves. */
function escaped(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&');
}

/** Always a total order, so that pages neither repeat nor skip a row. */
export function orderOf(resource: Resource, wanted: readonly string[]): Condition {
  const names = wanted.length > 0 ? wanted : resource.order;
  const terms = names.map((name) =>
    name.startsWith('-')
      ? sql`${columnOf(resource, name.slice(1))} desc nulls last`
      : sql`${columnOf(resource, name)} asc nulls last`,
  );
  return sql.join([...terms, sql`t.id`]);
}
