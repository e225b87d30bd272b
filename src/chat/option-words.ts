import { z } from 'zod';
import type { Widget } from './form.ts';
import { isRecord, type Json } from './json.ts';

/** What the JSON Schema of an object says of its parts. */
export const objectSchema = z.looseObject({
  properties: z.record(z.string(), z.unknown()).catch({}),
  required: z.array(z.string()).catch([]),
});

/** What it says of itself, or what stands around it does. */
export function descriptionOf(only: Json, raw: Json): string {
  const said = only.description ?? raw.description;
  return typeof said === 'string' ? said : '';
}

const shapeWords: Readonly<Record<string, string>> = {
  number: 'A number',
  integer: 'A whole number',
  string: 'A text',
  array: 'A list',
  object: 'With options',
};

const longestLabel = 60;

/** By what an object of this shape says of itself, its description, or its type. */
export function shapeLabel(raw: Json): string {
  const { properties } = objectSchema.parse(raw);
  const says = Object.values(properties).find((one) => isRecord(one) && typeof one.const === 'string');
  if (isRecord(says)) return String(says.const);
  const { description = '' } = raw;
  const words = typeof description === 'string' ? description.replace(/\.$/, '') : '';
  if (words !== '' && words.length <= longestLabel) return words;
  return shapeWords[String(raw.type)] ?? 'As JSON';
}

const longestDefault = 120;

/** What is longer, or on or off, stands in the field itself. */
export function defaultText(initial: unknown, { type }: Widget): string {
  if (initial === undefined || initial === null || type === 'switch') return '';
  const isList = Array.isArray(initial) && initial.every((one) => typeof one === 'string');
  const text = isList ? initial.join(', ') : typeof initial === 'string' ? initial : JSON.stringify(initial);
  return text === '' || text.length > longestDefault ? '' : `Default: ${text}.`;
}

/** How whoever wrote the schema calls it. */
export function titleOf({ title }: Json): string | undefined {
  return typeof title === 'string' && title.trim() !== '' ? title : undefined;
}

/** A name of a program as people read it. */
export function labelOf(name: string): string {
  const words = name.split('_').map((word) => capitals.find((one) => one.toLowerCase() === word) ?? word);
  const label = words.join(' ');
  return label.charAt(0).toUpperCase() + label.slice(1);
}

/** What is not written in small letters. */
const capitals = ['API', 'HTML', 'JSON', 'PDFs', 'PII', 'URL', 'USD'];

/** The label of a part, after that of the whole. */
export function within(whole: string, part: string): string {
  const isAbbreviation = /^[A-Z]{2}/.test(part);
  const words = isAbbreviation ? part : `${part.charAt(0).toLowerCase()}${part.slice(1)}`;
  return whole === '' ? part : `${whole}: ${words}`;
}
