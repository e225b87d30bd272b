import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { build } from 'vite';
import { madeOnce } from '../../fakes/once-a-run.ts';

const CANDIDATES = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Where this machine has a Chromium, if it has one. `CHROMIUM_PATH` names another. */
export const chromiumPath = CANDIDATES.find((path) => path !== undefined && existsSync(path));

export function launch(executablePath: string): Promise<Browser> {
  const quiet = [
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
  ];
  const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-sync', ...quiet];
  return chromium.launch({ executablePath, args });
}

/** The console, built once a run, so that tests see the sources as they are. */
export function buildConsole(): Promise<string> {
  const root = join(import.meta.dirname, '../../../adapters/web/client');
  return madeOnce('console', async (outDir) => {
    await build({ root, logLevel: 'error', build: { outDir, emptyOutDir: true } });
  });
}
