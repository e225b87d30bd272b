/** A bot in small: runs one stubborn server, says its process ids, and lives until it is killed. */
import { fileURLToPath } from 'node:url';
import { guardedFetch } from '../../../../src/tools/guarded-fetch.ts';
import { createPool } from '../../../../src/tools/mcp/pool.ts';
import { memoryLog, stdioServer, toolOf, until } from '../helpers.ts';

const [childrenDir = '', ...habits] = process.argv.slice(2);
const pool = createPool({
  log: memoryLog(),
  childrenDir,
  environment: process.env,
  version: '0.0.0-test',
  fetchFor: guardedFetch({ environment: {} }),
});
await pool.use([
  stdioServer('s', process.execPath, [fileURLToPath(new URL('server.ts', import.meta.url)), ...habits]),
]);

let pids = '';
const ask = async () => {
  pids = (await toolOf(pool, 's__pids').run({}, AbortSignal.timeout(5_000))).text;
};
await ask();
if (habits.includes('stubborn')) {
  const timer = setInterval(() => void ask(), 50);
  await until(() => pids !== '' && !pids.includes('"grandchild":0'));
  clearInterval(timer);
}
process.stdout.write(`pids ${pids}\n`);
setInterval(() => {}, 60_000);
