import { z } from 'zod';
import type { JsonObject } from '../agent/json.ts';
import type { Choice } from '../chat/form.ts';

const titled = z.array(z.object({ const: z.string(), title: z.string().optional() })).min(1);
const names = z.array(z.string());
const size = z.number().int().nonnegative().optional().catch(undefined);
const bound = z.number().optional().catch(undefined);

const fieldSchema = z.looseObject({
  type: z.string().optional().catch(undefined),
  title: z.string().optional().catch(undefined),
  description: z.string().optional().catch(undefined),
  default: z.json().optional().catch(undefined),
  format: z.string().optional().catch(undefined),
  enum: names.optional().catch(undefined),
  enumNames: names.optional().catch(undefined),
  oneOf: titled.optional().catch(undefined),
  items: z
    .looseObject({
      enum: names.optional().catch(undefined),
      anyOf: titled.optional().catch(undefined),
      oneOf: titled.optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
  ...{ minLength: size, maxLength: size, minItems: size, maxItems: size },
  ...{ minimum: bound, maximum: bound },
});

/** One property of the schema; what makes no sense in it is left out. */
export type AskedField = z.output<typeof fieldSchema>;

const objectSchema = z.looseObject({
  properties: z.record(z.string(), z.unknown()).catch({}),
  required: names.catch([]),
});

/** The properties of the JSON Schema of a flat object, in order. */
export function askedFields(
  schema: JsonObject,
): readonly { readonly name: string; readonly field: AskedField; readonly isRequired: boolean }[] {
  const { properties, required } = objectSchema.parse(schema);
  return Object.entries(properties).map(([name, raw]) => ({
    name,
    field: fieldSchema.catch({}).parse(raw),
    isRequired: required.includes(name),
  }));
}

/** What can be chosen; undefined where anything can be written. */
export function choicesOf(field: AskedField): readonly Choice[] | undefined {
  const { items } = field;
  const pairs = field.oneOf ?? items?.anyOf ?? items?.oneOf;
  if (pairs !== undefined) return pairs.map(({ const: value, title }) => ({ value, label: title ?? value }));
  return (field.enum ?? items?.enum)?.map((value, at) => ({ value, label: field.enumNames?.[at] ?? value }));
}
