import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/agent/json.ts';
import { misfitsOf } from '../../src/agent/schema-check.ts';

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
    ['a keyword that has no words', of({ a: { not: { type: 'string' } } }), { a: 'x' }, []],
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
