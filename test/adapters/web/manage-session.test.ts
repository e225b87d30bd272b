import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isBrowserMissing, isFocused, type ManageHost, startManageHost } from './manage-host.ts';

const SIGNED_OUT = /You are signed out\. Sign in again in a new tab, then save again; what you wrote is kept/;

describe.skipIf(isBrowserMissing)('what one is writing and where one is, in a browser', () => {
  let host: ManageHost;

  beforeAll(async () => {
    host = await startManageHost();
    for (let n = 10; n < 40; n++) host.rest.add('llm-models', { name: `many-${n}` });
  });

  afterAll(() => host?.close());

  const save = (page: Page) => page.getByRole('button', { name: 'Save' }).click();
  const isLost = (page: Page) => page.evaluate('document.activeElement === document.body');

  async function open(name: string, values: Readonly<Record<string, unknown>> = {}) {
    const row = host.rest.add('llm-models', { name, ...values });
    const visit = await host.visit(`/manage/llm-models/${row.id}/`);
    await visit.page.getByLabel('Temperature').waitFor();
    return { ...visit, row };
  }

  it('is kept when the session is over, and saved after signing in again', async () => {
    const { page, row } = await open('kept-here');
    await page.getByLabel('Description').fill('Mine.');
    const cookies = await page.context().cookies();
    await page.context().clearCookies();
    await save(page);
    await page.getByRole('alert').getByText(SIGNED_OUT).waitFor();
    const link = page.getByRole('link', { name: 'Sign in again in a new tab' });
    expect(await link.getAttribute('target')).toBe('_blank');
    expect(await link.getAttribute('href')).toBe('/');
    expect(await page.getByLabel('Description').inputValue()).toBe('Mine.');
    expect(await isLost(page)).toBe(false);
    await page.context().addCookies(cookies);
    await save(page);
    await page.getByText('Saved', { exact: true }).waitFor();
    expect(await page.getByText(SIGNED_OUT).count()).toBe(0);
    expect(row.description).toBe('Mine.');
  });

  it('keeps the focus where it saves, and after a conflict', async () => {
    const { page, row } = await open('focused');
    await page.getByLabel('Description').fill('Mine.');
    await page.getByRole('button', { name: 'Save' }).press('Enter');
    await page.getByText('Saved', { exact: true }).waitFor();
    expect(await isFocused(page.getByRole('button', { name: 'Save' }))).toBe(true);
    await page.getByLabel('Description').fill('Mine again.');
    host.rest.change('llm-models', row.id, { temperature: 1 });
    await save(page);
    await page.getByRole('button', { name: 'Reload, and keep what I changed' }).press('Enter');
    await expect.poll(() => page.getByLabel('Temperature').inputValue()).toBe('1');
    await expect.poll(() => isFocused(page.getByRole('button', { name: 'Save' }))).toBe(true);
  });

  it('goes to the next row, or to the title, when a row is deleted from the list', async () => {
    for (const name of ['gone-1', 'gone-2']) host.rest.add('llm-models', { name });
    const { page } = await host.visit('/manage/llm-models/?q=gone-');
    const remove = async (name: string) => {
      await page.getByRole('button', { name: `Delete ${name}` }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    };
    await remove('gone-1');
    await expect.poll(() => isFocused(page.getByRole('link', { name: 'gone-2' }))).toBe(true);
    await remove('gone-2');
    await page.getByText('Nothing matches.').waitFor();
    await expect.poll(() => isFocused(page.getByRole('heading', { name: 'LLM models' }))).toBe(true);
  });

  it('is the list as it was narrowed down, after a row was deleted from its page', async () => {
    host.rest.add('llm-models', { name: 'narrow-1' });
    const { page } = await host.visit('/manage/llm-models/?q=narrow-');
    await page.getByRole('link', { name: 'narrow-1' }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('Nothing matches.').waitFor();
    expect(new URL(page.url()).search).toBe('?q=narrow-');
    await expect.poll(() => isFocused(page.getByRole('heading', { name: 'LLM models' }))).toBe(true);
  });

  it('is past the sidebar with the first key', async () => {
    const { page } = await host.visit('/manage/llm-models/?q=many-1');
    await page.getByRole('link', { name: 'many-10' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await isFocused(page.getByRole('link', { name: 'Skip to content' }))).toBe(true);
    await page.keyboard.press('Enter');
    expect(await isFocused(page.getByRole('main'))).toBe(true);
    expect(new URL(page.url()).hash).toBe('');
  });

  it('is the last page of a list that ends before', async () => {
    const { page } = await host.visit('/manage/llm-models/?q=many-&offset=500');
    await page.getByText('26–30 of 30').waitFor();
    expect(new URL(page.url()).search).toBe('?q=many-&offset=25');
  });

  it('is the top of the list when another page of it is opened', async () => {
    const { page } = await host.visit('/manage/llm-models/?q=many-', {
      viewport: { width: 1000, height: 500 },
    });
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('26–30 of 30').waitFor();
    expect(await page.locator('.page-frame').evaluate(({ scrollTop }) => scrollTop)).toBe(0);
    expect(await isLost(page)).toBe(false);
  });
});
