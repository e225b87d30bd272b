import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from '../../bot/stage.ts';
import { gif, pdf, png } from '../../fakes/files.ts';
import { buildConsole, chromiumPath, launch } from './browser.ts';

const isMissing = chromiumPath === undefined && !process.env.CI;

describe.skipIf(isMissing)(
  `files in the console${isMissing ? ' (skipped: no Chromium on this machine)' : ''}`,
  () => {
    let stage: Stage;
    let browser: Browser;
    let page: Page;
    const graph = { name: 'graph.png', mimeType: 'image/png', buffer: png };
    const report = { name: 'report.pdf', mimeType: 'application/pdf', buffer: pdf('Disk full') };

    beforeAll(async () => {
      if (chromiumPath === undefined) throw new Error('CI needs a Chromium.');
      stage = await openStage({ assetsDir: await buildConsole(), reply: () => ({ text: 'I see it.' }) });
      browser = await launch(chromiumPath);
      page = await browser.newPage();
      page.setDefaultTimeout(30_000);
      await page.goto(await stage.bot.newConsoleLink());
    });
    afterAll(async () => {
      await browser?.close();
      await stage?.close();
    });

    const message = () => page.getByLabel('Message', { exact: true });
    const chips = () => page.locator('.composer .file');
    const log = () => page.getByLabel('Conversation', { exact: true });
    const pick = (...files: readonly { name: string; mimeType: string; buffer: Buffer }[]) =>
      page.locator('input[type=file]').setInputFiles([...files]);
    const sent = () => JSON.stringify(stage.llm.requests.at(-1)?.body);

    it('are picked, shown as chips, taken back, and sent with the words', async () => {
      await message().waitFor();
      await pick(graph, report);
      await expect.poll(() => chips().allInnerTexts()).toEqual(['graph.png', 'report.pdf']);
      await page.getByRole('button', { name: 'Remove graph.png' }).click();
      await pick(graph);
      await expect.poll(() => chips().allInnerTexts()).toEqual(['report.pdf', 'graph.png']);
      await message().fill('What are these?');
      await message().press('Enter');
      await log().getByText('I see it.').waitFor();
      expect(await chips().count()).toBe(0);
      expect(await log().locator('.user .file').allInnerTexts()).toEqual(['report.pdf', 'graph.png']);
      expect(sent()).toContain(png.toString('base64'));
      expect(sent()).toContain(report.buffer.toString('base64'));
    });

    it('are pasted, and sent without a word', async () => {
      await page.evaluate(`{
        const bytes = Uint8Array.from(atob('${gif.toString('base64')}'), (char) => char.charCodeAt(0));
        const clipboardData = new DataTransfer();
        clipboardData.items.add(new File([bytes], 'image.gif', { type: 'image/gif' }));
        const paste = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
        document.querySelector('.composer textarea').dispatchEvent(paste);
      }`);
      await expect.poll(() => chips().allInnerTexts()).toEqual(['image.gif']);
      await page.getByRole('button', { name: 'Send' }).click();
      await log().getByText('Look at this.').waitFor();
      await expect.poll(() => sent() ?? '').toContain(gif.toString('base64'));
    });

    it('of another kind, or too many, are refused in a sentence', async () => {
      await pick({ name: 'a.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg/>') });
      await page.getByText('a.svg: it is no image and no PDF.').waitFor();
      await pick(...Array.from({ length: 6 }, (_, n) => ({ ...graph, name: `g${n}.png` })));
      await page.getByText('g5.png: a message brings 5 files at most.').waitFor();
      expect(await chips().count()).toBe(5);
    });

    it('are named again after a reload', async () => {
      await page.reload();
      await expect.poll(() => log().locator('.user .file').allInnerTexts()).toHaveLength(3);
    });
  },
);
