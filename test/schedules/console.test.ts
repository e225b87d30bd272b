import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { encodeThreadId, opsPrincipal } from '../../adapters/web/thread-id.ts';
import { storeNotice } from '../../src/store/notices.ts';
import { openPostgresql } from '../../src/store/postgresql.ts';
import { buildConsole, chromiumPath, launch } from '../adapters/web/browser.ts';
import { openStage, type Stage } from '../bot/stage.ts';
import { createPostgresDatabase } from '../fakes/database.ts';
import { silentLog } from '../fakes/log.ts';

const isMissing = chromiumPath === undefined && !process.env.CI;

describe.skipIf(isMissing)(
  `the ops channel of the console${isMissing ? ' (skipped: no Chromium on this machine)' : ''}`,
  () => {
    let stage: Stage;
    let browser: Browser;
    let page: Page;
    let databaseUrl: string;

    beforeAll(async () => {
      if (chromiumPath === undefined) throw new Error('CI needs a Chromium.');
      databaseUrl = await createPostgresDatabase('migrated');
      stage = await openStage({
        env: { DATABASE_URL: databaseUrl },
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

    it('shows a report from its beginning, however small the window is', async () => {
      await page.setViewportSize({ width: 375, height: 500 });
      await page.reload();
      await log().getByText('Well:').waitFor();
      await page.getByRole('button', { name: 'Go to the newest message' }).waitFor();
      expect(await log().evaluate(({ scrollTop }) => scrollTop)).toBe(0);
      await page.setViewportSize({ width: 1280, height: 800 });
    });

    it('takes an answer in the report’s thread, and the model knows the report', async () => {
      const message = page.getByLabel('Message', { exact: true });
      await message.fill('Should I worry?');
      await message.press('Enter');
      await log().getByText('Nothing to worry about.').waitFor();
      expect(JSON.stringify(stage.llm.requests.at(-1)?.body)).toContain('`host` answers');
    });

    it('names whoever else writes there', async () => {
      const listed = await stage.bot.fetch('/plugins/ai-ops/api/channels/ops/');
      const { threads } = listedThreads.parse(await listed.json());
      await stage.ask('I look at it.', threads[0].thread_id);
      const other = log().getByRole('article', { name: 'Admin token' });
      await other.getByText('I look at it.').waitFor();
      expect(await other.locator('.by').innerText()).toBe('Admin token');
      await log().getByRole('article', { name: 'You', exact: true }).getByText('Should I worry?').waitFor();
    });

    it('keeps its threads apart from one’s own conversations', async () => {
      const own = page.locator('ul.threads .thread-link');
      expect(await own.filter({ hasText: 'Health Report' }).count()).toBe(0);
      await page.reload();
      await log().getByText('Nothing to worry about.').first().waitFor();
    });

    it('shows what needs attention with its chart, and is told by keyboard who is at it', async () => {
      await tellOfDisk(databaseUrl);
      await page.reload();
      await channel().getByRole('button', { name: 'Disk of web1', exact: true }).click();
      await log().getByRole('img', { name: 'Line chart: Growth (GB)' }).waitFor();
      const rule = log().getByText('below a tenth free');
      expect(await rule.isVisible()).toBe(false);
      await log().getByText('Details', { exact: true }).click();
      await log().getByText('🔴 critical: Is it full?').click();
      await rule.waitFor();
      const attention = log().getByRole('group', { name: 'Attention' });
      await attention.getByRole('button', { name: 'Acknowledge' }).focus();
      await page.keyboard.press('Enter');
      await attention.getByText('Acknowledged by Operator').waitFor();
      await expect.poll(() => attention.evaluate((group) => group.matches(':focus'))).toBe(true);
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await attention.getByLabel('Snooze for').selectOption('4 hours');
      await attention.getByRole('button', { name: 'Snooze' }).click();
      await attention.getByText(/Snoozed until .+ by Operator/).waitFor();
      await page.reload();
      await attention.getByText(/Snoozed until .+ by Operator/).waitFor();
    });

    it('is where the history of a schedule leads, which says in words how each run went', async () => {
      await page.goto(`${new URL(page.url()).origin}/manage/schedules/?q=Health Report`);
      await page.getByRole('link', { name: 'Health Report', exact: true }).click();
      await page.getByRole('button', { name: 'History' }).click();
      const history = page.getByRole('region', { name: 'Result: History' });
      await history.getByText('1 run', { exact: true }).waitFor();
      await history.getByText('Done', { exact: true }).waitFor();
      const heads = await history.getByRole('columnheader').allInnerTexts();
      expect(heads.slice(0, 4)).toEqual(['Due', 'Outcome', 'Trigger', 'Duration']);
      expect(heads).not.toContain('ID');
      expect(await history.getByRole('row').last().innerText()).toMatch(/\d (ms|s)\b/);
      await history.getByRole('link', { name: 'Open the thread' }).click();
      await log().getByText('Well:').waitFor();
    });

    it('can be tidied up by those who manage schedules', async () => {
      const others = channel().getByRole('button', { name: /^Delete/ });
      const count = await others.count();
      await others.first().click();
      await page.getByRole('button', { name: 'Delete', exact: true }).click();
      await expect.poll(() => others.count()).toBe(count - 1);
    });
  },
);

const listedThreads = z.object({ threads: z.tuple([z.object({ thread_id: z.string() })]) });

/** As the bot tells of something that needs attention. */
async function tellOfDisk(url: string): Promise<void> {
  const database = await openPostgresql({ url, log: silentLog, poolSize: 1, connectTimeoutMs: 5000 });
  const id = randomUUID();
  const data = ['Mon', 'Tue', 'Wed'].map((label, n) => ({ label, value: 30 + n }));
  const chart = { title: 'Growth', type: 'line', y_label: 'GB', series: [{ name: 'used', data }] };
  const text = `The disk is almost full.\n\n\`\`\`chart\n${JSON.stringify(chart)}\n\`\`\``;
  await database.db.transaction().execute((trx) =>
    storeNotice(trx, {
      ...{ id, platform: 'web', isPosted: false, title: 'Disk of web1', startedBy: opsPrincipal },
      place: { type: 'thread', threadId: encodeThreadId({ principal: opsPrincipal, id: randomUUID() }) },
      author: { principal: 'bot', name: 'AI Ops Bot' },
      reply: {
        ...{ kind: 'answer', text, turnId: id },
        details: [{ title: '🔴 critical: Is it full?', text: '**Rule:** below a tenth free' }],
      },
      concern: { subject: 'alert:1', items: [{ key: 'disk', verdict: 'critical' }] },
    }),
  );
  await database.close();
}
