import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/agent/json.ts';
import { misfitsOf, schemaProblem } from '../../src/agent/schema-check.ts';

const said = (schema: Json, value: Json) =>
  misfitsOf(schema, value).map(({ path, sentence }) => [...path, sentence].join(' '));
const of = (properties: Json, more: object = {}) => ({ type: 'object', properties, ...more });

describe('what does not fit a schema', () => {
  it.each<[what: string, schema: Json, value: Json, misfits: readonly string[]]>([
    ['anything fits nothing', {}, { a: 1 }, []],
    ['anything fits true', true, 1, []],
    ['a text', of({ a: { type: 'string' } }), { a: 1 }, ['a Write a text.']],
    ['one of two types', of({ a: { type: ['string', 'null'] } }), { a: null }, []],
    ['a whole number', of({ a: { type: 'integer' } }), { a: 1.5 }, ['a Write a whole number.']],
    ['an unknown type', of({ a: { type: 'colour' } }), { a: 1 }, []],
    ['what is needed', of({}, { required: ['a'] }), {}, ['a This is required.']],
    ['a stray name', of({}, { additionalProperties: false }), { b: 1 }, ['b There is no such field.']],
    ['other names', of({}, { additionalProperties: { type: 'string' } }), { b: 1 }, ['b Write a text.']],
    [
      'names by a pattern',
      of({}, { patternProperties: { '^b': {} }, additionalProperties: false }),
      { b: 1 },
      [],
    ],
    ['a choice', of({ a: { enum: ['x', 2] } }), { a: 'y' }, ['a Choose one of: x, 2.']],
    ['a constant', of({ a: { const: 3 } }), { a: 4 }, ['a Choose one of: 3.']],
    ['a range', of({ a: { minimum: 2, maximum: 4 } }), { a: 5 }, ['a Write 4 or less.']],
    ['an open range', of({ a: { exclusiveMinimum: 2 } }), { a: 2 }, ['a Write more than 2.']],
    ['a step', of({ a: { multipleOf: 0.1 } }), { a: 0.3 }, []],
    ['a length', of({ a: { minLength: 3 } }), { a: 'ab' }, ['a Write at least 3 characters.']],
    ['a pattern', of({ a: { pattern: '^https' } }), { a: 'ftp' }, ['a This must match ^https.']],
    ['a pattern that nobody knows', of({ a: { pattern: '(?<=x)(' } }), { a: 'ftp' }, []],
    [
      'a list',
      of({ a: { type: 'array', items: { type: 'string' }, maxItems: 1, uniqueItems: true } }),
      { a: ['x', 'x', 2] },
      ['a Give at most 1.', 'a 2 Write a text.', 'a Give each once.'],
    ],
    [
      'what lies within',
      of({ a: of({ b: { type: 'number' } }) }),
      { a: { b: 'x' } },
      ['a b Write a number.'],
    ],
    ['one of several', of({ a: { anyOf: [{ type: 'string' }, { type: 'null' }] } }), { a: null }, []],
    [
      'none of several',
      of({ a: { oneOf: [{ type: 'string' }, { type: 'null' }] } }),
      { a: 1 },
      ['a This fits none of the forms that it may have.'],
    ],
    ['all of several', of({}, { allOf: [{ required: ['a'] }] }), {}, ['a This is required.']],
    [
      'what is said elsewhere',
      { ...of({ a: { $ref: '#/$defs/x~1y' } }), $defs: { 'x/y': { type: 'string' } } },
      { a: 1 },
      ['a Write a text.'],
    ],
    [
      'none of several that are said elsewhere',
      {
        ...of({ a: { anyOf: [{ $ref: '#/$defs/x' }, { type: 'null' }] } }),
        $defs: { x: { type: 'string' } },
      },
      { a: 1 },
      ['a This fits none of the forms that it may have.'],
    ],
    [
      'a schema of an older draft',
      { $schema: 'http://json-schema.org/draft-07/schema#', required: ['a'] },
      {},
      ['a This is required.'],
    ],
    ['what is said in another file', of({ a: { $ref: 'https://x.test/y' } }), { a: 1 }, []],
    ['what must not be', of({ a: { not: { type: 'string' } } }), { a: 'x' }, ['a This is not allowed here.']],
    [
      'a keyword that has no words',
      of({ a: { minProperties: 1 } }),
      { a: {} },
      ['a This does not fit what is allowed.'],
    ],
    ['more than one of several', of({ a: { oneOf: [{}, { type: 'string' }] } }), { a: 'x' }, []],
    ['a name', of({}, { propertyNames: { maxLength: 1 } }), { ab: 1 }, ['ab Write at most 1 characters.']],
    [
      'what holds only sometimes',
      JSON.parse('{"if":{"required":["a"]},"then":{"required":["b"]}}'),
      { a: 1 },
      ['b This is required.'],
    ],
    [
      'a name that begins like that of a choice',
      of({ a: { anyOf: [{ type: 'string' }] }, ab: { anyOf: [{ type: 'null' }] } }),
      { a: 1, ab: null },
      ['a This fits none of the forms that it may have.'],
    ],
  ])('%s', (_what, schema, value, misfits) => {
    expect(said(schema, value)).toEqual(misfits);
  });

  it('ends with a schema that refers to itself', () => {
    const self = { anyOf: [{ $ref: '#' }, { allOf: [{ $ref: '#' }, { $ref: '#' }] }], type: 'object' };
    expect(said(self, {})).toEqual([]);
  });

  it('is found in no time by a pattern that keeps others busy', () => {
    const startedAt = performance.now();
    expect(said({ pattern: '^(a+)+$' }, `${'a'.repeat(5000)}b`)).toHaveLength(1);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});

describe('a schema that was added', () => {
  const added = (schema: Json, value: Json) =>
    misfitsOf(schema, value, 'added').map(({ path, sentence }) => [...path, sentence].join(' '));

  it.each<[what: string, schema: Json, value: Json, misfit: string]>([
    ['what must not be', of({ a: { not: { const: 'x' } } }), { a: 'x' }, 'a This is not allowed here.'],
    ['a stray name', { unevaluatedProperties: false }, { b: 1 }, 'b There is no such field.'],
    ['too many names', { maxProperties: 1 }, { a: 1, b: 2 }, 'This does not fit what is allowed.'],
    ['what needs another', { dependentRequired: { a: ['b'] } }, { a: 1 }, 'b This is required.'],
    [
      'too many forms',
      of({ a: { oneOf: [{}, {}] } }),
      { a: 1 },
      'a This fits none of the forms that it may have.',
    ],
    ['a format', of({ a: { format: 'email' } }), { a: 'x' }, 'a This is no email.'],
    [
      'what holds only sometimes',
      JSON.parse('{"if":true,"then":{"properties":{"a":false}}}'),
      { a: 1 },
      'a There is no such field.',
    ],
  ])('keeps out %s', (_what, schema, value, misfit) => {
    expect(added(schema, value)).toEqual([misfit]);
  });

  const unusable: readonly (readonly [string, Json])[] = [
    ['a type that nobody knows', of({ a: { type: 'int' } })],
    ['a bound that is no number', of({ a: { maximum: '5' } })],
    ['a pattern that RE2 does not take', of({ a: { pattern: '^(?!prod)' } })],
    ['a keyword that nobody knows', of({ a: { maxLenght: 5 } })],
    ['a format that nobody checks', of({ a: { format: 'ipv4' } })],
    ['what is said in another file', of({ a: { $ref: 'https://x.test/y' } })],
    ['a list of an older draft', of({ a: { items: [{ type: 'string' }] } })],
  ];
  it.each(unusable)(
    'is refused when it is saved, and keeps everything out where it is stored: %s',
    (_what, schema) => {
      expect(schemaProblem(schema)).toMatch(/^This is no JSON Schema that can be checked: ./);
      expect(added(schema, { a: 'x' })).toEqual([expect.stringContaining('args_schema')]);
      expect(said(schema, { a: 'x' })).toEqual([]);
    },
  );

  it('keeps everything out when it refers to itself without end', () => {
    expect(added({ allOf: [{ $ref: '#' }] }, {})).toEqual([expect.stringContaining('args_schema')]);
  });

  it('is taken with what people write into one', () => {
    const usual = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      ...of({ a: { type: 'string', title: 'A', enum: ['x'], enumNames: ['X'], description: 'What.' } }),
      ...{ additionalProperties: false, required: ['a'], $defs: { b: { format: 'date-time' } } },
    };
    expect(schemaProblem(usual)).toBeUndefined();
    expect(added(usual, { a: 'x' })).toEqual([]);
  });
});

describe.each(['tool', 'added'] as const)('several patterns in a schema (%s)', (whose) => {
  const schema = {
    ...of({
      a: { pattern: '^a+$' },
      b: { pattern: '^b+$' },
      c: { type: 'array', items: { pattern: '^c+$' } },
    }),
    ...{ patternProperties: { '^x-': { maxLength: 2 } } },
  };
  const misfits = (value: Json) =>
    misfitsOf(schema, value, whose).map(({ path, sentence }) => `${path.join('.')}: ${sentence}`);

  it('are each held to their own', () => {
    expect(misfits({ a: 'a', b: 'bb', c: ['c'], 'x-d': 'dd' })).toEqual([]);
    expect(misfits({ a: 'b', b: 'a', c: ['c', 'a'], 'x-d': 'ddd' }).toSorted()).toEqual([
      'a: This must match ^a+$.',
      'b: This must match ^b+$.',
      'c.1: This must match ^c+$.',
      'x-d: Write at most 2 characters.',
    ]);
  });

  it('are held to where there is only one', () => {
    const one = misfitsOf(of({ host: { pattern: '^h[0-9]$' } }), { host: 'zz' }, whose);
    expect(one).toEqual([{ path: ['host'], sentence: 'This must match ^h[0-9]$.' }]);
  });
});

describe('what does not fit by the thousand', () => {
  it('is found without comparing each with each', () => {
    const schema = { items: { anyOf: [{ type: 'string' }, { type: 'null' }] } };
    const startedAt = performance.now();
    expect(
      said(
        schema,
        Array.from({ length: 16_000 }, () => 1),
      ),
    ).toHaveLength(100);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});
