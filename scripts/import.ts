import type { AuditVerification } from '../src/observe/port.ts';
import { checkHouse, importHouse } from '../src/store/house-import.ts';
import { type Asked, nameOf, openHouse, runScript, say } from './house-script.ts';

/** Brings a backup into the database that the environment names. */
async function run({ file, replace, config }: Asked): Promise<0 | 1> {
  say(`Checking ${file}.`);
  const house = await checkHouse(file);
  const { made_at: madeAt, database: origin } = house.header;
  const database = await openHouse(config, true);
  try {
    say(`Importing it into ${nameOf(config)}. It was made at ${madeAt} on ${origin}.`);
    const imported = await importHouse(database, house, { replace, tell: progress() });
    if (imported.type === 'already') {
      say(`This backup was imported at ${imported.at.toISOString()}, and nothing was changed. ${toRestore}`);
      return 0;
    }
    if (imported.resumedAt > 0) say(`${imported.resumedAt} rows were there from an import before.`);
    return conclude(imported.audit);
  } finally {
    await database.close();
  }
}

const toRestore = 'To bring it back as it was then, give --replace, which deletes all that came since.';

const rowsBetween = 10_000;

/** Says when a table is complete, and on the way every so many rows. */
function progress(): (table: string, rows: number, of?: number) => void {
  let said = 0;
  return (table, rows, of = rows) => {
    if (rows < said) said = 0;
    if (rows < of && rows - said < rowsBetween) return;
    said = rows < of ? rows : 0;
    say(`  ${table}: ${rows}${rows < of ? ` of ${of}` : ''}`);
  };
}

function conclude(audit: AuditVerification): 0 | 1 {
  if (audit.ok) {
    say(`Done: each table has as many rows as the backup, and ${audit.seals} audit seals hold. ${redis}`);
    return 0;
  }
  process.stderr.write(
    `Each table has as many rows as the backup, but the audit log is broken at seal ${audit.brokenSeal}. ${audit.reason} The file was whole, so it was broken where the backup was made.\n`,
  );
  return 1;
}

const redis = 'Redis is not carried and need not be: conversations come from the database.';

process.exitCode = await runScript({
  name: 'import',
  usage:
    'Usage: npm run import -- <file> [--replace], like `npm run import -- backup.jsonl.gz`. With --replace everything that is in the database is deleted first.',
  takesReplace: true,
  again: 'Run it again with the same file: it goes on where it stopped.',
  run,
});
