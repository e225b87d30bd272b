import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hintOf } from '../../src/chat/asked-fields.ts';
import type { Widget } from '../../src/chat/form.ts';
import type { Option } from '../../src/chat/option.ts';
import { jsonWidget, knownOptions } from '../../src/chat/option-schema.ts';

const schemaOf = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });

function optionOf(schema: z.ZodType): Option {
  const [option] = knownOptions(schemaOf(z.object({ it: schema }))).options;
  if (option === undefined) throw new Error('no option');
  return option;
}

const widgetOf = (schema: z.ZodType) => optionOf(schema).field.widget;
const yesOrNo = [
  { value: 'true', label: 'Yes' },
  { value: 'false', label: 'No' },
];

describe('an option of a schema is asked for as', () => {
  const cases: readonly (readonly [string, z.ZodType, Widget])[] = [
    ['a switch where it is on or off by default', z.boolean().default(true), { type: 'switch' }],
    ['yes, no or neither where it is not', z.boolean().optional(), { type: 'choice', choices: yesOrNo }],
    ['the same where it may be null', z.boolean().nullish(), { type: 'choice', choices: yesOrNo }],
    [
      'a number within its limits',
      z.int().min(1).max(9),
      { type: 'number', isInteger: true, min: 1, max: 9 },
    ],
    ['a choice of words', z.enum(['a', 'b']), { type: 'choice', choices: ['a', 'b'].map(same) }],
    ['a choice of numbers', z.literal([1, 2]), { type: 'choice', choices: ['1', '2'].map(same) }],
    ['lines of text', z.array(z.string()), { type: 'texts' }],
    ['names with texts', z.record(z.string(), z.string()), { type: 'pairs' }],
    ['JSON where it may be anything', z.json(), { type: 'json' }],
  ];

  it.each(cases)('%s', (_words, schema, widget) => {
    expect(widgetOf(schema)).toEqual(widget);
  });

  it('one choice of all the words, numbers and flags that it may be', () => {
    const { field, meanings, made } = optionOf(z.union([z.boolean(), z.enum(['low', 'high']), z.literal(3)]));
    expect(field.widget).toEqual({
      type: 'choice',
      choices: [...yesOrNo, ...['low', 'high', '3'].map(same)],
    });
    expect(meanings).toEqual({ true: true, false: false, 3: 3 });
    expect(made).toBeUndefined();
  });

  it('a choice of shapes, called by what each says of itself', () => {
    const shapes = z.union([
      z.literal('auto'),
      z.int(),
      z.strictObject({ kind: z.literal('fixed'), size: z.int() }),
      z.strictObject({ a: z.string().optional() }).describe('Both together.'),
    ]);
    const { field, made } = optionOf(shapes);
    expect(field.widget).toMatchObject({
      choices: [
        { value: 'auto', label: 'auto' },
        { value: 'integer', label: 'A whole number' },
        { value: 'object', label: 'fixed' },
        { value: 'object2', label: 'Both together' },
      ],
    });
    expect(made).toMatchObject({
      type: 'shapes',
      shapes: {
        integer: { field: { label: 'It: a whole number', isRequired: true } },
        object: { made: { known: { fixed: [{ name: 'kind', value: 'fixed', isRequired: true }] } } },
      },
    });
  });

  it('the options of an object, named after it', () => {
    const { made } = optionOf(
      z.strictObject({ base_url: z.url(), tokens: z.int().optional() }).describe('Where.'),
    );
    const labels =
      made?.type === 'object' ? made.known.options.map(({ field }) => [field.label, field.help]) : [];
    expect(labels).toEqual([
      ['It: base URL', 'Where.'],
      ['It: tokens', ''],
    ]);
  });
});

describe('JSON of a schema', () => {
  const limit = z.strictObject({ per: z.enum(['user', 'model']), tokens: z.int().min(5).optional() });

  it('says what it is made of, and gives an example', () => {
    const list = jsonWidget(schemaOf(z.array(limit).max(20)));
    expect(list).toMatchObject({
      rows: { isNamed: false, maxItems: 20 },
      example: [{ per: 'user', tokens: 5 }],
    });
    const named = jsonWidget(schemaOf(z.record(z.string(), z.union([z.boolean(), limit]))));
    expect(named).toMatchObject({ rows: { isNamed: true }, example: { name: { per: 'user', tokens: 5 } } });
    expect(jsonWidget(schemaOf(z.array(z.number())))).toEqual({ type: 'json', example: [1] });
  });

  it('is explained by its example where it cannot be drawn', () => {
    const { field } = optionOf(z.array(limit).describe('All of them hold.'));
    expect(hintOf(field)).toBe('All of them hold. As JSON, such as [{"per":"user","tokens":5}].');
  });

  it('leaves out what is refused by its name', () => {
    const each = jsonWidget(schemaOf(z.array(z.strictObject({ a: z.string(), when: z.never().optional() }))));
    expect(JSON.stringify(each)).not.toContain('when');
  });
});

function same(value: string) {
  return { value, label: value };
}
