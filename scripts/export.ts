import { exportHouse } from '../src/store/house-export.ts';
import { type Asked, nameOf, openHouse, runScript, say } from './house-script.ts';

/** Writes everything that the database holds into one file: a backup, and how a house is moved. */
async function run({ file, config }: Asked): Promise<0> {
  const database = await openHouse(config, false);
  try {
    say(`Exporting ${nameOf(config)}, as it is at this moment, to ${file}.`);
    const end = await exportHouse(database, file, (table, rows) => say(`  ${table}: ${rows}`));
    const rows = Object.values(end.counts).reduce((sum, count) => sum + count, 0);
    say(
      `Done: ${rows} rows. The file holds conversations and hashes of tokens: keep it as safe as the database.`,
    );
    return 0;
  } finally {
    await database.close();
  }
}

process.exitCode = await runScript({
  name: 'export',
  usage: 'Usage: npm run export -- <file>, like `npm run export -- backup.jsonl.gz`.',
  takesReplace: false,
  again: 'Nothing was written to the file. Run it again: an export starts from the beginning.',
  run,
});
