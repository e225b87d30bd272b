import { expect, it } from 'vitest';
import { localPath } from '../../src/access/local-path.ts';

it.each(['/', '/console/models', '/?thread=a%20b#end', '/a/../b'])('%s stays here', (path) => {
  expect(localPath(path)).toBe(path.replace('/a/..', ''));
});

it.each([
  '',
  'console',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '/.//evil.example',
  '/x/..//evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  'https://evil.example',
  'javascript:alert(1)',
  `/${'x'.repeat(2000)}`,
])('%j becomes the console', (wanted) => {
  expect(localPath(wanted)).toBe('/');
});
