import { lockFolder } from '../../../src/store/folder-lock.ts';

/** Takes the lock on a folder at a given time, says `held` or why not, and holds it until its input ends. */
const [folder = '', atMs = '0'] = process.argv.slice(2);
await new Promise((resolve) => setTimeout(resolve, Math.max(0, Number(atMs) - Date.now())));
try {
  const lock = await lockFolder(folder);
  process.stdout.write('held\n');
  process.stdin.resume().once('end', () => void lock.release());
} catch (error) {
  process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`);
}
