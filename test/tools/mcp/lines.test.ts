import { expect, test } from 'vitest';
import { lineReader } from '../../../src/tools/mcp/lines.ts';

function reader(max = 100) {
  const lines: string[] = [];
  let tooLong = 0;
  const feed = lineReader(max, {
    line: (line) => lines.push(line),
    tooLong: () => {
      tooLong += 1;
    },
  });
  return { feed: (text: string | Buffer) => feed(Buffer.from(text)), lines, tooLong: () => tooLong };
}

test('lines come out whole however they are cut, also within a character', () => {
  const { feed, lines } = reader();
  const bytes = Buffer.from('é one\r\ntwo\n\nthree');
  for (const byte of bytes) feed(Buffer.of(byte));
  expect(lines).toEqual(['é one', 'two', '']);
  feed('\n');
  expect(lines.at(-1)).toBe('three');
});

test('a line that grows too long is dropped and told', () => {
  const { feed, lines, tooLong } = reader(10);
  feed('x'.repeat(8));
  feed('x'.repeat(8));
  feed('\nshort\n');
  expect(tooLong()).toBe(1);
  expect(lines).toEqual(['', 'short']);
});
