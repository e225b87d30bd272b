import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  newRow,
  openRowFields,
  ownErrors,
  type RowDraft,
  type RowsDraft,
  rowErrors,
  rowsDraft,
} from '../../../adapters/web/client/manage/rows-draft.ts';
import { type Draft, isSame, writtenOf } from '../../../adapters/web/client/manage/values.ts';
import type { FormField } from '../../../src/chat/form.ts';
import { jsonWidget } from '../../../src/chat/option-schema.ts';

const limit = z.strictObject({
  per: z.enum(['user', 'model']),
  tokens: z.int().optional(),
  only: z.array(z.string()).default([]),
});

function fieldOf(schema: z.ZodType): FormField {
  const widget = jsonWidget(z.toJSONSchema(schema, { io: 'input' }));
  const common = { help: '', isReadOnly: false, isRequired: false, isNullable: false };
  return { ...common, name: 'limits', label: 'Limits', widget };
}

const list = fieldOf(z.array(limit));
const named = fieldOf(z.record(z.string(), z.union([z.boolean(), limit])));

function rowsOf({ widget }: FormField) {
  if (widget.type !== 'json' || widget.rows === undefined) throw new Error('not made of rows');
  return widget.rows;
}

function drafted(field: FormField, value: unknown): RowsDraft {
  const draft = rowsDraft(rowsOf(field), value);
  if (draft === undefined) throw new Error('no rows');
  return draft;
}

function withDrafts(row: RowDraft | undefined, drafts: Readonly<Record<string, Draft>>): RowDraft {
  if (row === undefined) throw new Error('no row');
  return { ...row, drafts: { ...row.drafts, ...drafts } };
}

describe('a list of parts that is edited', () => {
  it('says what it said before, whatever of it is written', () => {
    for (const value of [[], [{ per: 'user' }], [{ per: 'model', tokens: 5, only: ['slack:'] }]])
      expect(writtenOf(list, drafted(list, value))).toEqual({ ok: true, value });
    const object = { a: true, b: { per: 'user' }, c: false };
    expect(writtenOf(named, drafted(named, object))).toEqual({ ok: true, value: object });
  });

  it('says what is filled in, and leaves out what is not', () => {
    const row = withDrafts(newRow(rowsOf(list)), { 'row.per': 'user', 'row.tokens': '7' });
    expect(writtenOf(list, { rows: [row] })).toEqual({ ok: true, value: [{ per: 'user', tokens: 7 }] });
    expect(writtenOf(list, { rows: [newRow(rowsOf(list))] })).toEqual({ ok: true, value: [{}] });
  });

  it('asks for the fields of the shape that is chosen', () => {
    const row = newRow(rowsOf(named));
    const names = (one: RowDraft) => openRowFields(rowsOf(named), one).map(({ name }) => name);
    expect(names(row)).toEqual(['row']);
    const chosen = withDrafts(row, { row: 'object' });
    expect(names(chosen)).toEqual(['row', 'row.object.per', 'row.object.tokens', 'row.object.only']);
    const filled = { ...withDrafts(chosen, { 'row.object.per': 'user' }), name: 'ops' };
    expect(writtenOf(named, { rows: [filled] })).toEqual({ ok: true, value: { ops: { per: 'user' } } });
  });

  it('is refused with the way to what is wrong, and for names that are missing or there twice', () => {
    const [row] = drafted(list, [{ per: 'user' }]).rows;
    const wrong = withDrafts(row, { 'row.tokens': 'many' });
    expect(writtenOf(list, { rows: [wrong] })).toEqual({
      ok: false,
      sentences: ['0.tokens: Write a number.'],
    });
    const [one] = drafted(named, { a: true }).rows;
    if (one === undefined) throw new Error('no row');
    expect(writtenOf(named, { rows: [one, one] })).toMatchObject({ ok: false });
    expect(writtenOf(named, { rows: [{ ...one, name: ' ' }] })).toMatchObject({ ok: false });
  });

  it('places what the server says of it', () => {
    const draft = drafted(named, { 'host.*': { per: 'user' }, ops: true });
    const sentences = ['host.*.tokens: At least 1.', 'ops: It may not.', 'There are too few.'];
    expect(ownErrors(named, draft, sentences)).toEqual(['There are too few.']);
    const [first, second] = draft.rows;
    const [plain] = drafted(list, [{ per: 'user' }]).rows;
    if (first === undefined || second === undefined || plain === undefined) throw new Error('no rows');
    expect(rowErrors(rowsOf(named), second, { sentences, place: 'ops' })).toEqual({
      fields: { row: ['It may not.'] },
      others: [],
    });
    const odd = ['0.tokens: At least 1.', '0.per looks odd.', '0.only.3: Too short.', '1.per: Not this one.'];
    expect(rowErrors(rowsOf(list), plain, { sentences: odd, place: '0' })).toEqual({
      fields: { 'row.tokens': ['At least 1.'], 'row.only': ['3: Too short.'] },
      others: ['per looks odd.'],
    });
    const own = ['host.*.object.tokens: Write a number.', ...sentences];
    expect(rowErrors(rowsOf(named), first, { sentences: own, place: 'host.*' }).fields).toEqual({
      'row.object.tokens': ['Write a number.', 'At least 1.'],
    });
  });

  it('is the same as another that says the same, and stays JSON where it is made of something else', () => {
    expect(isSame(drafted(list, [{ per: 'user' }]), drafted(list, [{ per: 'user' }]))).toBe(true);
    expect(isSame(drafted(list, [{ per: 'user' }]), drafted(list, [{ per: 'model' }]))).toBe(false);
    expect(isSame(drafted(list, []), '[]')).toBe(false);
    expect(rowsDraft(rowsOf(list), { a: 1 })).toBeUndefined();
  });
});
