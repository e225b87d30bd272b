import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/fakes/longest-first.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/fakes/global-setup.ts'],
    // Modules hold no state, so that suites can share them: loading them anew takes a tenth of the time.
    isolate: false,
    setupFiles: ['test/fakes/as-new.ts'],
    // What holds is seen as soon as it holds; the limits only end what never will, also on a slow machine.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    // One more try where the machine is not ours; whoever needed it is named with `retry x1`.
    retry: process.env.CI === undefined ? 0 : 1,
    // Suites wait for processes, browsers and servers more than they compute: two at once, also on two cores.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
  },
});
