import { readFile, writeFile } from 'node:fs/promises';
import { withConfigTable } from './config-table.ts';

const readme = new URL('../README.md', import.meta.url);

await writeFile(readme, withConfigTable(await readFile(readme, 'utf8')));
