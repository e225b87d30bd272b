import { z } from 'zod';
import type { Field, Resource, Values } from '../../../resources/definition.ts';
import { fieldsOf } from '../../../resources/input.ts';

/** A JSON Schema, draft 2020-12, which OpenAPI 3.1 takes as it is. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A zod schema as what callers write. What it cannot tell may be anything. */
export function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output' = 'input'): JsonSchema {
  const { $schema: _dialect, $defs: _defs, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return z.record(z.string(), z.unknown()).parse(withoutLocalRefs(rest));
}

/** References into a field's own schema lead nowhere in the document; only nested JSON of any shape makes them. */
function withoutLocalRefs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutLocalRefs);
  if (typeof value !== 'object' || value === null) return value;
  if ('$ref' in value) return {};
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutLocalRefs(inner)]));
}

/** The name of a resource's rows in the document: `LLM model` is `LLMModel`. */
export function schemaName({ one }: Pick<Resource, 'one'>): string {
  return one
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

/** What is written to make a row. */
export function writtenSchema(resource: Resource): JsonSchema {
  const fields = Object.entries(fieldsOf(resource)).filter(
    ([, field]) => !field.isHidden && !field.isReadOnly,
  );
  const required = fields.filter(([, { initial }]) => initial === undefined).map(([name]) => name);
  return {
    type: 'object',
    description: resource.help,
    properties: Object.fromEntries(fields.map(([name, field]) => [name, writtenField(field)])),
    ...(required.length === 0 ? {} : { required }),
  };
}

function writtenField(field: Field): JsonSchema {
  const { label, help, initial } = field;
  return {
    ...orNull(field, jsonSchemaOf(field.schema)),
    title: label,
    description: help,
    ...(initial === undefined ? {} : { default: initial }),
  };
}

function orNull({ isNullable }: Field, schema: JsonSchema): JsonSchema {
  return isNullable ? { anyOf: [schema, { type: 'null' }] } : schema;
}

/** What is read of a row. `example` is one, and shows what there is besides fields. */
export function readSchema(resource: Resource, example: Values): JsonSchema {
  const fields = Object.entries(resource.fields)
    .filter(([, { isHidden, column }]) => !isHidden && column !== 'virtual')
    .map(([name, field]) => [name, readField(field)] as const);
  const more = Object.entries(example).filter(([name]) => !Object.hasOwn(commonFields, name));
  const shown = more.map(([name, value]) => [name, { ...schemaOfValue(value), readOnly: true }] as const);
  const properties = { ...commonFields, ...Object.fromEntries(shown), ...Object.fromEntries(fields) };
  return { type: 'object', description: resource.help, properties, required: Object.keys(properties) };
}

const commonFields: Readonly<Record<string, JsonSchema>> = {
  id: { type: 'string', format: 'uuid', readOnly: true },
  object_type: { type: 'string', readOnly: true },
  display: { type: 'string', description: 'How it is called in lists.', readOnly: true },
  url: { type: 'string', description: 'Its own address.', readOnly: true },
  tags: { type: 'array', items: { $ref: '#/components/schemas/Tag' } },
  created: { type: 'string', format: 'date-time', readOnly: true },
  last_updated: { type: 'string', format: 'date-time', readOnly: true },
};

function readField(field: Field): JsonSchema {
  const { label, help, isReadOnly, relation, isNullable, column } = field;
  const schema =
    relation === undefined
      ? typeOnly(jsonSchemaOf(field.schema), column)
      : { $ref: '#/components/schemas/Relation' };
  const whole = isNullable ? { anyOf: [schema, { type: 'null' }] } : schema;
  return { ...whole, title: label, description: help, ...(isReadOnly ? { readOnly: true } : {}) };
}

/** Rows of an older version may break a rule of this one: of what is read only the type is promised. */
function typeOnly(written: JsonSchema, column: Field['column']): JsonSchema {
  if (Array.isArray(written.enum)) return { type: 'string', enum: written.enum };
  const types = { text: 'string', integer: 'integer', float: 'number', boolean: 'boolean' } as const;
  switch (column) {
    case 'text':
    case 'integer':
    case 'float':
    case 'boolean':
      return { type: types[column] };
    case 'timestamptz':
      return { type: 'string', format: 'date-time' };
    case 'jsonb':
      return written.type === 'array' || written.type === 'object' ? { type: written.type } : {};
    case 'uuid':
    case 'virtual':
      return {};
    default:
      return column satisfies never;
  }
}

function schemaOfValue(value: unknown): JsonSchema {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'number':
      return { type: typeof value };
    default:
      return {};
  }
}
