import { clipped } from '../clipped.ts';
import type { Difference, Fact } from '../desk.ts';
import type { FieldErrors } from '../form.ts';
import { isRecord } from '../json.ts';
import { plainName } from '../option-fields.ts';

/** A value as people read it. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined || value === '') return '—';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? '—' : value.map(valueText).join(', ');
  if (isRecord(value)) return Object.keys(value).length === 0 ? '—' : JSON.stringify(value);
  const text = String(value);
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text)
    ? `${text.slice(0, 10)} ${text.slice(11, 16)} UTC`
    : text;
}

/** Letters as they are, whatever they are: nothing within is drawn. */
export function code(text: string): string {
  const clean = text.replaceAll(/\s+/g, ' ').replaceAll('`', 'ˋ');
  return `\`${clean === '' ? ' ' : clean}\``;
}

const longestValue = 200;

/** What changed, a line each. */
export function differencesText(differences: readonly Difference[], isNew = false): string {
  return differences
    .filter(({ after }) => !isNew || valueText(after) !== '—')
    .map(({ label, before, after }) =>
      isNew
        ? `- ${label}: ${shown(after)}`
        : textsDiffer(before, after)
          ? `- ${label}:\n${lineDiff(String(before), String(after))}`
          : `- ${label}: ${shown(before)} → ${shown(after)}`,
    )
    .join('\n');
}

function shown(value: unknown): string {
  const text = valueText(value);
  return text === '—' ? text : code(clipped(text, longestValue));
}

function textsDiffer(before: unknown, after: unknown): boolean {
  const isLong = (value: unknown) => typeof value === 'string' && /\n/.test(value);
  return typeof before === 'string' && typeof after === 'string' && (isLong(before) || isLong(after));
}

const mostLines = 12;

/** Which lines of a longer text went and came. */
function lineDiff(before: string, after: string): string {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const gone = old.filter((line) => !now.includes(line)).map((line) => `- ${line}`);
  const come = now.filter((line) => !old.includes(line)).map((line) => `+ ${line}`);
  const lines = [...gone, ...come];
  const more = lines.length > mostLines ? [`… and ${lines.length - mostLines} lines more`] : [];
  const text = [...lines.slice(0, mostLines), ...more].map((line) => clipped(line, 160)).join('\n');
  return ['```diff', text.replaceAll('```', "'''"), '```'].join('\n');
}

/** All that is known of a thing, as a table. */
export function factsText(facts: readonly Fact[]): string {
  const known = facts.filter(({ value }) => valueText(value) !== '—');
  const rows = known.map(({ label, value }) => `| ${label} | ${cell(value)} |`);
  return ['| | |', '|---|---|', ...rows].join('\n');
}

function cell(value: unknown): string {
  return clipped(valueText(value), 500).replaceAll('\n', ' ').replaceAll('|', '\\|');
}

/** What is wrong, a line for each field. */
export function errorsText(errors: FieldErrors): string {
  return Object.entries(errors)
    .map(([field, sentences]) =>
      field === 'non_field_errors' ? `- ${sentences.join(' ')}` : errorLines(plainName(field), sentences),
    )
    .join('\n');
}

/** What is wrong within a value stands at its whole path. */
function errorLines(field: string, sentences: readonly string[]): string {
  const placed = sentences.map((sentence) => {
    const [, inner, rest] = /^([\w-]+(?:\.[\w-]+)*): (.+)$/s.exec(sentence) ?? [];
    return { at: inner === undefined ? field : `${field}.${inner}`, words: rest ?? sentence };
  });
  const byPlace = Map.groupBy(placed, ({ at }) => at);
  return [...byPlace]
    .map(([at, said]) => `- ${code(at)}: ${said.map(({ words }) => words).join(' ')}`)
    .join('\n');
}

/** `a, b or c`. */
export function either(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`;
}

/** A name of things within a sentence: abbreviations keep their capitals. */
export function withinSentence(name: string): string {
  return /^[A-Z][a-z]/.test(name) ? `${name.charAt(0).toLowerCase()}${name.slice(1)}` : name;
}
