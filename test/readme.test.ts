import { access, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { configTable, withConfigTable } from '../scripts/config-table.ts';
import { providerTable, withProviderTable } from '../scripts/provider-table.ts';

const root = new URL('../', import.meta.url);
const readme = await readFile(new URL('README.md', root), 'utf8');

describe('the README', () => {
  it('lists every variable as the schema reads it (npm run docs)', () => {
    expect(configTable()).toContain('| `DATA_DIR` | `./data` |');
    expect(readme).toContain(configTable());
    expect(withConfigTable(readme)).toBe(readme);
  });

  it('shows what the provider suite proves (npm run docs)', () => {
    expect(providerTable()).toContain('| Two parallel calls | ✓ | ✓ | ✓ | ✓ | ✓ | ✓ | ✓ | ✓ |');
    expect(readme).toContain(providerTable());
    expect(withProviderTable(readme)).toBe(readme);
  });

  it('points to files that exist', async () => {
    const paths = [...readme.matchAll(/\]\((?!https?:|#)([^)]+)\)/g)].map((match) => match[1] ?? '');
    expect(paths.length).toBeGreaterThan(0);
    await Promise.all(paths.map((path) => access(new URL(path, root))));
  });
});
