import { z } from 'zod';
import type { FieldErrors, FormField, Widget } from '../chat/form.ts';
import type { Resource, Row, RuleContext } from './definition.ts';
import { structured, text } from './field.ts';
import { sentencesOf } from './sentences.ts';
import { type Settings, settingsSchema } from './settings.ts';

/** What is set for the whole bot. The rows are fixed; each has a default until somebody sets it. */
export const settings: Resource = {
  path: 'settings',
  table: 'settings',
  suffix: 'setting',
  word: 'settings',
  one: 'setting',
  many: 'Settings',
  help: 'What is set for the whole bot.',
  fields: {
    name: text({ label: 'Name', help: 'What it is about.', isReadOnly: true }),
    value: structured({
      label: 'Value',
      help: 'Empty: the default.',
      initial: null,
      schema: z.union([z.number(), z.string().max(1000), z.boolean()], { error: 'Write a value.' }),
      widget: { type: 'text' },
    }),
  },
  nameField: 'name',
  isSeeded: true,
  columns: ['name', 'value', 'default', 'description'],
  search: ['name'],
  order: ['name'],
  changes: ['change'],
  example: { value: 300 },
  show: (row) => aboutOf(String(row.name)),
  details: ({ name }) => {
    const about = aboutOf(String(name));
    return { Default: about.default, Description: about.description, Allowed: allowedText(String(name)) };
  },
  asked: ({ name }, field) => (field === 'value' ? askedValue(String(name)) : undefined),
  check: ({ values, before }: RuleContext): FieldErrors => {
    const parsed = parseValue(String(before?.name), values.value);
    return parsed === undefined || parsed.success ? {} : { value: sentencesOf(parsed.error) };
  },
  prepare: ({ values, before }) => {
    const parsed = parseValue(String(before?.name), values.value);
    return { values: parsed?.success === true ? { value: parsed.data } : {} };
  },
  display: (row: Row) => String(row.name),
};

function isSetting(name: string): name is keyof Settings {
  return Object.hasOwn(settingsSchema.shape, name);
}

function aboutOf(name: string): Readonly<Record<string, unknown>> {
  if (!isSetting(name)) return { default: null, description: 'No longer used.' };
  const schema = settingsSchema.shape[name];
  return { default: schema.parse(undefined), description: schema.description ?? '' };
}

/** Which values it may have; empty: nobody knows. */
function allowedText(name: string): string {
  if (!isSetting(name)) return '';
  const schema = settingsSchema.shape[name].unwrap();
  if (schema instanceof z.ZodNumber) return `whole numbers from ${schema.minValue} to ${schema.maxValue}`;
  if (name === 'timezone') return 'the name of a time zone, like Europe/Berlin or UTC';
  if (name.endsWith('_reactions')) return 'names of emoji, separated by spaces';
  return schema.maxLength === null ? 'a text' : `a text of at most ${schema.maxLength} characters`;
}

/** How the value of this setting is asked for, and what there is to know for whoever sets it. */
function askedValue(name: string): Pick<FormField, 'help' | 'widget'> | undefined {
  if (!isSetting(name)) return undefined;
  const about = aboutOf(name);
  const usual = about.default === '' ? 'none' : String(about.default);
  const help = `${about.description} Default: ${usual}. Allowed: ${allowedText(name)}. Empty: the default.`;
  return { help, widget: widgetOf(name) };
}

function widgetOf(name: keyof Settings): Widget {
  const schema = settingsSchema.shape[name].unwrap();
  const usual = settingsSchema.shape[name].parse(undefined);
  const placeholder = usual === '' ? {} : { placeholder: String(usual) };
  if (!(schema instanceof z.ZodNumber))
    return {
      ...{ type: 'text', ...placeholder },
      ...(schema.maxLength === null ? {} : { maxLength: schema.maxLength }),
      ...(name === 'timezone' ? { suggests: 'timezones' } : {}),
    };
  const [, unit] = /_(minutes|seconds|days|tokens)$/.exec(name) ?? [];
  const range = { min: schema.minValue ?? 0, max: schema.maxValue ?? Number.MAX_SAFE_INTEGER };
  return { type: 'number', isInteger: true, ...range, ...(unit === undefined ? {} : { unit }) };
}

/** Text becomes a number where the setting is one. Undefined: there is nothing to parse. */
function parseValue(name: string, value: unknown) {
  if (value === null || value === undefined || !isSetting(name)) return undefined;
  const schema = settingsSchema.shape[name].unwrap();
  const isNumber = schema instanceof z.ZodNumber && typeof value === 'string' && value.trim() !== '';
  return z.safeParse<z.ZodType<unknown>>(schema, isNumber ? Number(value) : value);
}
