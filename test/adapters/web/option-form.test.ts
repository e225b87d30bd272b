import { describe, expect, it } from 'vitest';
import {
  begunWith,
  carriedOver,
  configOf,
  drawnErrors,
  drawnForm,
  foldedDraft,
  formOfValues,
  isOption,
  type OptionForm,
  optionDrafts,
} from '../../../adapters/web/client/manage/option-form.ts';
import type { Row } from '../../../adapters/web/client/manage/rest.ts';
import { type Drafts, draftsOf } from '../../../adapters/web/client/manage/values.ts';
import type { Form } from '../../../src/chat/form.ts';
import type { OptionSets } from '../../../src/chat/option.ts';
import { knownOptions } from '../../../src/chat/option-schema.ts';
import { field } from './fake-fields.ts';

const form: Form = {
  title: 'New',
  submit: 'Create',
  fields: [
    field('name', { type: 'text' }, { value: '' }),
    field('type', { type: 'reference', resource: 'types' }, { isRequired: true }),
    field('config', { type: 'json' }, { value: {} }),
  ],
};

const whole = { type: 'integer', minimum: 1 };
const sets: OptionSets = {
  of: 'config',
  by: 'type',
  choices: ['Limit', 'Retry', 'Own'].map((value) => ({ value, label: value })),
  sets: {
    Limit: knownOptions({
      ...{ type: 'object', additionalProperties: false },
      properties: {
        count: whole,
        mode: { enum: ['end', 'error'], default: 'end' },
        rate: { type: 'number' },
      },
    }),
    Retry: knownOptions({
      ...{ type: 'object', additionalProperties: false },
      properties: { count: whole, mode: { enum: ['error', 'wait'] }, rate: { type: 'string' } },
    }),
  },
};

const stored = {
  id: '1',
  display: 'One',
  name: 'one',
  type: { id: 't', name: 'Limit' },
  config: { count: 3 },
};

/** The form of a row, and its fields as they begin. */
function begun(row: Row = stored, isJson = false) {
  const optionForm: OptionForm = { form: formOfValues(form, row, sets), options: sets, isJson };
  const base = draftsOf(drawnForm(optionForm), undefined);
  return { optionForm, base, with: (drafts: Drafts): Drafts => ({ ...base, ...drafts }) };
}

const drawnNames = (optionForm: OptionForm) => drawnForm(optionForm).fields.map(({ name }) => name);

describe('a form one of whose fields has options', () => {
  it('knows what decides by its name, and all else as it is stored', () => {
    const values = formOfValues(form, stored, sets).fields.map(({ value }) => value);
    expect(values).toEqual(['one', 'Limit', { count: 3 }]);
    expect(formOfValues(form, undefined, sets)).toBe(form);
  });

  it('has a field for each option of each choice, or the one JSON field', () => {
    expect(drawnNames(begun().optionForm)).toEqual([
      ...['name', 'type', 'config@Limit.count', 'config@Limit.mode', 'config@Limit.rate'],
      ...['config@Retry.count', 'config@Retry.mode', 'config@Retry.rate', 'config'],
    ]);
    expect(drawnNames(begun(stored, true).optionForm)).toEqual(['name', 'type', 'config']);
    expect(drawnNames({ form, options: undefined, isJson: false })).toEqual(['name', 'type', 'config']);
  });

  it('offers the same choices whichever way it is written', () => {
    for (const isJson of [false, true]) {
      const type = drawnForm(begun(stored, isJson).optionForm).fields.find(({ name }) => name === 'type');
      expect(type?.widget).toMatchObject({ type: 'reference', choices: sets.choices });
    }
  });

  it('tells the fields of options from all others', () => {
    const names = ['name', 'type', 'config', 'config@Limit.count'];
    expect(names.map((name) => isOption(sets, name))).toEqual([false, false, true, true]);
    expect(isOption(undefined, 'config')).toBe(false);
  });

  it('puts together what is written, and keeps what nobody touched', () => {
    const { optionForm, base, with: drafted } = begun();
    expect(foldedDraft(optionForm, base, base)).toEqual({ ok: true, value: { count: 3 } });
    const drafts = drafted({ 'config@Limit.rate': '0.5' });
    expect(foldedDraft(optionForm, drafts, base)).toEqual({ ok: true, value: { count: 3, rate: 0.5 } });
    const emptied = drafted({ 'config@Limit.count': '' });
    expect(foldedDraft(optionForm, emptied, base)).toEqual({ ok: true, value: {} });
  });

  it('takes nothing of another choice along', () => {
    const { optionForm, base, with: drafted } = begun();
    const drafts = drafted({ type: 'Retry', 'config@Limit.rate': '0.5', 'config@Retry.rate': 'fast' });
    expect(foldedDraft(optionForm, drafts, base)).toEqual({ ok: true, value: { rate: 'fast' } });
  });

  it('says at its field what cannot be sent', () => {
    const { optionForm, base, with: drafted } = begun();
    const drafts = drafted({ 'config@Limit.count': 'many' });
    expect(foldedDraft(optionForm, drafts, base)).toEqual({
      ok: false,
      errors: { 'config@Limit.count': ['Write a number.'] },
    });
  });

  it('takes JSON as it is written, and says where that is none', () => {
    const { optionForm, base, with: drafted } = begun(stored, true);
    expect(foldedDraft(optionForm, drafted({ config: '{"count": 9}' }), base)).toEqual({
      ...{ ok: true, value: { count: 9 } },
    });
    expect(foldedDraft(optionForm, drafted({ config: '' }), base)).toEqual({ ok: true, value: {} });
    const broken = foldedDraft(optionForm, drafted({ config: '{' }), base);
    expect(broken).toMatchObject({
      ok: false,
      errors: { config: [expect.stringMatching(/not valid JSON/)] },
    });
  });

  it('puts nothing together where nobody knows the options', () => {
    expect(foldedDraft({ form, options: undefined, isJson: false }, {}, {})).toBeUndefined();
  });

  it('begins anew with what was written as JSON, under what is chosen now', () => {
    const { optionForm, with: drafted } = begun();
    const now = begunWith(optionForm, { mode: 'wait' }, drafted({ type: 'Retry' }));
    expect(configOf(now, sets)).toEqual({ mode: 'wait' });
    const drafts = optionDrafts({ ...optionForm, form: now });
    expect(drafts).toMatchObject({ 'config@Retry.mode': 'wait', 'config@Limit.count': '' });
    expect(Object.keys(drafts).every((name) => isOption(sets, name))).toBe(true);
  });

  it('says what is wrong with the JSON field at the option that it is about', () => {
    const { optionForm, base } = begun();
    const errors = { name: ['Taken.'], config: ['count: At least 1.', 'mode: Choose one.'] };
    expect(drawnErrors(optionForm, base, errors)).toEqual({
      name: ['Taken.'],
      'config@Limit.count': ['At least 1.'],
      'config@Limit.mode': ['Choose one.'],
    });
    expect(drawnErrors({ ...optionForm, isJson: true }, base, errors)).toBe(errors);
  });

  it('carries over to another choice what fits there, and what was written alone', () => {
    const { optionForm, with: drafted } = begun({ ...stored, config: {} });
    const written = { 'config@Limit.count': '7', 'config@Limit.mode': 'error', 'config@Limit.rate': '2' };
    const carried = carriedOver(optionForm, drafted({ type: 'Limit', ...written }), 'Retry');
    expect(carried).toMatchObject({ 'config@Retry.count': '7', 'config@Retry.mode': 'error' });
    expect(carried['config@Retry.rate']).toBe('');
    const untouched = carriedOver(optionForm, drafted({ type: 'Limit' }), 'Retry');
    expect(untouched['config@Retry.mode']).toBe('');
    const foreign = carriedOver(optionForm, drafted({ type: 'Retry', 'config@Retry.mode': 'wait' }), 'Limit');
    expect(foreign['config@Limit.mode']).toBe('end');
  });

  it('carries nothing over while it is written as JSON', () => {
    const { optionForm, base } = begun(stored, true);
    expect(carriedOver(optionForm, base, 'Retry')).toBe(base);
  });
});
