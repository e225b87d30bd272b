import { z } from 'zod';
import type { Choice, FormField, Widget } from './form.ts';
import { isRecord, type Json } from './json.ts';

/** One option of a JSON field that has a schema, as a field of its own. */
export interface Option {
  /** Named as the option is; its value is what holds when nothing is written. */
  readonly field: FormField;
  /** What an emptied field means: as if it was never written, nothing at all, or an empty list. */
  readonly empty: 'unset' | 'null' | 'list';
  /** Yes and no are its choices; neither of them: it is not written. */
  readonly isYesOrNo: boolean;
}

/** The options that a JSON field has. */
export interface KnownOptions {
  readonly options: readonly Option[];
  /** Options that have one value only: nobody is asked for them, and what is stored stays. */
  readonly fixed: readonly string[];
  /** Others may be written too. */
  readonly isOpen: boolean;
}

const bound = z.number().optional().catch(undefined);
const textList = z.array(z.string()).optional().catch(undefined);

const optionSchema = z.looseObject({
  type: z.string().optional().catch(undefined),
  description: z.string().optional().catch(undefined),
  format: z.string().optional().catch(undefined),
  enum: textList,
  items: z
    .looseObject({ type: z.string().optional().catch(undefined), enum: textList })
    .optional()
    .catch(undefined),
  anyOf: z.array(z.unknown()).optional().catch(undefined),
  ...{ minimum: bound, maximum: bound, exclusiveMinimum: bound },
  ...{ maxLength: bound, minItems: bound, maxItems: bound },
});
type Described = z.output<typeof optionSchema>;

const objectSchema = z.looseObject({
  properties: z.record(z.string(), z.unknown()).catch({}),
  required: z.array(z.string()).catch([]),
});

/** The options of the JSON Schema of an object, in its order. `defaults` wins over those of the schema. */
export function knownOptions(schema: Json, defaults: Json = {}): KnownOptions {
  const { properties, required } = objectSchema.parse(schema);
  const all = Object.entries(properties).flatMap(([name, raw]) => (isRecord(raw) ? [{ name, raw }] : []));
  return {
    options: all
      .filter(({ raw }) => !Object.hasOwn(raw, 'const'))
      .map(({ name, raw }) =>
        optionOf(name, raw, {
          initial: Object.hasOwn(defaults, name) ? defaults[name] : raw.default,
          isRequired: required.includes(name),
        }),
      ),
    fixed: all.filter(({ raw }) => Object.hasOwn(raw, 'const')).map(({ name }) => name),
    isOpen: schema.additionalProperties !== false,
  };
}

function optionOf(
  name: string,
  raw: Json,
  { initial, isRequired }: { readonly initial: unknown; readonly isRequired: boolean },
): Option {
  const { described, isNullable } = withoutNull(optionSchema.parse(raw));
  const isYesOrNo = described.type === 'boolean' && typeof initial !== 'boolean';
  const widget = isYesOrNo ? yesOrNo : widgetOf(name, described, initial);
  const isKept = initial === undefined || initial === null;
  const said = isKept || widget.type === 'switch' ? '' : defaultText(initial);
  return {
    field: {
      name,
      label: labelOf(name),
      help: [described.description ?? '', said].join(' ').trim(),
      widget,
      isRequired: isRequired && isKept,
      isNullable: widget.type !== 'switch' && !isRequired,
      isReadOnly: false,
      ...(isKept ? {} : { value: initial }),
    },
    empty: isKept ? 'unset' : isNullable ? 'null' : widget.type === 'texts' ? 'list' : 'unset',
    isYesOrNo,
  };
}

/** An option that may be nothing is asked for as what else it may be. */
function withoutNull(described: Described): { readonly described: Described; readonly isNullable: boolean } {
  const others = described.anyOf?.filter((one) => !(isRecord(one) && one.type === 'null')) ?? [];
  const [only] = others;
  const isNullable = others.length < (described.anyOf?.length ?? 0);
  if (!isNullable || others.length !== 1 || !isRecord(only)) return { described, isNullable };
  const { anyOf: _without, ...rest } = described;
  return { described: optionSchema.parse({ ...rest, ...only }), isNullable };
}

const yesOrNo: Widget = {
  type: 'choice',
  choices: [
    { value: 'true', label: 'Yes' },
    { value: 'false', label: 'No' },
  ],
};

function widgetOf(name: string, described: Described, initial: unknown): Widget {
  switch (described.type) {
    case 'boolean':
      return { type: 'switch' };
    case 'number':
    case 'integer':
      return numberOf(described);
    case 'array':
      return described.items?.type === 'string' ? listOf(described) : { type: 'json' };
    case 'string':
      return described.enum === undefined
        ? textWidget(name, described, initial)
        : { type: 'choice', choices: choicesOf(described.enum) };
    default:
      return { type: 'json' };
  }
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

function listOf({ items, minItems, maxItems }: Described): Widget {
  return {
    type: 'texts',
    ...(items?.enum === undefined ? {} : { choices: choicesOf(items.enum), isClosed: true }),
    ...(minItems === undefined ? {} : { minItems }),
    ...(maxItems === undefined ? {} : { maxItems }),
  };
}

/** Texts for people or models have several lines. */
const proseName = /(prompt|message|description)$/;

function textWidget(name: string, { format, maxLength }: Described, initial: unknown): Widget {
  const longest = maxLength === undefined ? {} : { maxLength };
  if (proseName.test(name) || String(initial ?? '').includes('\n')) return { type: 'paragraph', ...longest };
  return { type: 'text', ...longest, ...(format === 'uri' ? { format } : {}) };
}

function choicesOf(values: readonly string[]): readonly Choice[] {
  return values.map((value) => ({ value, label: value }));
}

const longestDefault = 120;

/** What is longer stands in the field itself. */
function defaultText(initial: unknown): string {
  const isList = Array.isArray(initial) && initial.every((one) => typeof one === 'string');
  const text = isList ? initial.join(', ') : typeof initial === 'string' ? initial : JSON.stringify(initial);
  return text === '' || text.length > longestDefault ? '' : `Default: ${text}.`;
}

function labelOf(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
