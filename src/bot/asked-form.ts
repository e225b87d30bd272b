import type { JsonObject } from '../agent/json.ts';
import type { Choice, Form, FormField, Widget } from '../chat/form.ts';
import { type AskedField, askedFields, choicesOf } from './asked-fields.ts';

/**
 * The neutral form of what a server asks people to fill in: `schema` is the JSON Schema of a flat object.
 * What it does not know how to ask for otherwise is asked for as JSON. Servers may not ask for secrets by
 * forms, so people are warned where one seems to:
 * https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation#security-considerations
 */
export function askedForm(schema: JsonObject): Form {
  const fields = askedFields(schema).map((asked) => formField(asked));
  return { title: 'Your answer is needed', submit: 'Send', fields };
}

/** One property of a form's schema. */
export type Asked = ReturnType<typeof askedFields>[number];

/** `secret`: what people read where a field seems to ask for one. */
export function formField({ name, field, isRequired }: Asked, secret = warning): FormField {
  const warned = asksForSecret({ name, field }) ? [secret] : [];
  return {
    name,
    label: field.title ?? name,
    help: [...warned, field.description ?? ''].join(' ').trim(),
    widget: widgetOf(field),
    isRequired,
    isNullable: !isRequired,
    isReadOnly: false,
    ...(field.default === undefined ? {} : { value: field.default }),
  };
}

const secretWords = /pass[ _-]?(word|phrase|code)|secret|token|credential|(api|private|access)[ _-]?key/i;
const warning = 'Write no password, key or other secret here: a server may not ask for one in a form.';

function asksForSecret({ name, field }: Pick<Asked, 'name' | 'field'>): boolean {
  const isFree = field.type !== 'boolean' && choicesOf(field) === undefined;
  const words = [name, field.title, field.description].join(' ');
  return isFree && secretWords.test(words);
}

function widgetOf(field: AskedField): Widget {
  const choices = choicesOf(field);
  switch (field.type) {
    case 'boolean':
      return { type: 'switch' };
    case 'number':
    case 'integer':
      return {
        type: 'number',
        isInteger: field.type === 'integer',
        ...(field.minimum === undefined ? {} : { min: field.minimum }),
        ...(field.maximum === undefined ? {} : { max: field.maximum }),
      };
    case 'array':
      return choices === undefined ? { type: 'json' } : severalOf(field, choices);
    case 'string':
      return choices === undefined ? textOf(field) : { type: 'choice', choices };
    default:
      return choices === undefined ? { type: 'json' } : { type: 'choice', choices };
  }
}

function severalOf({ minItems, maxItems }: AskedField, choices: readonly Choice[]): Widget {
  return {
    type: 'texts',
    choices,
    isClosed: true,
    ...(minItems === undefined ? {} : { minItems }),
    ...(maxItems === undefined ? {} : { maxItems }),
  };
}

const longText = 300;

function textOf({ format, minLength, maxLength }: AskedField): Widget {
  if (format === 'date-time') return { type: 'time' };
  const known = textFormat(format);
  const longest = maxLength === undefined ? {} : { maxLength };
  if (known === undefined && maxLength !== undefined && maxLength > longText)
    return { type: 'paragraph', ...longest };
  return {
    type: 'text',
    ...(minLength === undefined ? {} : { minLength }),
    ...longest,
    ...(known === undefined ? {} : { format: known }),
    ...(known === 'date' ? { placeholder: 'YYYY-MM-DD' } : {}),
  };
}

function textFormat(format: string | undefined): 'email' | 'uri' | 'date' | undefined {
  return format === 'email' || format === 'uri' || format === 'date' ? format : undefined;
}
