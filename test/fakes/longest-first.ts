import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Suites that take longest, so that none of them is begun last and keeps one worker waiting. */
const longest = [
  'test/delivery/kill.test.ts',
  'test/schedules/bot.test.ts',
  'test/http/rest/bad-input.test.ts',
  'test/adapters/teams/preview.test.ts',
  'test/adapters/web/browser.test.ts',
  'test/stop.test.ts',
  'test/schedules/killed.test.ts',
  'test/scripts/house.test.ts',
  'test/start.test.ts',
  'test/restart.test.ts',
  'test/store/audit-seals.test.ts',
];

/** Begins the longest suites first, and leaves the others to what Vitest remembers of them. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = longest.indexOf(relative(this.ctx.config.root, moduleId));
      return place < 0 ? longest.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
