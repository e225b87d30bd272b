import { expect, test } from 'vitest';
import type { Json } from '../../../src/agent/json.ts';
import { cleanSchema, readTool } from '../../../src/tools/mcp/schema.ts';

const read = (inputSchema: unknown, more: object = {}) => readTool({ name: 't', inputSchema, ...more });
const cleaned = (input: Json) => cleanSchema(input);

test('a schema gets a type and properties, and loses $schema at every depth', () => {
  expect(cleaned({ $schema: 'http://json-schema.org/draft-07/schema#' })).toEqual({
    schema: { type: 'object', properties: {} },
  });
  expect(cleaned({ properties: { a: { $schema: 'x', type: 'string' } } })).toEqual({
    schema: { type: 'object', properties: { a: { type: 'string' } } },
  });
});

test('an array without items gets some', () => {
  expect(cleaned({ type: 'object', properties: { a: { type: 'array' } } })).toEqual({
    schema: { type: 'object', properties: { a: { type: 'array', items: {} } } },
  });
});

test('alternatives at the top become optional properties', () => {
  const schema = {
    type: 'object',
    oneOf: [
      { properties: { id: { type: 'string' } }, required: ['id'] },
      { properties: { name: { type: 'string' } } },
    ],
    allOf: [{ properties: { ns: { type: 'string' } }, required: ['ns'] }],
  };
  expect(cleaned(schema)).toEqual({
    schema: {
      type: 'object',
      properties: { id: { type: 'string' }, name: { type: 'string' }, ns: { type: 'string' } },
      required: ['ns'],
    },
  });
});

test('properties may be named like keywords, and defaults are left as they are', () => {
  const properties = {
    properties: { type: 'string' },
    type: { type: 'string' },
    items: { type: 'array', items: {}, default: [{ $schema: 'kept' }] },
  };
  expect(cleaned({ type: 'object', properties })).toEqual({ schema: { type: 'object', properties } });
});

test('a reference within the schema is kept; any other makes the tool unusable', () => {
  const inside = {
    type: 'object',
    properties: { a: { $ref: '#/$defs/A' } },
    $defs: { A: { type: 'string' } },
  };
  expect(cleaned(inside)).toEqual({ schema: inside });
  expect(cleaned({ properties: { a: { $ref: '#/$defs/missing' } } })).toHaveProperty('why');
  expect(cleaned({ properties: { a: { $ref: 'https://example.test/a.json' } } })).toHaveProperty('why');
});

test.each([
  ['a string', 'nope'],
  ['another type', { type: 'array' }],
  ['properties that are a list', { type: 'object', properties: [] }],
  ['a parameter without a schema', { type: 'object', properties: { a: 'string' } }],
  ['a parameter name that vendors refuse', { type: 'object', properties: { 'a b': {} } }],
  ['too much text', { type: 'object', description: 'x'.repeat(70_000) }],
])('%s is unusable and says why', (_what, schema) => {
  expect(cleaned(schema)).toEqual({ why: expect.any(String) });
});

test('a schema that is nested without end is unusable', () => {
  let node: Json = { type: 'string' };
  for (let depth = 0; depth < 50; depth += 1) node = { type: 'object', properties: { a: node } };
  expect(cleaned(node)).toEqual({ why: 'its input schema is nested too deeply' });
});

test('a tool is read with its description and hints', () => {
  const annotations = { title: 'T', readOnlyHint: true, destructiveHint: 'yes' };
  expect(read({ type: 'object' }, { annotations })).toMatchObject({
    type: 'tool',
    tool: {
      name: 't',
      description: 'T',
      inputSchema: { type: 'object', properties: {} },
      hints: { readOnlyHint: true, destructiveHint: undefined },
      definition: { name: 't', inputSchema: { type: 'object' }, annotations },
    },
  });
});

test('a tool that only runs as a task is hidden', () => {
  expect(read({ type: 'object' }, { execution: { taskSupport: 'required' } })).toEqual({
    type: 'hidden',
    name: 't',
  });
  expect(read({ type: 'object' }, { execution: { taskSupport: 'optional' } })).toMatchObject({
    type: 'tool',
  });
});

test('what is no tool is unusable', () => {
  expect(readTool(null)).toMatchObject({ type: 'unusable', name: '(no name)' });
  expect(readTool({ name: 'x' })).toMatchObject({ type: 'unusable', name: 'x' });
  expect(readTool({ name: '', inputSchema: {} })).toMatchObject({ type: 'unusable' });
});
