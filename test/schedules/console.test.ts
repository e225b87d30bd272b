import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildConsole, chromiumPath, launch } from '../adapters/web/browser.ts';
import { openStage, type Stage } from '../bot/stage.ts';

const isMissing = chromiumPath === undefined && !process.env.CI;

describe.skipIf(isMissing)(
  `the ops channel of the console${isMissing ? ' (skipped: no Chromium on this machine)' : ''}`,
  () => {
    let stage: Stage;
    let browser: Browser;
    let page: Page;

    beforeAll(async () => {
      if (chromiumPath === undefined) throw new Error('CI needs a Chromium.');
      stage = await openStage({
        assetsDir: await buildConsole(),
        reply: () => ({ text: 'Nothing to worry about.' }),
        runsSchedules: true,
      });
      browser = await launch(chromiumPath);
      page = await browser.newPage();
      page.setDefaultTimeout(30_000);
      await page.goto(await stage.bot.newConsoleLink());
    });
    afterAll(async () => {
      await browser?.close();
      await stage?.close();
    });

    const channel = () => page.getByRole('region', { name: 'Ops channel' });
    const log = () => page.getByLabel('Conversation', { exact: true });

    it('has a health report soon after the first start, which nobody is said to have asked for', async () => {
      await channel()
        .getByRole('button', { name: /^\S+ Health Report/ })
        .first()
        .click();
      await log().getByText('Well:').waitFor();
      await log().getByText('Reply here to go on from this report').waitFor();
      expect(await log().locator('.user').count()).toBe(0);
      await page.getByPlaceholder('Ask about your systems…').waitFor();
    });

    it('takes an answer in the report’s thread, and the model knows the report', async () => {
      const message = page.getByLabel('Message', { exact: true });
      await message.fill('Should I worry?');
      await message.press('Enter');
      await log().getByText('Nothing to worry about.').waitFor();
      expect(JSON.stringify(stage.llm.requests.at(-1)?.body)).toContain('`host` answers');
    });

    it('keeps its threads apart from one’s own conversations', async () => {
      const own = page.locator('ul.threads .thread-link');
      expect(await own.filter({ hasText: 'Health Report' }).count()).toBe(0);
      await page.reload();
      await log().getByText('Nothing to worry about.').waitFor();
    });

    it('can be tidied up by those who manage schedules', async () => {
      await channel()
        .getByRole('button', { name: /^Delete/ })
        .first()
        .click();
      await page.getByRole('button', { name: 'Delete', exact: true }).click();
      await expect.poll(() => channel().count()).toBe(0);
    });
  },
);
