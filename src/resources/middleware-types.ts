import { z } from 'zod';
import type { FieldErrors } from '../chat/form.ts';
import type { Resource, Row, RuleContext, Values } from './definition.ts';
import { flag, json, paragraph, written } from './field.ts';
import { ownName } from './middleware-names.ts';
import { configSchemaSchema, defaultConfigSchema } from './outputs.ts';
import { sentencesOf } from './sentences.ts';

const typeName = z
  .string({ error: 'Write a text.' })
  .trim()
  .max(100, { error: 'At most 100 characters.' })
  .regex(/^[A-Za-z][A-Za-z0-9_]*$/, {
    error: 'Begin with a letter; letters, digits and _ may follow.',
  })
  .refine((name) => !/^middleware$/i.test(name), { error: 'Give it a name before “Middleware”.' });

/** The kinds of layers that models can have. */
export const middlewareTypes: Resource = {
  path: 'middleware-types',
  table: 'middleware_types',
  suffix: 'middlewaretype',
  word: 'middleware-types',
  one: 'middleware type',
  many: 'Middleware types',
  help: 'The kinds of layers that can lie around a model’s turns, model calls and tool calls.',
  fields: {
    name: written({
      label: 'Name',
      help: 'Its class; “Middleware” is added at the end where it is missing.',
      schema: typeName,
      placeholder: 'PIIMiddleware',
    }),
    is_custom: flag({ label: 'Custom', help: 'It does not come with the bot.', initial: false }),
    description: paragraph({ label: 'Description', help: 'What it does.', initial: '' }),
    default_config: json({
      label: 'Default config',
      help: 'What a new layer of it begins with, option by option, where its own config says nothing else.',
      initial: {},
    }),
  },
  nameField: 'name',
  isSeeded: true,
  columns: ['name', 'description', 'recommended_priority', 'is_custom', 'is_available'],
  search: ['name'],
  order: ['name'],
  changes: ['create', 'change', 'delete'],
  example: {
    name: 'AuditTrailMiddleware',
    is_custom: true,
    description: 'Writes each answer to our archive.',
  },
  accept: withFullName,
  options: {
    of: 'default_config',
    by: 'name',
    schema: (row, world) => {
      const kind = world.middleware(String(row.name));
      return kind === undefined ? undefined : { schema: jsonSchemaOf(kind) };
    },
  },
  show: (row, world) => {
    const kind = world.middleware(String(row.name));
    return {
      is_available: kind?.isBuilt ?? false,
      problem: kind?.problem ?? (kind === undefined ? 'There is no middleware of this name.' : ''),
      recommended_priority: kind?.priority ?? null,
    };
  },
  check: ({ values, before, world }: RuleContext): FieldErrors => ({
    ...configErrors(values, world.middleware(String(values.name))),
    ...nameErrors(values, before, world),
  }),
  keep: ({ name }, _by, world) =>
    isOwn(name, world)
      ? `${name} comes with the bot, so it stays. No model has it unless a layer of it is added; disable its layers instead.`
      : undefined,
  actions: {
    'config-schema': {
      label: 'Options',
      help: 'The options of its config as a JSON Schema, each with what it does; empty where nobody knows them.',
      method: 'GET',
      needs: 'view',
      isRare: true,
      output: configSchemaSchema,
      example: {
        middleware_type: 'ModelCallLimitMiddleware',
        config_schema: { type: 'object', properties: { run_limit: { type: 'integer', default: 25 } } },
      },
      run: async ({ row, world }) => ({
        middleware_type: row.name,
        config_schema: jsonSchemaOf(world.middleware(String(row.name))),
      }),
    },
    'default-config': {
      label: 'Default config',
      help: 'A config that can be saved as it is.',
      method: 'GET',
      needs: 'view',
      output: defaultConfigSchema,
      example: { middleware_type: 'ModelCallLimitMiddleware', default_config: { run_limit: 25 } },
      run: async ({ row, world }) => ({
        middleware_type: row.name,
        default_config: begunConfig(row, world),
      }),
    },
  },
};

/** `custom` is `CustomMiddleware`; a name that is right already stays as it is, and so does a stored one. */
function withFullName(input: Values, before: Row | undefined): Values {
  if (typeof input.name !== 'string' || input.name === before?.name) return input;
  const name = ownName(input.name);
  const capital = name.charAt(0).toUpperCase() + name.slice(1);
  const isWhole = /Middleware$/.test(capital) || !typeName.safeParse(capital).success;
  return { ...input, name: isWhole ? capital : `${capital}Middleware` };
}

function isOwn(name: unknown, world: RuleContext['world']): boolean {
  return world.middleware(String(name))?.isOwn === true;
}

/** The bot knows its own types by their names alone. */
function nameErrors({ name }: Values, before: Row | undefined, world: RuleContext['world']): FieldErrors {
  if (before === undefined || before.name === name || !isOwn(before.name, world)) return {};
  return { name: [`${before.name} comes with the bot, which knows it by this name; it cannot be renamed.`] };
}

function configErrors(values: Values, kind: { readonly config: z.ZodType } | undefined): FieldErrors {
  const given: unknown = values.default_config;
  if (kind === undefined || Object.keys(Object(given)).length === 0) return {};
  const parsed = kind.config.safeParse(given);
  if (parsed.success) return {};
  return { default_config: sentencesOf(parsed.error) };
}

/** Options that are refused by name can be written no value, and are left out. */
export function jsonSchemaOf(
  kind: { readonly config: z.ZodType } | undefined,
): Readonly<Record<string, unknown>> {
  if (kind === undefined) return {};
  const {
    $schema,
    properties = {},
    ...schema
  } = z.toJSONSchema(kind.config, {
    io: 'input',
    unrepresentable: 'any',
  });
  const offered = Object.entries(properties).filter(
    ([, option]) => !(typeof option === 'object' && option.not !== undefined),
  );
  return { ...schema, properties: Object.fromEntries(offered) };
}

/** The whole config of a new layer of a type; as it is stored where the type does not know it. */
export function begunConfig(row: Row, world: RuleContext['world']): Values {
  const stored: Values = Object(row.default_config);
  const parsed = world.middleware(String(row.name))?.config.safeParse(stored);
  return parsed?.success === true ? Object(parsed.data) : stored;
}

/** A config over what a new layer of its type begins with; an option is the same however it is spelled. */
export function configOver(row: Row, config: unknown): unknown {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) return config;
  const bare = (key: string) => key.replaceAll('_', '').toLowerCase();
  const said = new Set(Object.keys(config).map(bare));
  const begun = Object.entries(Object(row.default_config)).filter(([key]) => !said.has(bare(key)));
  return { ...Object.fromEntries(begun), ...config };
}
