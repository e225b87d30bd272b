import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launch } from '../../adapters/web/browser.ts';
import { openTestEmbedded, type TestDatabase } from '../../fakes/database.ts';
import { type Stage, startStage } from './stage.ts';

const isMissing = chromiumPath === undefined && !process.env.CI;

describe.skipIf(isMissing)(
  `the page of the API in a browser${isMissing ? ' (skipped: no Chromium on this machine)' : ''}`,
  () => {
    let database: TestDatabase;
    let stage: Stage;
    let browser: Browser;

    beforeAll(async () => {
      if (chromiumPath === undefined)
        throw new Error('CI needs a Chromium: install one or set CHROMIUM_PATH.');
      database = await openTestEmbedded();
      stage = await startStage(database, { showDetails: true });
      browser = await launch(chromiumPath);
    });
    afterAll(async () => {
      await browser?.close();
      await stage?.close();
      await database?.close();
    });

    it('shows every resource, and sends a request with the token that it is given', async () => {
      const page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
      page.setDefaultTimeout(30_000);
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text());
      });
      await page.goto(`${stage.url}/api/docs/`);
      await page.getByRole('heading', { name: 'AI Ops Bot' }).waitFor();
      await page.getByRole('button', { name: 'Authorize' }).first().click();
      await page.getByLabel('Value:').first().fill('Token ada');
      await page.getByRole('button', { name: 'Apply credentials' }).first().click();
      await page.getByRole('button', { name: 'Close', exact: true }).first().click();
      await page.locator('#operations-tag-statuses').click();
      await page.locator('#operations-statuses-statuses_list .opblock-summary-control').click();
      await page.getByRole('button', { name: 'Try it out' }).click();
      await page.getByRole('button', { name: 'Execute' }).click();
      await page.locator('.live-responses-table').getByText('"Deprecated"').first().waitFor();
      expect(problems).toEqual([]);
    }, 60_000);
  },
);
