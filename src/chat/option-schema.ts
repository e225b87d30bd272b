import { z } from 'zod';
import type { Choice, FormField, Widget } from './form.ts';
import { isRecord, type Json } from './json.ts';
import type { JsonRows, KnownOptions, Option } from './option.ts';
import { exampleOf } from './option-example.ts';
import {
  defaultText,
  descriptionOf,
  labelOf,
  objectSchema,
  shapeLabel,
  titleOf,
  within,
} from './option-words.ts';

const bound = z.number().optional().catch(undefined);

const optionSchema = z.looseObject({
  type: z.string().optional().catch(undefined),
  description: z.string().optional().catch(undefined),
  format: z.string().optional().catch(undefined),
  enum: z.array(z.unknown()).optional().catch(undefined),
  items: z.looseObject({}).optional().catch(undefined),
  properties: z.looseObject({}).optional().catch(undefined),
  additionalProperties: z
    .union([z.boolean(), z.looseObject({})])
    .optional()
    .catch(undefined),
  ...{ minimum: bound, maximum: bound, exclusiveMinimum: bound },
  ...{ maxLength: bound, minItems: bound, maxItems: bound },
});
type Described = z.output<typeof optionSchema>;

/** The options of the JSON Schema of an object, in its order. `defaults` wins over those of the schema. */
export function knownOptions(schema: Json, defaults: Json = {}): KnownOptions {
  return optionsWithin(schema, { defaults, label: '', help: '' });
}

/** What an array or an object of the same has in each place; undefined where that cannot be drawn. */
function rowsOf(described: Described): JsonRows | undefined {
  const { type, items, properties, additionalProperties, minItems, maxItems } = described;
  const isList = type === 'array';
  const isNamed = type === 'object' && Object.keys(properties ?? {}).length === 0;
  const one = isList ? items : isNamed && isRecord(additionalProperties) ? additionalProperties : undefined;
  if (one === undefined) return undefined;
  const each = optionOf(one, { name: '', label: '', help: '', isRequired: true });
  if (each.made === undefined) return undefined;
  // An object's fields are named for themselves; what asks for a shape is not.
  const labelled =
    each.made.type === 'object' ? each : { ...each, field: { ...each.field, label: 'What it is' } };
  return {
    ...{ isNamed, each: labelled },
    ...(minItems === undefined ? {} : { minItems }),
    ...(maxItems === undefined ? {} : { maxItems }),
  };
}

interface Within {
  readonly defaults: Json;
  /** Of what holds the options; empty: they stand for themselves. */
  readonly label: string;
  readonly help: string;
}

function optionsWithin(schema: Json, { defaults, label, help }: Within): KnownOptions {
  const { properties, required } = objectSchema.parse(schema);
  // What can have no value is an option that is refused by its name.
  const all = Object.entries(properties).flatMap(([name, raw]) =>
    isRecord(raw) && raw.not === undefined ? [{ name, raw }] : [],
  );
  const asked = all.filter(({ raw }) => !Object.hasOwn(raw, 'const'));
  const first = asked.find(({ raw }) => raw.description === undefined)?.name;
  return {
    options: asked.map(({ name, raw }) =>
      optionOf(raw, {
        ...{ name, label: within(label, titleOf(raw) ?? labelOf(name)) },
        // What the whole is about is said once.
        help: name === first ? help : '',
        initial: Object.hasOwn(defaults, name) ? defaults[name] : raw.default,
        isRequired: required.includes(name),
      }),
    ),
    fixed: all
      .filter(({ raw }) => Object.hasOwn(raw, 'const'))
      .map(({ name, raw }) => ({ name, value: raw.const, isRequired: required.includes(name) })),
    isOpen: schema.additionalProperties !== false,
  };
}

interface About {
  readonly name: string;
  readonly label: string;
  /** For what says nothing itself. */
  readonly help: string;
  readonly initial?: unknown;
  readonly isRequired: boolean;
}

function optionOf(raw: Json, about: About): Option {
  const { others, isNullable } = alternativesOf(raw);
  const [only = raw, ...more] = others;
  const isUnion = more.length > 0;
  const { widget, ...drawn } = isUnion ? unionOf(others, about) : drawnOf(optionSchema.parse(only), about);
  return {
    field: fieldOf(about, widget, [
      descriptionOf(isUnion ? raw : only, raw) || about.help,
      drawn.made === undefined ? defaultText(about.initial, widget) : '',
    ]),
    empty: hasInitial(about) ? emptyOf(widget, isNullable) : 'unset',
    ...drawn,
  };
}

function hasInitial({ initial }: About): boolean {
  return initial !== undefined && initial !== null;
}

function fieldOf(about: About, widget: Widget, help: readonly string[]): FormField {
  const { name, label, initial, isRequired } = about;
  return {
    ...{ name, label, widget, isReadOnly: false },
    help: help.join(' ').trim(),
    isRequired: isRequired && !hasInitial(about),
    isNullable: widget.type !== 'switch' && !isRequired,
    ...(hasInitial(about) ? { value: initial } : {}),
  };
}

function emptyOf({ type }: Widget, isNullable: boolean): Option['empty'] {
  if (isNullable) return 'null';
  return type === 'texts' ? 'list' : 'unset';
}

/** What an option may be besides nothing. */
function alternativesOf(raw: Json): { readonly others: readonly Json[]; readonly isNullable: boolean } {
  const { anyOf, oneOf, type, ...rest } = raw;
  const union = [anyOf, oneOf].find(Array.isArray);
  const all: readonly unknown[] =
    union ?? (Array.isArray(type) ? type.map((one) => ({ ...rest, type: one })) : [raw]);
  const { default: _initial, ...common } = rest;
  const others = all.filter(isRecord).filter((one) => one.type !== 'null');
  const isNullable = others.length < all.length;
  return { others: others.length === 1 ? others.map((one) => ({ ...common, ...one })) : others, isNullable };
}

type Drawn = Pick<Option, 'meanings' | 'made'> & { readonly widget: Widget };

const yesAndNo: readonly Choice[] = [
  { value: 'true', label: 'Yes' },
  { value: 'false', label: 'No' },
];
const yesOrNo: Drawn = {
  widget: { type: 'choice', choices: yesAndNo },
  meanings: { true: true, false: false },
};

function drawnOf(described: Described, about: About): Drawn {
  const { name, initial } = about;
  if (described.enum !== undefined) return constantsOf(described.enum);
  switch (described.type) {
    case 'boolean':
      return typeof initial === 'boolean' ? { widget: { type: 'switch' } } : yesOrNo;
    case 'number':
    case 'integer':
      return { widget: numberOf(described) };
    case 'array':
      return { widget: listOf(described) ?? jsonOf(described) };
    case 'string':
      return { widget: textWidget(name, described, initial) };
    case 'object':
      return objectOf(described, about);
    default:
      return { widget: jsonOf(described) };
  }
}

/** One of these, whatever their type. */
function constantsOf(values: readonly unknown[]): Drawn {
  const choices = values.map(choiceOf);
  const odd = values.filter((value) => typeof value !== 'string');
  const meanings = Object.fromEntries(odd.map((value) => [String(value), value]));
  return { widget: { type: 'choice', choices }, ...(odd.length === 0 ? {} : { meanings }) };
}

function choiceOf(value: unknown): Choice {
  const text = String(value);
  return {
    value: text,
    label: yesAndNo.find((one) => typeof value === 'boolean' && one.value === text)?.label ?? text,
  };
}

/** An object of few options has a field for each; one of any has names with their values where those are texts. */
function objectOf(described: Described, about: About): Drawn {
  const { properties = {}, additionalProperties: others } = described;
  if (Object.keys(properties).length === 0)
    return { widget: isRecord(others) && others.type === 'string' ? { type: 'pairs' } : jsonOf(described) };
  const { label, help } = about;
  const own = { defaults: {}, label, help: described.description ?? help };
  return { widget: jsonOf(described), made: { type: 'object', known: optionsWithin(described, own) } };
}

/** How JSON of a schema is asked for: by what it is made of, where that can be drawn. */
export function jsonWidget(schema: Json): Widget {
  return jsonOf(optionSchema.parse(schema));
}

function jsonOf(described: Described): Widget {
  const rows = rowsOf(described);
  const example = exampleOf(described);
  return {
    type: 'json',
    ...(rows === undefined ? {} : { rows }),
    ...(example === undefined ? {} : { example }),
  };
}

/** Which of several it is, and then the fields of that. */
function unionOf(alternatives: readonly Json[], about: About): Drawn {
  const choices: Choice[] = [];
  const meanings: Record<string, unknown> = {};
  const shapes: Record<string, Option> = {};
  for (const raw of alternatives) {
    const values = constantsIn(raw);
    if (values === undefined) addShape(raw);
    else for (const value of values) addConstant(value);
  }

  function addConstant(value: unknown): void {
    const choice = choiceOf(value);
    if (choices.some((one) => one.value === choice.value)) return;
    choices.push(choice);
    if (typeof value !== 'string') meanings[choice.value] = value;
  }

  function addShape(raw: Json): void {
    const label = shapeLabel(raw);
    const value = unused(shapeName(raw), choices);
    choices.push({ value, label });
    const isObject = raw.type === 'object';
    shapes[value] = optionOf(raw, {
      ...{ name: value, help: about.help, isRequired: true, initial: raw.default },
      label: isObject ? about.label : within(about.label, label),
    });
  }

  return {
    widget: { type: 'choice', choices },
    ...(Object.keys(meanings).length === 0 ? {} : { meanings }),
    ...(Object.keys(shapes).length === 0 ? {} : { made: { type: 'shapes', shapes } }),
  };
}

function constantsIn(raw: Json): readonly unknown[] | undefined {
  if (Object.hasOwn(raw, 'const')) return [raw.const];
  if (Array.isArray(raw.enum)) return raw.enum;
  return raw.type === 'boolean' ? [true, false] : undefined;
}

function shapeName({ type }: Json): string {
  return typeof type === 'string' ? type : 'json';
}

function unused(name: string, choices: readonly Choice[]): string {
  const isTaken = (candidate: string) => choices.some(({ value }) => value === candidate);
  let candidate = name;
  for (let n = 2; isTaken(candidate); n++) candidate = `${name}${n}`;
  return candidate;
}

function numberOf({ type, minimum, maximum, exclusiveMinimum }: Described): Widget {
  const isInteger = type === 'integer';
  const least = minimum ?? (isInteger && exclusiveMinimum !== undefined ? exclusiveMinimum + 1 : undefined);
  const isBounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  return {
    type: 'number',
    isInteger,
    ...(least === undefined ? {} : { min: least }),
    ...(isBounded ? { max: maximum } : {}),
  };
}

/** A list of texts. */
function listOf({ items = {}, minItems, maxItems }: Described): Widget | undefined {
  if (items.type !== 'string') return undefined;
  const closed = Array.isArray(items.enum) ? { choices: items.enum.map(choiceOf), isClosed: true } : {};
  return {
    type: 'texts',
    ...closed,
    ...(minItems === undefined ? {} : { minItems }),
    ...(maxItems === undefined ? {} : { maxItems }),
  };
}

/** Texts for people or models have several lines. */
const proseName = /(prompt|message|description|question)$/;

function textWidget(name: string, { format, maxLength }: Described, initial: unknown): Widget {
  const longest = maxLength === undefined ? {} : { maxLength };
  if (proseName.test(name) || String(initial ?? '').includes('\n')) return { type: 'paragraph', ...longest };
  return { type: 'text', ...longest, ...(format === 'uri' ? { format } : {}) };
}
