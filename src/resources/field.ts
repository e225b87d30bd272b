import { z } from 'zod';
import type { Choice, Widget } from '../chat/form.ts';
import { jsonWidget } from '../chat/option-schema.ts';
import type { Field, Relation } from './definition.ts';

/** What every field may say of itself. */
export interface FieldOptions {
  readonly label: string;
  readonly help: string;
  /** What it is when nobody says; absent: it must be said. */
  readonly initial?: unknown;
  /** True by itself where it is `null` when nobody says. */
  readonly isNullable?: boolean;
  readonly isReadOnly?: boolean;
  readonly isHidden?: boolean;
  readonly isMasked?: boolean;
  readonly offers?: 'permissions';
  readonly shownWhen?: { readonly field: string; readonly in: readonly string[] };
}

interface Kind {
  readonly widget: Widget;
  readonly schema: z.ZodType;
  readonly column: Field['column'];
  readonly relation?: Relation;
}

function field(options: FieldOptions, kind: Kind): Field {
  return {
    isReadOnly: false,
    isHidden: false,
    isMasked: false,
    isNullable: options.initial === null,
    ...options,
    ...kind,
  };
}

/** Control characters but tab and line breaks. */
const control = /[^\P{Cc}\t\n\r]/u;

function words(max: number): z.ZodString {
  return z
    .string({ error: 'Write a text.' })
    .max(max, { error: `At most ${max} characters.` })
    .refine((text) => !control.test(text) && text.isWellFormed(), {
      error: 'Control characters are not allowed.',
    });
}

/** One line. */
export function text(
  options: FieldOptions & { readonly max?: number; readonly placeholder?: string },
): Field {
  const { max = 255, placeholder, ...rest } = options;
  const line = words(max).refine((value) => !/[\r\n]/.test(value), { error: 'One line only.' });
  const schema =
    options.initial === undefined ? line.trim().min(1, { error: 'This may not be empty.' }) : line.trim();
  const widget = {
    type: 'text',
    maxLength: max,
    ...(placeholder === undefined ? {} : { placeholder }),
  } as const;
  return field(rest, { column: 'text', schema, widget });
}

/** Several lines. */
export function paragraph(options: FieldOptions & { readonly max?: number }): Field {
  const { max = 10_000, ...rest } = options;
  const schema =
    options.initial === undefined ? words(max).min(1, { error: 'This may not be empty.' }) : words(max);
  return field(rest, { column: 'text', schema, widget: { type: 'paragraph', maxLength: max } });
}

const anyWebUrl = 'Write a URL that begins with https:// or http://.';

/** An http(s) URL, or nothing. */
export const webUrl: z.ZodType<string> = z.union(
  [z.literal(''), z.url({ protocol: /^https?$/, error: anyWebUrl }).max(500)],
  { error: anyWebUrl },
);

/** A text for which the caller has a schema. */
export function written(
  options: FieldOptions & {
    readonly schema: z.ZodType;
    readonly placeholder?: string;
    readonly suggests?: 'timezones';
  },
): Field {
  const { schema, placeholder, suggests, ...rest } = options;
  const widget = {
    type: 'text',
    ...(placeholder === undefined ? {} : { placeholder }),
    ...(suggests === undefined ? {} : { suggests }),
  } as const;
  return field(rest, { column: 'text', schema, widget });
}

export interface NumberOptions extends FieldOptions {
  readonly min?: number;
  readonly max?: number;
  readonly unit?: string;
}

/** Text that holds a number is taken as one: forms know texts only. */
function numeric(schema: z.ZodNumber): z.ZodType {
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value),
    schema,
  );
}

function limited(schema: z.ZodNumber, { min, max }: NumberOptions): z.ZodNumber {
  const from = min === undefined ? schema : schema.min(min, { error: `At least ${min}.` });
  return max === undefined ? from : from.max(max, { error: `At most ${max}.` });
}

function range({ min, max, unit }: NumberOptions) {
  return {
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(unit === undefined ? {} : { unit }),
  };
}

const largestInteger = 2_147_483_647;

/** A whole number. */
export function integer(options: NumberOptions): Field {
  const bounded = { max: largestInteger, ...options };
  const schema = limited(
    z.number({ error: 'Write a whole number.' }).int({ error: 'Write a whole number.' }),
    bounded,
  );
  const { min: _min, max: _max, unit: _unit, ...rest } = options;
  return field(rest, {
    column: 'integer',
    schema: numeric(schema),
    widget: { type: 'number', isInteger: true, ...range(options) },
  });
}

/** Any number. */
export function decimal(options: NumberOptions): Field {
  const { min: _min, max: _max, unit: _unit, ...rest } = options;
  return field(rest, {
    column: 'float',
    schema: numeric(limited(z.number({ error: 'Write a number.' }), options)),
    widget: { type: 'number', isInteger: false, ...range(options) },
  });
}

/** Yes or no. */
export function flag(options: FieldOptions): Field {
  const schema = z.preprocess(
    (value) => {
      if (value === 'true') return true;
      return value === 'false' ? false : value;
    },
    z.boolean({ error: 'Must be true or false.' }),
  );
  return field(options, { column: 'boolean', schema, widget: { type: 'switch' } });
}

/** One of a few words. */
export function choice(options: FieldOptions & { readonly choices: readonly Choice[] }): Field {
  const { choices, ...rest } = options;
  const values = choices.map(({ value }) => value);
  const schema = z.enum(values, { error: `Must be one of ${values.join(', ')}.` });
  return field(rest, { column: 'text', schema, widget: { type: 'choice', choices } });
}

/** An object of any shape. */
export function json(options: FieldOptions): Field {
  const schema = z.record(z.string(), z.json(), { error: 'Must be a JSON object.' });
  return field(options, { column: 'jsonb', schema, widget: { type: 'json' } });
}

/** Any JSON, for which the caller has a schema; asked for by its parts where that says what they are. */
export function structured(
  options: FieldOptions & { readonly schema: z.ZodType; readonly widget?: Widget },
): Field {
  const { schema, widget = madeOf(schema), ...rest } = options;
  return field(rest, { column: 'jsonb', schema, widget });
}

function madeOf(schema: z.ZodType): Widget {
  return jsonWidget(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
}

/** A list of texts. */
export function texts(
  options: FieldOptions & { readonly max?: number; readonly choices?: readonly Choice[] },
): Field {
  const { max = 1000, choices, ...rest } = options;
  const schema = z
    .array(words(max), { error: 'Must be a list of texts.' })
    .max(200, { error: 'At most 200 entries.' });
  const widget = { type: 'texts', ...(choices === undefined ? {} : { choices }) } as const;
  return field(rest, { column: 'jsonb', schema, widget });
}

/** Names and their values. `refuse` says what is wrong with the value of a name. */
export function pairs(
  options: FieldOptions & {
    readonly value: z.ZodType<string>;
    readonly key: RegExp;
    readonly refuse: (name: string, value: string) => string | undefined;
  },
): Field {
  const { value, key, refuse, ...rest } = options;
  const name = z.string().regex(key, { error: 'A name here has characters that are not allowed.' });
  const schema = z.record(name, value, { error: 'Must be an object of texts.' }).check((context) => {
    const entries = Object.entries(context.value);
    if (entries.length > mostPairs)
      context.issues.push(issue(`At most ${mostPairs} entries.`, context.value));
    for (const [key, text] of entries.slice(0, mostPairs)) {
      const problem = refuse(key, text);
      if (problem !== undefined) context.issues.push({ ...issue(problem, text), path: [key] });
    }
  });
  return field(rest, { column: 'jsonb', schema, widget: { type: 'pairs' } });
}

const mostPairs = 100;

function issue(message: string, input: unknown) {
  return { code: 'custom' as const, message, input };
}

/** A point in time, ISO 8601 with an offset; kept in UTC. */
export function time(options: FieldOptions): Field {
  const schema = z.iso
    .datetime({ offset: true, error: timeSentence })
    .refine(isUsualTime, { error: timeSentence })
    .transform((text) => new Date(text).toISOString());
  return field(options, { column: 'timestamptz', schema, widget: { type: 'time' } });
}

const timeSentence =
  'Write a time like 2026-12-31T12:00:00Z, 2026-12-31 12:00, 2026-12-31, tomorrow, 30d or in 2 weeks.';

/** Whether databases and people know the year. */
export function isUsualTime(text: string): boolean {
  const year = new Date(text).getUTCFullYear();
  return year >= 1 && year <= 9999;
}

/** A row of another resource: written by its id, by its unique name, or as `{id}` or `{name}`. `only`: the names to choose from. */
export function relation(options: FieldOptions & Relation & { readonly only?: readonly string[] }): Field {
  const { to, table, nameColumn, onDelete, only, ...rest } = options;
  const choices = only?.map((value) => ({ value, label: value }));
  const error = 'Write the id or the name.';
  const schema = z.union(
    [
      z.string().min(1).max(512),
      z.looseObject({ id: z.string() }).transform(({ id }) => id),
      z.looseObject({ name: z.string() }).transform(({ name }) => name),
    ],
    { error },
  );
  return field(rest, {
    column: 'uuid',
    schema,
    relation: { to, table, nameColumn, onDelete },
    widget: { type: 'reference', resource: to, ...(choices === undefined ? {} : { choices }) },
  });
}

/** Whom a principal stands for; people may be called by name. */
export function principal(
  options: FieldOptions & {
    readonly schema: z.ZodType;
    readonly placeholder?: string;
  },
): Field {
  const { schema, placeholder, ...rest } = options;
  const widget = { type: 'principal', ...(placeholder === undefined ? {} : { placeholder }) } as const;
  return field(rest, { column: 'text', schema, widget });
}

/** Where something is posted, or nothing; a channel may be written as a principal or by its name. */
export function place(options: FieldOptions & { readonly placeholder?: string }): Field {
  const { placeholder, ...rest } = options;
  const schema = words(500)
    .refine((value) => !/[\r\n]/.test(value), { error: 'One line only.' })
    .trim()
    .transform((value) => value.replace(/^channel:(?=(?:slack|teams):)/, ''));
  const widget = { type: 'place', ...(placeholder === undefined ? {} : { placeholder }) } as const;
  return field(rest, { column: 'text', schema, widget });
}

/** A value that is not stored as such; the resource deals with it. */
export function virtual(base: Field): Field {
  return { ...base, column: 'virtual' };
}

/** Where a secret is. `refuse` says what is wrong with a reference. */
export function secretReference(
  options: FieldOptions & { readonly refuse: (reference: string) => string | undefined },
): Field {
  const { refuse, ...rest } = options;
  const schema = words(255).check((context) => {
    const problem = context.value === '' ? undefined : refuse(context.value);
    if (problem !== undefined)
      context.issues.push({ code: 'custom', message: problem, input: context.value });
  });
  return field(rest, { column: 'text', schema, widget: { type: 'secret' } });
}
