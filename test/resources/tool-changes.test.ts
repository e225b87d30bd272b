import { expect, it } from 'vitest';
import { changesBetween } from '../../src/resources/tool-changes.ts';

const before = {
  name: 'restart',
  description: 'Restarts.',
  inputSchema: { type: 'object', properties: { host: { type: 'string' } }, required: ['host'] },
};

it('two definitions differ in the places that differ, down to the parameter', () => {
  const after = {
    name: 'restart',
    description: 'Restarts, and more.',
    inputSchema: {
      type: 'object',
      properties: { host: { type: 'string', description: 'Its name.' }, force: { type: 'boolean' } },
    },
  };
  expect(changesBetween(before, after)).toEqual([
    { part: 'description', before: 'Restarts.', after: 'Restarts, and more.' },
    { part: 'inputSchema.properties.force', after: '{\n  "type": "boolean"\n}' },
    { part: 'inputSchema.properties.host.description', after: 'Its name.' },
    { part: 'inputSchema.required', before: '[\n  "host"\n]' },
  ]);
});

it('the same definition differs in nothing, whatever the order of its keys', () => {
  const { name, ...rest } = before;
  expect(changesBetween(before, { ...rest, name })).toEqual([]);
});
