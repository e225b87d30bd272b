import { z } from 'zod';
import { isOfFormat } from '../agent/formats.ts';
import type { Json, JsonObject } from '../agent/json.ts';
import { tooShort } from '../agent/schema-sentences.ts';
import type { FieldErrors } from '../chat/form.ts';
import { type AskedField, askedFields, choicesOf } from './asked-fields.ts';

/** What the server takes, or what is wrong by field. */
export type ReadValues = { readonly content: JsonObject } | { readonly fields: FieldErrors };

/**
 * Reads what was filled in. What was left out has its default, and what was emptied is not sent; numbers
 * may come as text.
 */
export function readValues(schema: JsonObject, values: Readonly<Record<string, unknown>>): ReadValues {
  const asked = askedFields(schema);
  const known = new Set(asked.map(({ name }) => name));
  const stray = Object.keys(values).filter((name) => !known.has(name));
  const errors: [string, readonly string[]][] = stray.map((name) => [name, ['There is no such field.']]);
  const content: [string, Json][] = [];
  for (const { name, field, isRequired } of asked) {
    const given = Object.hasOwn(values, name) ? values[name] : field.default;
    if (isEmpty(given)) {
      if (isRequired) errors.push([name, ['This is required.']]);
      continue;
    }
    const read = valueSchema(field).safeParse(given);
    if (read.success) content.push([name, read.data]);
    else errors.push([name, [...new Set(read.error.issues.map(({ message }) => message))]]);
  }
  if (errors.length > 0) return { fields: Object.fromEntries(errors) };
  return { content: Object.fromEntries(content) };
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
  );
}

/** What a value must be, with sentences for people. */
export function valueSchema(field: AskedField): z.ZodType<Json> {
  const choices = choicesOf(field)?.map(({ value }) => value);
  switch (field.type) {
    case 'boolean':
      return z.boolean('Choose yes or no.');
    case 'number':
    case 'integer':
      return numberSchema(field);
    case 'array':
      return choices === undefined ? z.json() : severalSchema(field, choices);
    case 'string':
      return choices === undefined ? textSchema(field) : oneOf(choices);
    default:
      return choices === undefined ? z.json() : oneOf(choices);
  }
}

function oneOf(choices: readonly string[]) {
  return z
    .string('Choose one of the list.')
    .refine((value) => choices.includes(value), 'Choose one of the list.');
}

function severalSchema(
  { minItems = 0, maxItems = Number.MAX_SAFE_INTEGER }: AskedField,
  choices: readonly string[],
) {
  return z
    .array(oneOf(choices), 'Choose from the list.')
    .min(minItems, `Choose at least ${minItems}.`)
    .max(maxItems, `Choose at most ${maxItems}.`);
}

function numberSchema({ type, minimum = -Infinity, maximum = Infinity }: AskedField) {
  return z
    .union(
      [
        z.number(),
        z
          .string()
          .trim()
          .regex(/^[-+]?(\d|\.\d)[\d.eE+-]*$/)
          .transform(Number),
      ],
      'Write a number.',
    )
    .refine(Number.isFinite, 'Write a number.')
    .refine((value) => type !== 'integer' || Number.isInteger(value), 'Write a whole number.')
    .refine((value) => value >= minimum, `Write ${minimum} or more.`)
    .refine((value) => value <= maximum, `Write ${maximum} or less.`);
}

function textSchema({ format, minLength = 0, maxLength = Number.MAX_SAFE_INTEGER }: AskedField) {
  return z
    .string('Write a text.')
    .refine((text) => [...text].length >= minLength, tooShort(minLength))
    .refine((text) => [...text].length <= maxLength, `Write at most ${maxLength} characters.`)
    .refine((text) => isOfFormat(text, format), formatSentences[format ?? '']);
}

const formatSentences: Readonly<Record<string, string>> = {
  email: 'Write an e-mail address.',
  uri: 'Write a whole address, such as https://example.com/page.',
  date: 'Write a date as YYYY-MM-DD.',
  'date-time': 'Write a date and a time, such as 2026-01-31T09:30:00Z.',
};
