import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { childEnv } from '../../fakes/child-env.ts';

const root = new URL('../../../', import.meta.url);

/** Starts the bot in a process of its own, and tells which packages of Microsoft's SDK it has loaded. */
const program = `
  import { createRequire } from 'node:module';
  import { readConfig } from ${JSON.stringify(new URL('src/config.ts', root).href)};
  import { start } from ${JSON.stringify(new URL('src/main.ts', root).href)};
  const quiet = { debug() {}, info() {}, warn() {}, error() {}, with: () => quiet };
  const running = await start({ config: readConfig(process.env), log: quiet });
  const loaded = Object.keys(createRequire(import.meta.url).cache).filter((file) => /botbuilder|botframework/.test(file));
  console.log('loaded ' + loaded.length);
  await running.stop();
  process.exit(0);
`;

async function loadedWith(env: Readonly<Record<string, string>>): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'ai-ops-loading-'));
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...childEnv(), DATA_DIR: folder, PORT: '0', ...env },
    timeout: 120_000,
  }).finally(() => rm(folder, { recursive: true, force: true }));
  return Number(/loaded (\d+)/.exec(stdout)?.[1] ?? Number.NaN);
}

describe('the packages for Teams', () => {
  it('are loaded where Teams is configured, and nowhere else', async () => {
    expect(await loadedWith({})).toBe(0);
    expect(await loadedWith({ TEAMS_ALLOW_ANONYMOUS: 'true' })).toBeGreaterThan(0);
  }, 240_000);
});
