import { expect, it } from 'vitest';
import type { ModelEvent } from '../../src/agent/provider.ts';
import { readChunks } from '../../src/providers/vendor.ts';

async function* chunks() {
  yield 'Hi';
  yield '';
}

it('a chunk that says nothing is still a sign of life', async () => {
  const reader = {
    read: (text: string): readonly ModelEvent[] => (text === '' ? [] : [{ type: 'text', text }]),
    end: (): readonly ModelEvent[] => [{ type: 'stop', reason: 'end' }],
  };
  const types: string[] = [];
  for await (const event of readChunks(async () => chunks(), reader)) types.push(event.type);
  expect(types).toEqual(['text', 'alive', 'stop']);
});
