import { migrate } from '../../../src/store/migrate.ts';
import { openPostgresql } from '../../../src/store/postgresql.ts';
import { silentLog } from '../../fakes/log.ts';

/** Brings a database up to date at a given time, and says what it did. */
const [url = '', atMs = '0'] = process.argv.slice(2);
const database = await openPostgresql({ url, log: silentLog, poolSize: 2, connectTimeoutMs: 5000 });
await new Promise((resolve) => setTimeout(resolve, Math.max(0, Number(atMs) - Date.now())));
process.stdout.write(JSON.stringify(await migrate(database.db)));
await database.close();
