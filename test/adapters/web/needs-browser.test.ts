import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cafeCall, type NeedsStage, openNeeds } from '../../bot/needs.ts';
import { buildConsole, chromiumPath, launch } from './browser.ts';

const isMissing = chromiumPath === undefined && !process.env.CI;

describe.skipIf(isMissing)('what a call needs of its asker, in the console of a real bot', () => {
  let browser: Browser;
  let stage: NeedsStage;

  beforeAll(async () => {
    if (chromiumPath === undefined) throw new Error('CI needs a Chromium: install one or set CHROMIUM_PATH.');
    stage = await openNeeds({ assetsDir: await buildConsole() });
    browser = await launch(chromiumPath);
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  async function visit(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage();
    page.setDefaultTimeout(30_000);
    await page.goto(await stage.bot.newConsoleLink());
    await page.getByLabel('Message', { exact: true }).waitFor();
    return page;
  }

  async function ask(page: Page, text: string): Promise<void> {
    await page.getByLabel('Message', { exact: true }).fill(text);
    await page.keyboard.press('Enter');
  }

  /** In the conversation; what is read aloud says it as well. */
  const said = (page: Page, text: string) =>
    page.getByRole('region', { name: 'Conversation' }).getByText(text).waitFor();

  it('is a form, whose mistakes stand at their fields', async () => {
    stage.llm.script(cafeCall('order', { bean: 'arabica' }), { text: 'It is ordered.' });
    const page = await visit();
    await ask(page, 'order arabica');
    await page.getByRole('button', { name: 'Approve' }).click();
    const form = page.getByRole('region', { name: 'cafe asks for something' });
    await form.getByText('How much arabica?').waitFor();
    await form.getByLabel('How many').fill('9');
    await form.getByLabel('mail').fill('ada');
    await form.getByRole('button', { name: 'Send' }).click();
    await form.getByText('This is required.').waitFor();
    await form.locator('.invalid :focus').first().waitFor();
    await form.getByText('Write 5 or less.').waitFor();
    await form.getByText('Write an e-mail address.').waitFor();
    await form.getByLabel('Size').selectOption('Large');
    await form.getByLabel('How many').fill('3');
    await form.getByLabel('mail').fill('');
    await form.getByRole('button', { name: 'Send' }).click();
    await said(page, 'It is ordered.');
    await page.getByText('Answered by Operator').waitFor();
    expect(stage.server.orders).toEqual([{ bean: 'arabica', size: 'l', count: 3 }]);
  });

  it('is a page, whose host is shown and which only a click opens', async () => {
    stage.llm.script(cafeCall('pay'), { text: 'It is paid.' });
    const page = await visit();
    await ask(page, 'pay the bill');
    const card = page.getByRole('region', { name: 'cafe asks to open a page' });
    await card.getByText('pay.example.com', { exact: true }).waitFor();
    const done = card.getByRole('button', { name: 'I am done there' });
    expect(await done.isDisabled()).toBe(true);
    const link = card.getByRole('link', { name: 'Open the page' });
    expect(await link.getAttribute('rel')).toBe('noopener noreferrer');
    await page.context().route('https://pay.example.com/**', (route) => route.fulfill({ body: 'paid' }));
    const [opened] = await Promise.all([page.context().waitForEvent('page'), link.click()]);
    expect(opened.url()).toMatch(/^(about:blank|https:\/\/pay\.example\.com\/bill\/7)$/);
    await done.click();
    await said(page, 'It is paid.');
  });

  it('comes after an approval, whose arguments can be changed at their fields', async () => {
    stage.llm.script(cafeCall('order', { bean: 'robusta' }), { text: 'It is ordered so.' });
    const page = await visit();
    await ask(page, 'order robusta');
    const card = page.getByRole('region', { name: 'Approval of cafe__order' });
    await card.getByRole('button', { name: 'Edit' }).click();
    await card.getByLabel('bean').fill('');
    await card.getByRole('button', { name: 'Approve as edited' }).click();
    await card.getByText('This is required.').waitFor();
    await card.getByLabel('bean').fill('arabica');
    await card.getByRole('button', { name: 'Approve as edited' }).click();
    await card.getByText('Approved with changes by Operator').waitFor();
    await card.getByText('+ bean: "arabica"').waitFor();
    const form = page.getByRole('region', { name: 'cafe asks for something' });
    await form.getByText('How much arabica?').waitFor();
    await form.getByLabel('Size').selectOption('Large');
    await form.getByRole('button', { name: 'Send' }).click();
    await said(page, 'It is ordered so.');
    expect(stage.server.orders.at(-1)).toMatchObject({ bean: 'arabica', size: 'l' });
  });

  it('is never asked when somebody answers in place of the tool', async () => {
    stage.llm.script(cafeCall('order', { bean: 'liberica' }), { text: 'Then I do not order.' });
    const page = await visit();
    await ask(page, 'order liberica');
    const card = page.getByRole('region', { name: 'Approval of cafe__order' });
    await card.getByRole('button', { name: 'Respond' }).click();
    await card.getByLabel(/the bot gets your words/).fill('It is sold out.');
    await card.getByRole('button', { name: 'Respond' }).click();
    await card.getByText('Answered by Operator: It is sold out.').waitFor();
    await said(page, 'Then I do not order.');
  });

  it('can be declined', async () => {
    stage.llm.script(cafeCall('taste'), { text: 'Then not.' });
    const page = await visit();
    await ask(page, 'taste it');
    await page.getByRole('button', { name: 'Decline' }).click();
    await page.getByText('Declined by Operator').waitFor();
    await said(page, 'Then not.');
    expect(stage.server.answers.at(-1)).toEqual({ action: 'decline' });
  });
});
