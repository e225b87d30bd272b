import { expect, test } from 'vitest';
import { changesText } from '../../src/chat/changes-text.ts';

const text = (before: object, after?: object) =>
  changesText({
    arguments: JSON.stringify(before, null, 2),
    ...(after === undefined ? {} : { edited: JSON.stringify(after) }),
  });

test('what is another, new or gone has a line for each side that has it', () => {
  const before = { host: 'db1', force: true, tags: ['a'], same: 1 };
  const after = { host: 'db2', tags: ['a', 'b'], same: 1, note: 'x\ny' };
  expect(text(before, after)).toBe(
    [
      '- host: "db1"',
      '+ host: "db2"',
      '- force: true',
      '- tags: ["a"]',
      '+ tags: ["a","b"]',
      '+ note: "x\\ny"',
    ].join('\n'),
  );
});

test('there is nothing to tell where nobody changed anything', () => {
  expect(text({ host: 'db1' })).toBe('');
  expect(text({ host: 'db1' }, { host: 'db1' })).toBe('');
});
