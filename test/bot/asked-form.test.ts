import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/agent/json.ts';
import { askedForm } from '../../src/bot/asked-form.ts';
import { readValues } from '../../src/bot/asked-values.ts';

const one = (field: JsonObject, required = true): JsonObject => ({
  type: 'object',
  properties: { it: field },
  required: required ? ['it'] : [],
});
const titled = [{ const: 'r', title: 'Red' }, { const: 'g' }];

describe('the form of what a server asks', () => {
  it.each<[string, JsonObject, object]>([
    ['text', { type: 'string', minLength: 2, maxLength: 9 }, { type: 'text', minLength: 2, maxLength: 9 }],
    ['long text', { type: 'string', maxLength: 2000 }, { type: 'paragraph', maxLength: 2000 }],
    ['e-mail', { type: 'string', format: 'email' }, { type: 'text', format: 'email' }],
    ['address', { type: 'string', format: 'uri' }, { type: 'text', format: 'uri' }],
    ['date', { type: 'string', format: 'date' }, { type: 'text', format: 'date', placeholder: 'YYYY-MM-DD' }],
    ['time', { type: 'string', format: 'date-time' }, { type: 'time' }],
    ['an unknown format', { type: 'string', format: 'hostname' }, { type: 'text' }],
    ['number', { type: 'number', minimum: 0.5 }, { type: 'number', isInteger: false, min: 0.5 }],
    ['integer', { type: 'integer', maximum: 5 }, { type: 'number', isInteger: true, max: 5 }],
    ['flag', { type: 'boolean' }, { type: 'switch' }],
    [
      'enum with names',
      { type: 'string', enum: ['r', 'g'], enumNames: ['Red'] },
      {
        type: 'choice',
        choices: [
          { value: 'r', label: 'Red' },
          { value: 'g', label: 'g' },
        ],
      },
    ],
    [
      'titled choice',
      { type: 'string', oneOf: titled },
      {
        type: 'choice',
        choices: [
          { value: 'r', label: 'Red' },
          { value: 'g', label: 'g' },
        ],
      },
    ],
    [
      'several',
      { type: 'array', items: { type: 'string', enum: ['a', 'b'] }, minItems: 1, maxItems: 2 },
      {
        type: 'texts',
        isClosed: true,
        choices: [
          { value: 'a', label: 'a' },
          { value: 'b', label: 'b' },
        ],
        minItems: 1,
        maxItems: 2,
      },
    ],
    [
      'several with titles',
      { type: 'array', items: { anyOf: titled } },
      {
        type: 'texts',
        isClosed: true,
        choices: [
          { value: 'r', label: 'Red' },
          { value: 'g', label: 'g' },
        ],
      },
    ],
    ['what is not flat', { type: 'object', properties: {} }, { type: 'json' }],
    ['what makes no sense', { type: 7, minLength: 'x' }, { type: 'json' }],
  ])('asks for %s', (_what, field, widget) => {
    expect(askedForm(one(field)).fields).toMatchObject([{ name: 'it', isRequired: true }]);
    expect(askedForm(one(field)).fields[0]?.widget).toEqual(widget);
  });

  it('says what the server says of a field', () => {
    const field = { type: 'string', title: 'Colour', description: 'Of the wall.', default: 'r' };
    expect(askedForm(one(field, false)).fields).toMatchObject([
      { label: 'Colour', help: 'Of the wall.', value: 'r', isRequired: false, isNullable: true },
    ]);
  });

  it.each<[JsonObject, boolean]>([
    [{ type: 'string', title: 'API key' }, true],
    [{ type: 'string', description: 'Your passphrase.' }, true],
    [{ type: 'string', description: 'Your name.' }, false],
    [{ type: 'boolean', title: 'Rotate the token?' }, false],
    [{ type: 'string', enum: ['a', 'b'], title: 'Which secret?' }, false],
  ])('warns of %j: %s', (field, isWarned) => {
    const help = askedForm(one(field)).fields[0]?.help ?? '';
    expect(help.startsWith('Write no password, key or other secret here')).toBe(isWarned);
    expect(help.endsWith(String(field.description ?? ''))).toBe(true);
  });

  it('is empty where nothing is asked', () => {
    expect(askedForm({}).fields).toEqual([]);
    expect(askedForm({ type: 'object', properties: 'none', required: 7 }).fields).toEqual([]);
  });
});

describe('what was filled in', () => {
  it.each<[JsonObject, unknown, unknown]>([
    [{ type: 'string' }, 'x', 'x'],
    [{ type: 'string', format: 'date' }, '2026-02-28', '2026-02-28'],
    [{ type: 'string', format: 'date-time' }, '2026-02-28T10:00:00+01:00', '2026-02-28T10:00:00+01:00'],
    [{ type: 'integer', minimum: 1 }, '3', 3],
    [{ type: 'number' }, -1.5, -1.5],
    [{ type: 'boolean' }, false, false],
    [{ type: 'string', oneOf: titled }, 'g', 'g'],
    [{ type: 'array', items: { enum: ['a', 'b'] } }, ['b'], ['b']],
    [{ type: 'object' }, { a: 1 }, { a: 1 }],
  ])('%j takes %j', (field, given, taken) => {
    expect(readValues(one(field), { it: given })).toEqual({ content: { it: taken } });
  });

  it.each<[JsonObject, unknown, string]>([
    [{ type: 'string' }, 7, 'Write a text.'],
    [{ type: 'string', minLength: 3 }, 'ab', 'Write at least 3 characters.'],
    [{ type: 'string', maxLength: 1 }, 'ab', 'Write at most 1 characters.'],
    [{ type: 'string', format: 'email' }, 'ada@', 'Write an e-mail address.'],
    [
      { type: 'string', format: 'uri' },
      'example',
      'Write a whole address, such as https://example.com/page.',
    ],
    [{ type: 'string', format: 'date' }, '2026-02-30', 'Write a date as YYYY-MM-DD.'],
    [{ type: 'integer' }, 1.5, 'Write a whole number.'],
    [{ type: 'integer', minimum: 1 }, 0, 'Write 1 or more.'],
    [{ type: 'number' }, 'many', 'Write a number.'],
    [{ type: 'number' }, '1e999', 'Write a number.'],
    [{ type: 'boolean' }, 'yes', 'Choose yes or no.'],
    [{ type: 'string', enum: ['a'] }, 'b', 'Choose one of the list.'],
    [{ type: 'array', items: { enum: ['a'] } }, ['b'], 'Choose one of the list.'],
    [{ type: 'array', items: { enum: ['a', 'b'] }, maxItems: 1 }, ['a', 'b'], 'Choose at most 1.'],
    [{ type: 'string' }, '', 'This is required.'],
    [{ type: 'array', items: { enum: ['a'] } }, [], 'This is required.'],
  ])('%j refuses %j', (field, given, sentence) => {
    const read = readValues(one(field), { it: given });
    expect('fields' in read && read.fields.it).toEqual([sentence]);
  });

  it('has the default of what was left out, and nothing of what was emptied', () => {
    const field = { type: 'integer', default: 2 };
    expect(readValues(one(field, false), {})).toEqual({ content: { it: 2 } });
    expect(readValues(one(field, false), { it: null })).toEqual({ content: {} });
    expect(readValues(one(field), { it: '' })).toEqual({ fields: { it: ['This is required.'] } });
  });

  it('has no fields that were not asked for', () => {
    expect(readValues({ properties: {} }, { toString: 'x' })).toEqual({
      fields: { toString: ['There is no such field.'] },
    });
  });
});
