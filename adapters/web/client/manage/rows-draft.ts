import type { FormField, Widget } from '../../../../src/chat/form.ts';
import { isRecord } from '../../../../src/chat/json.ts';
import type { JsonRows } from '../../../../src/chat/option.ts';
import {
  fieldAt,
  fieldsOf,
  nothingOf,
  type Placed,
  type Stored,
  writtenOf as writtenOption,
} from '../../../../src/chat/option-parts.ts';
import { newId } from '../new-id.ts';
import { type Draft, type Drafts, draftsOf, isSame, openFields, type Written, writtenOf } from './values.ts';

/** Several of the same while they are edited, each with fields of its own. */
export interface RowsDraft {
  readonly rows: readonly RowDraft[];
}

export interface RowDraft {
  readonly id: string;
  /** Where each has one. */
  readonly name: string;
  /** What it began with; absent: with nothing. */
  readonly stored?: Stored;
  readonly drafts: Drafts;
}

/** What the names of a row's fields begin with. */
const root = 'row';

export function isRowsDraft(draft: Exclude<Draft, string | boolean>): draft is RowsDraft {
  return 'rows' in draft;
}

/** A value, as rows; undefined where it is not made of such. */
export function rowsDraft(rows: JsonRows, value: unknown): RowsDraft | undefined {
  if (value === undefined || value === null) return { rows: [] };
  if (rows.isNamed && isRecord(value))
    return {
      rows: Object.entries(value).map(([name, one]) => rowDraft(rows, { name, stored: { value: one } })),
    };
  if (rows.isNamed || !Array.isArray(value)) return undefined;
  return { rows: value.map((one: unknown) => rowDraft(rows, { name: '', stored: { value: one } })) };
}

/** A row that nobody has filled in. */
export function newRow(rows: JsonRows): RowDraft {
  return rowDraft(rows, { name: '' });
}

function rowDraft(rows: JsonRows, row: Pick<RowDraft, 'name' | 'stored'>): RowDraft {
  return { ...row, id: newId(), drafts: draftsOf({ fields: rowFields(rows, row) }, undefined) };
}

/** The fields of a row. */
export function rowFields({ each }: JsonRows, { stored }: Pick<RowDraft, 'stored'>): readonly FormField[] {
  return fieldsOf(each, root, stored);
}

/** The fields of a row that can be written now, as the others stand. */
export function openRowFields(rows: JsonRows, row: RowDraft): readonly FormField[] {
  return openFields({ fields: rowFields(rows, row) }, row.drafts);
}

/** What rows say, or what is wrong with them, each sentence with its way: `0.seconds: …`. */
export function writtenRows(widget: Widget, { rows: drafts }: RowsDraft): Written {
  const rows = widget.type === 'json' ? widget.rows : undefined;
  if (rows === undefined) return { ok: true, value: [] };
  const all = drafts.map((row, at) => ({ row, written: writtenRow(rows, row, placeOf(rows, row, at)) }));
  const sentences = [
    ...(rows.isNamed ? namesWrong(drafts) : []),
    ...all.flatMap(({ written }) => (written.ok ? [] : written.sentences)),
  ];
  if (sentences.length > 0) return { ok: false, sentences };
  const values = all.map(({ row, written }) => [row.name.trim(), written.ok ? written.value : null] as const);
  return { ok: true, value: rows.isNamed ? Object.fromEntries(values) : values.map(([, value]) => value) };
}

/** How sentences about a list call a row. */
export function placeOf({ isNamed }: JsonRows, { name }: RowDraft, at: number): string {
  return isNamed ? name.trim() : String(at);
}

function namesWrong(drafts: readonly RowDraft[]): readonly string[] {
  const names = drafts.map(({ name }) => name.trim());
  if (names.includes('')) return ['Give each of them a name.'];
  return new Set(names).size < names.length ? ['Each name may be there once.'] : [];
}

function writtenRow(rows: JsonRows, row: RowDraft, place: string): Written {
  const values: Record<string, unknown> = {};
  const sentences: string[] = [];
  for (const field of openRowFields(rows, row)) {
    const written = writtenOf(field, row.drafts[field.name] ?? '');
    if (written.ok) values[field.name] = written.value;
    else sentences.push(...written.sentences.map((one) => `${wayTo(field, place)}: ${one}`));
  }
  if (sentences.length > 0) return { ok: false, sentences };
  const now = writtenOption(rows.each, root, { values, stored: row.stored });
  return { ok: true, value: now === undefined ? nothingOf(rows.each) : now.value };
}

function wayTo({ name }: FormField, place: string): string {
  return `${place}${name.slice(root.length)}`;
}

/** What is wrong within one row, by its fields, and what is wrong with it as a whole. */
export interface RowErrors {
  readonly fields: Readonly<Record<string, readonly string[]>>;
  readonly others: readonly string[];
}

/** The sentences that are about the row at a place. */
export function rowErrors(
  rows: JsonRows,
  row: RowDraft,
  { sentences, place }: { readonly sentences: readonly string[]; readonly place: string },
): RowErrors {
  const placed: Record<string, readonly string[]> = {};
  const others: string[] = [];
  for (const sentence of sentences.filter((one) => isAbout(one, place))) {
    const rest = sentence.slice(place.length);
    const end = rest.indexOf(': ');
    if (end === -1) others.push(rest.replace(/^[.:]\s*/, ''));
    else {
      const { field, place: way } = aboutField(rows, row, rest.slice(0, end));
      const words = [...(way.length === 0 ? [] : [way.join('.')]), rest.slice(end + 2)].join(': ');
      placed[field] = [...(placed[field] ?? []), words];
    }
  }
  return { fields: placed, others };
}

/** The field that a way within a row leads to: by the field's own name, or as it leads through the value. */
function aboutField(rows: JsonRows, row: RowDraft, way: string): Placed {
  const isOwn = openRowFields(rows, row).some(({ name }) => name === `${root}${way}`);
  if (isOwn) return { field: `${root}${way}`, place: [] };
  const texts = Object.entries(row.drafts).filter(([, draft]) => typeof draft === 'string');
  const place = way === '' ? [] : way.slice(1).split('.');
  return fieldAt(
    rows.each,
    { field: root, place },
    { values: Object.fromEntries(texts), stored: row.stored },
  );
}

/** What is wrong with a field as a whole, rather than with one of its rows. */
export function ownErrors(
  { widget }: FormField,
  draft: Draft | undefined,
  sentences: readonly string[],
): readonly string[] {
  if (widget.type !== 'json' || widget.rows === undefined || typeof draft !== 'object' || !isRowsDraft(draft))
    return sentences;
  const { rows } = widget;
  const places = draft.rows.map((row, at) => placeOf(rows, row, at));
  return sentences.filter((sentence) => !places.some((place) => isAbout(sentence, place)));
}

/** Whether a sentence begins with the way to a row. */
export function isAbout(sentence: string, place: string): boolean {
  return place !== '' && (sentence.startsWith(`${place}.`) || sentence.startsWith(`${place}:`));
}

/** Whether two say the same. */
export function sameRows({ rows: ours }: RowsDraft, { rows: theirs }: RowsDraft): boolean {
  return ours.length === theirs.length && ours.every((row, at) => isSameRow(row, theirs[at]));
}

function isSameRow(one: RowDraft, other: RowDraft | undefined): boolean {
  if (other === undefined || one.name !== other.name) return false;
  const names = new Set([...Object.keys(one.drafts), ...Object.keys(other.drafts)]);
  return [...names].every((name) => isSame(one.drafts[name], other.drafts[name]));
}
