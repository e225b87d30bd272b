import { describe, expect, it } from 'vitest';
import { filledOf as filledInSlack } from '../../adapters/slack/filled.ts';
import { formView } from '../../adapters/slack/forms.ts';
import { filledOf as filledInTeams, inputId, isManyOf } from '../../adapters/teams/filled.ts';
import { written } from '../../adapters/teams/form-inputs.ts';
import type { JsonObject } from '../../src/agent/json.ts';
import { editedIn } from '../../src/bot/editing.ts';
import { editForm } from '../../src/bot/editing-form.ts';
import type { Approval } from '../../src/bot/port.ts';
import { editableText } from '../../src/chat/asked-fields.ts';
import type { FormField } from '../../src/chat/form.ts';
import { at, isRecord, type Json, records, textOf } from '../../src/chat/json.ts';
import { checkView } from '../fakes/slack/blocks.ts';

const text = { type: 'string' };
const many = Array.from({ length: 120 }, (_, n) => `host-${n}`);

function approval(args: JsonObject, properties: JsonObject, more: Partial<Approval> = {}): Approval {
  return {
    ...{ id: '1', turnId: 't', threadId: 'web:a:t', callId: 'c', tool: 'ops__write', effect: 'write' },
    arguments: args,
    digest: 'd',
    askedBy: { principal: 'token:ada', name: 'Ada' },
    policyVersion: '1',
    deciders: { permission: 'approve' },
    schemas: [{ type: 'object', properties }],
    ...{ state: 'pending', spent: false, expiresAt: new Date(0) },
    ...more,
  };
}

const fieldOf = (asked: Approval, name: string): FormField => {
  const found = editForm(asked).fields.find((field) => field.name === name);
  if (found === undefined) throw new Error(`There is no field ${name}.`);
  return found;
};

/** What Slack sends of a modal that nobody touches but for some texts. */
function bySlack(asked: Approval, typed: Readonly<Record<string, string>> = {}) {
  const form = editForm(asked);
  const view = formView(form, { path: '', channel: '' });
  checkView(view);
  const inputs = records(view.blocks).filter(({ type }) => type === 'input');
  const entries = inputs.map((block): [string, Json] => {
    const name = textOf(block.block_id);
    const initial = at(block, 'element', 'initial_value');
    const chosen = at(block, 'element', 'initial_option');
    const ticked = at(block, 'element', 'initial_options');
    const value = typed[name] ?? (initial === undefined ? null : initial);
    return [name, { value: { value, selected_option: chosen ?? null, selected_options: ticked ?? [] } }];
  });
  return filledInSlack(form, { values: Object.fromEntries(entries) });
}

/** The same of a dialog of Teams. */
function byTeams(asked: Approval, typed: Readonly<Record<string, string>> = {}) {
  const form = editForm(asked);
  const shown = form.fields.map(({ name }) => name);
  const inputs = form.fields.map((field) => [
    inputId(field.name),
    typed[field.name] ?? inListOrder(field, written(field, field.value)),
  ]);
  return filledInTeams(form, { ...Object.fromEntries(inputs), shown });
}

/** Clients name several choices in the order of the list. */
function inListOrder(field: FormField, value: string): string {
  if (!isManyOf(field) || field.widget.type !== 'texts') return value;
  const chosen = value.split(',');
  const listed = field.widget.choices ?? [];
  return listed
    .map((choice) => choice.value)
    .filter((one) => chosen.includes(one))
    .join(',');
}

const platforms = { Slack: bySlack, Teams: byTeams };

describe.each(Object.entries(platforms))('the arguments of a call, edited in %s', (_platform, filled) => {
  const yaml = approval({ yaml: '  a: 1\n  b: 2\n', dry: true }, { yaml: text, dry: { type: 'boolean' } });

  it('run as they are written, with every space', async () => {
    const { values, errors } = filled(yaml, { yaml: '  a: 1\n  b: 3\n' });
    expect(errors).toEqual({});
    expect(await editedIn(yaml, { values })).toEqual({ edited: { yaml: '  a: 1\n  b: 3\n', dry: true } });
  });

  it('are changed where only the last line end is taken away', async () => {
    const { values } = filled(yaml, { yaml: '  a: 1\n  b: 2' });
    expect(await editedIn(yaml, { values })).toEqual({ edited: { yaml: '  a: 1\n  b: 2', dry: true } });
  });

  it.each<[what: string, args: JsonObject, properties: JsonObject, required?: readonly string[]]>([
    ['a text with spaces around', { a: '  x ' }, { a: text }],
    ['an empty text that is needed', { a: '' }, { a: text }, ['a']],
    ['an empty text that is not', { a: '' }, { a: text }],
    ['a text with other line ends', { a: 'x\r\ny\u0007' }, { a: text }],
    ['an address with a space', { a: ' https://x.test ' }, { a: { ...text, format: 'uri' } }],
    ['the hundred and tenth of many choices', { a: 'host-110' }, { a: { ...text, enum: many } }],
    ['an empty choice', { a: '' }, { a: { ...text, enum: ['', 'x'] } }],
    ['a choice with a space', { a: ' x' }, { a: { ...text, enum: [' x', 'x'] } }],
    ['a choice longer than options are', { a: 'y'.repeat(200) }, { a: { enum: ['y'.repeat(200), 'z'] } }],
    ['items with spaces', { a: [' x', 'y '] }, { a: { type: 'array', items: { enum: [' x', 'y '] } } }],
    ['an empty item', { a: ['', 'y'] }, { a: { type: 'array', items: { enum: ['', 'y'] } } }],
    [
      'items in an order of their own',
      { a: ['y', 'x'] },
      { a: { type: 'array', items: { enum: ['x', 'y'] } } },
    ],
    ['the smallest numbers', { a: 1e-7 }, { a: { type: 'number', minimum: 1e-9 } }],
    ['null', { a: null }, { a: { type: ['string', 'null'] } }],
    ['null that is needed', { a: null }, { a: {} }, ['a']],
    ['text longer than inputs', { a: 'x'.repeat(9000) }, { a: { ...text, maxLength: 20_000 } }],
    ['an object', { a: { b: ['  c'] } }, { a: { type: 'object' } }],
    ['arguments that nobody lists', { a: ' x ' }, {}],
  ])('stay as they are untouched: %s', async (_what, args, properties, required = []) => {
    const asked = approval(args, properties, { schemas: [{ type: 'object', properties, required }] });
    const { values, errors } = filled(asked);
    expect(errors).toEqual({});
    expect(await editedIn(asked, { values })).toEqual({});
  });
});

describe('the form of a call', () => {
  it('draws as JSON what its own kind of field would give back otherwise', () => {
    const asked = approval(
      { a: 'x\ry', b: ['', 'y'], c: 'plain' },
      {
        a: text,
        b: { type: 'array', items: { enum: ['', 'y'] } },
        c: text,
      },
    );
    expect(['a', 'b', 'c'].map((name) => fieldOf(asked, name).widget.type)).toEqual(['json', 'json', 'text']);
  });

  it('draws as text what no select holds, and checks it all the same', async () => {
    const asked = approval({ a: 'host-1' }, { a: { ...text, enum: many } });
    expect(fieldOf(asked, 'a').widget.type).toBe('text');
    await expect(editedIn(asked, { values: { a: 'other' } })).rejects.toMatchObject({
      fields: { a: ['Choose one of the list.'] },
    });
  });

  it('takes other values to the letter over HTTP too, and no nothing for all arguments', async () => {
    const asked = approval({ a: 'x\n' }, { a: text });
    expect(await editedIn(asked, { values: { a: 'x' } })).toEqual({ edited: { a: 'x' } });
    await expect(editedIn(approval({ a: 1 }, {}), { values: { arguments: null } })).rejects.toMatchObject({
      fields: { arguments: ['Write a JSON object.'] },
    });
  });

  it('is one that Slack takes, whatever the tool calls its arguments', () => {
    const quoted = { a: Array.from({ length: 80 }, (_, n) => ({ n, name: 'x' })) };
    const asked = approval(
      { ...quoted, ['n'.repeat(300)]: 'x', c: 1e-7, d: 'x'.repeat(20) },
      {
        a: { type: 'array' },
        ['n'.repeat(300)]: text,
        b: { ...text, enum: ['', 'x'] },
        c: { type: 'number', maximum: 1e21 },
        d: { ...text, maxLength: 3 },
      },
    );
    const view = formView(editForm(asked), { path: '', channel: '' });
    expect(() => checkView(view)).not.toThrow();
    const shown = records(view.blocks).map(({ block_id: id }) => id);
    expect(shown).toEqual(expect.arrayContaining(['b', 'c', 'd']));
    expect(shown).not.toContain('a');
    const number = records(view.blocks).find(({ block_id: id }) => id === 'c');
    expect(at(number, 'element')).toMatchObject({ type: 'plain_text_input', initial_value: '1e-7' });
  });
});

describe('what is checked of an edit', () => {
  const edit = (schemas: readonly JsonObject[], args: JsonObject) =>
    editedIn(approval({ a: 0 }, {}, { schemas }), { arguments: args }).catch((error: unknown) =>
      isRecord(error) ? error.fields : error,
    );

  it('is refused where a schema that was added makes no sense, and not where the tool’s own does', async () => {
    const odd = { properties: { a: { $ref: 'https://x.test/y' } } };
    expect(await edit([odd], { a: 1 })).toEqual({ edited: { a: 1 } });
    expect(await edit([{}, odd], { a: 1 })).toEqual({ arguments: [expect.stringContaining('args_schema')] });
  });

  it('is refused when it is not checked in time, while everything else goes on', async () => {
    let ticks = 0;
    const ticking = setInterval(() => {
      ticks += 1;
    }, 20);
    const lists = Array.from({ length: 60_000 }, (_, n) => [n]);
    const refused = await edit([{ properties: { a: { uniqueItems: true } } }], { a: lists });
    clearInterval(ticking);
    expect(refused).toEqual({ arguments: [expect.stringContaining('could not be checked in time')] });
    expect(ticks).toBeGreaterThan(10);
  });

  it('is refused when forms nest so deep that nobody could try them all', async () => {
    let nested: JsonObject = { type: 'array' };
    for (let depth = 0; depth < 22; depth += 1)
      nested = { anyOf: [{ allOf: [nested] }, { allOf: [nested] }] };
    expect(await edit([{ properties: { a: nested } }], { a: 1 })).toEqual({
      arguments: [expect.stringContaining('could not be checked in time')],
    });
  });
});

describe('a field as it is drawn', () => {
  it('shows null as JSON where it counts to the letter', () => {
    const field = fieldOf(approval({ a: null }, { a: {} }), 'a');
    expect(editableText(field, null)).toBe('null');
    expect(editableText({ ...field, widget: { type: 'text' } }, null)).toBe('');
  });
});
