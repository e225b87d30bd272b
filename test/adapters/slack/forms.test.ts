import { describe, expect, it } from 'vitest';
import { errorsByBlock, filledOf } from '../../../adapters/slack/filled.ts';
import { formView, loadingView } from '../../../adapters/slack/forms.ts';
import type { Form, FormField, Widget } from '../../../src/chat/form.ts';
import { checkView } from '../../fakes/slack/blocks.ts';

const field = (name: string, widget: Widget, more: Partial<FormField> = {}): FormField => ({
  name,
  label: name,
  help: 'Help.',
  widget,
  isRequired: false,
  isNullable: false,
  isReadOnly: false,
  ...more,
});

const form: Form = {
  title: 'New thing with a title that is too long for a modal',
  submit: 'Create',
  fields: [
    field('name', { type: 'text', maxLength: 5000 }, { isRequired: true, value: 'web' }),
    field(
      'kind',
      {
        type: 'choice',
        choices: [
          { value: 'a', label: 'A' },
          { value: 'b', label: 'B' },
        ],
      },
      { value: 'a' },
    ),
    field('only_b', { type: 'text' }, { shownWhen: { field: 'kind', in: ['b'] } }),
    field('count', { type: 'number', isInteger: true, min: 1 }, { value: 3, isNullable: true }),
    field('on', { type: 'switch' }, { value: true }),
    field('lines', { type: 'texts' }, { value: ['x', 'y'] }),
    field('env', { type: 'pairs' }, { value: { A: '1' } }),
    field('settings', { type: 'json' }, { value: { top_p: 1 } }),
    field('model', { type: 'reference', resource: 'llm-models' }, { value: 'gpt', isNullable: true }),
    field('key', { type: 'secret' }),
    field('to', { type: 'principal' }, { value: 'group:sre' }),
    field('where', { type: 'place' }, { value: 'slack:T1:COPS' }),
    field('elsewhere', { type: 'place' }, { value: 'web:ops' }),
    field('until', { type: 'time' }, { value: '2027-01-31T09:00:30.500Z', isNullable: true }),
    field('origin', { type: 'text' }, { isReadOnly: true, value: 'admin' }),
  ],
};
const place = { path: 'things', channel: 'C1' };
const inputs = (view: Readonly<Record<string, unknown>>) => JSON.stringify(view.blocks);

describe('a form as a modal', () => {
  it('is what Slack takes, with each kind of field', () => {
    expect(() => checkView(formView(form, place))).not.toThrow();
    expect(() => checkView(JSON.parse(JSON.stringify(loadingView())))).not.toThrow();
  });

  it('asks for what depends on another field only while it applies, and never for what nobody writes', () => {
    expect(inputs(formView(form, place))).not.toContain('only_b');
    expect(inputs(formView(form, place, { kind: 'b' }))).toContain('only_b');
    expect(inputs(formView(form, place))).not.toContain('origin');
  });

  it('reads back what was filled in, by the kinds of the fields', () => {
    const state = {
      values: {
        name: { value: { type: 'plain_text_input', value: ' web ' } },
        kind: { form_decides: { selected_option: { value: 'b' } } },
        count: { value: { value: '7' } },
        on: { value: { selected_options: [] } },
        lines: { value: { value: 'x\n\n y ' } },
        env: { value: { value: 'A=1\nB=c=d' } },
        settings: { value: { value: '{"top_p": 0.5}' } },
        model: { 'form_choices:llm-models': { selected_option: null } },
        key: { value: { value: null } },
        to: { form_principals: { selected_option: { value: 'slack:T1:UALICE' } } },
        where: { value: { selected_conversation: 'CNEW' } },
        elsewhere: { value: { value: 'web:ops' } },
        until: { value: { selected_date_time: 1_801_389_600 } },
      },
    };
    expect(filledOf(form, state, 'T1')).toEqual({
      errors: {},
      values: {
        name: 'web',
        kind: 'b',
        count: 7,
        on: false,
        lines: ['x', 'y'],
        env: { A: '1', B: 'c=d' },
        settings: { top_p: 0.5 },
        model: null,
        key: '',
        to: 'slack:T1:UALICE',
        where: 'slack:T1:CNEW',
        elsewhere: 'web:ops',
        until: '2027-01-31T10:00:00.000Z',
      },
    });
  });

  it('lets channels and points in time be chosen, and keeps what nobody changed to the letter', () => {
    const view = inputs(formView(form, place));
    expect(view).toContain('"type":"conversations_select"');
    expect(view).toContain('"initial_conversation":"COPS"');
    expect(view).toContain('"initial_value":"web:ops"');
    expect(view).toContain('"initial_date_time":1801386030');
    const state = { values: { until: { value: { selected_date_time: 1_801_386_000 } } } };
    expect(filledOf(form, state).values).toEqual({ until: '2027-01-31T09:00:30.500Z' });
    const nothing = { values: { until: { value: { selected_date_time: null } } } };
    expect(filledOf(form, nothing).values).toEqual({ until: null });
  });

  it('has a choice of nothing, which Slack takes as a sign alone', () => {
    const choices = [
      { value: '', label: '—' },
      { value: 'a', label: 'A' },
    ];
    const asking = (value: string): Form => ({
      ...form,
      fields: [field('what', { type: 'choice', choices }, { value })],
    });
    expect(() => checkView(formView(asking(''), place))).not.toThrow();
    expect(inputs(formView(asking(''), place))).toMatch(/"initial_option":\{[^}]*\},"value":"∅"/);
    const state = (value: string) => ({ values: { what: { value: { selected_option: { value } } } } });
    expect(filledOf(asking('a'), state('∅')).values).toEqual({ what: '' });
    expect(filledOf(asking(''), state('a')).values).toEqual({ what: 'a' });
  });

  it('says what cannot be read at its field', () => {
    const state = {
      values: {
        settings: { value: { value: '{' } },
        env: { value: { value: 'oops' } },
        count: { value: { value: 'many' } },
      },
    };
    expect(Object.keys(filledOf(form, state).errors).sort()).toEqual(['count', 'env', 'settings']);
  });

  it('leaves out what its inputs do not hold, and says so', () => {
    const long = 'x'.repeat(4000);
    const view = formView(form, place, { lines: [long] });
    expect(() => checkView(view)).not.toThrow();
    expect(inputs(view)).not.toContain('xxx');
    expect(inputs(view)).toContain('*lines*: too long for a form in Slack');
  });

  it('shows what changes and a button to test above and below its fields, within 100 blocks', () => {
    const many = Array.from({ length: 150 }, (_unused, n) => field(`f${n}`, { type: 'text' }));
    const notice = Array.from({ length: 300 }, (_unused, n) => `- line ${n} of the notice`).join('\n');
    const view = formView(
      { ...form, fields: many },
      { ...place, id: 'x', seen: 'y' },
      {},
      { notice, canTry: true },
    );
    expect(() => checkView(view)).not.toThrow();
    expect(inputs(view)).toContain('form_try');
    expect(view.submit).toMatchObject({ text: 'Create' });
    expect(formView(form, { ...place, id: 'x' }).submit).toMatchObject({ text: 'Review' });
  });

  it('shows an error of a field that is not there at the first one', () => {
    const view = formView(form, place);
    expect(errorsByBlock({ origin: ['Not yours.'], count: ['Too many.'] }, view)).toEqual({
      name: 'origin: Not yours.',
      count: 'Too many.',
    });
  });
});
