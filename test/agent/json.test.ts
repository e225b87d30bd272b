import { expect, it } from 'vitest';
import { canonicalJson } from '../../src/agent/json.ts';

it('writes the same value always the same', () => {
  const one = { b: [{ y: 1, x: 2 }], a: null, gone: undefined };
  const two = { a: null, b: [{ x: 2, y: 1 }] };
  expect(canonicalJson(one)).toBe(canonicalJson(two));
  expect(canonicalJson(one)).toBe('{"a":null,"b":[{"x":2,"y":1}]}');
});

it('keeps the order of lists', () => {
  expect(canonicalJson([2, 1])).not.toBe(canonicalJson([1, 2]));
});

it('writes nothing as null', () => {
  expect(canonicalJson(undefined)).toBe('null');
});

it('indents for people', () => {
  expect(canonicalJson({ b: 1, a: 2 }, 2)).toBe('{\n  "a": 2,\n  "b": 1\n}');
});

it('keeps keys that look like numbers or like a prototype', () => {
  const odd: unknown = JSON.parse('{"10":1,"9":2,"__proto__":{"x":1}}');
  expect(JSON.parse(canonicalJson(odd))).toEqual(odd);
  expect(canonicalJson(odd)).toContain('__proto__');
});
