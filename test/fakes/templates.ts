import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openEmbedded } from '../../src/store/embedded.ts';
import { migrate } from '../../src/store/migrate.ts';
import { madeOnce } from './once-a-run.ts';

/** How far a database has come: made, with no tables; or with all of them. */
export type Template = 'empty' | 'migrated';

/**
 * Puts an embedded database into a data folder that has none, so that opening it there takes a tenth of
 * the time. Rows that migrations insert have the same ids in all copies of `migrated`.
 */
export async function layEmbedded(dataDir: string, template: Template): Promise<void> {
  const made = await madeOnce(`${template}-database`, makers[template]);
  await mkdir(dataDir, { recursive: true });
  await cp(join(made, 'database'), join(dataDir, 'database'), { recursive: true });
}

const makers: Readonly<Record<Template, (draft: string) => Promise<void>>> = {
  async empty(draft) {
    await (await openEmbedded(draft)).close();
  },
  async migrated(draft) {
    await layEmbedded(draft, 'empty');
    const database = await openEmbedded(draft);
    await migrate(database.db);
    await database.close();
  },
};
