import { readFile, writeFile } from 'node:fs/promises';
import { withConfigTable } from './config-table.ts';
import { withProviderTable } from './provider-table.ts';

const readme = new URL('../README.md', import.meta.url);

await writeFile(readme, withProviderTable(withConfigTable(await readFile(readme, 'utf8'))));
