import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isBrowserMissing, isFocused, type ManageHost, startManageHost } from './manage-host.ts';

describe.skipIf(isBrowserMissing)('lists of what admins manage, in a browser', () => {
  let host: ManageHost;

  beforeAll(async () => {
    host = await startManageHost();
    for (let n = 1; n <= 30; n++) {
      host.rest.add('llm-models', { name: `model-${n}`, temperature: n % 2, is_enabled: n !== 7 });
    }
    host.rest.add('mcp-servers', { name: 'alpha', status: 'Healthy', url: 'https://a.example' });
    host.rest.add('mcp-servers', { name: 'beta', status: 'Unhealthy', protocol: 'stdio' });
  });

  afterAll(() => host?.close());

  const names = (page: Page) => page.locator('tbody .row-link').allTextContents();
  const query = (page: Page) => new URL(page.url()).search;

  it('show pages of rows, and keep the page in the address', async () => {
    const { page, errors } = await host.visit('/manage/llm-models/');
    await page.getByText('1–25 of 30').waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('26–30 of 30').waitFor();
    expect(query(page)).toBe('?offset=25');
    expect(await names(page)).toHaveLength(5);
    expect(await page.getByRole('button', { name: 'Next' }).isDisabled()).toBe(true);
    await page.goBack();
    await page.getByText('1–25 of 30').waitFor();
    expect(errors).toEqual([]);
  });

  it('search as one types, and find the same after a reload', async () => {
    const { page } = await host.visit('/manage/llm-models/?offset=25');
    await page.getByRole('searchbox', { name: 'Search LLM models' }).pressSequentially('model-2');
    await page.getByText('1–11 of 11').waitFor();
    expect(query(page)).toBe('?q=model-2');
    await page.reload();
    await page.getByText('1–11 of 11').waitFor();
    expect(await page.getByRole('searchbox').inputValue()).toBe('model-2');
  });

  it('sort by a column, up, down, and as before', async () => {
    const { page } = await host.visit('/manage/llm-models/?q=model-1');
    const heading = page.getByRole('columnheader', { name: 'Name' });
    await page.getByText('1–11 of 11').waitFor();
    await heading.getByRole('button').click();
    await expect.poll(() => heading.getAttribute('aria-sort')).toBe('ascending');
    await heading.getByRole('button').click();
    await expect.poll(async () => (await names(page))[0]).toBe('model-19');
    expect(await heading.getAttribute('aria-sort')).toBe('descending');
    expect(query(page)).toContain('ordering=-name');
    await heading.getByRole('button').click();
    await expect.poll(() => query(page)).toBe('?q=model-1');
  });

  it('offer no sorting by what is made up for each row', async () => {
    const { page } = await host.visit('/manage/llm-models/');
    await page.getByRole('columnheader', { name: 'Available' }).waitFor();
    expect(await page.getByRole('columnheader', { name: 'Available' }).getByRole('button').count()).toBe(0);
  });

  it('narrow down by a switch, a choice and a relation', async () => {
    const { page } = await host.visit('/manage/llm-models/');
    await page.getByLabel('Enabled').selectOption('No');
    await expect.poll(() => names(page)).toEqual(['model-7']);
    await page.getByLabel('Manage').getByRole('link', { name: 'MCP servers' }).click();
    await expect.poll(() => names(page)).toEqual(['alpha', 'beta']);
    await page.getByLabel('Status').selectOption('Unhealthy');
    await expect.poll(() => names(page)).toEqual(['beta']);
    await page.getByLabel('Protocol').selectOption('HTTP');
    await page.getByText('Nothing matches.').waitFor();
    await page.getByRole('button', { name: 'Show all MCP servers' }).click();
    await expect.poll(() => names(page)).toEqual(['alpha', 'beta']);
  });

  it('offer to create the first one where there is none', async () => {
    const { page } = await host.visit('/manage/llm-middleware/');
    await page.getByRole('link', { name: 'Create the first middleware' }).click();
    await page.getByRole('heading', { name: 'New middleware' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/manage/llm-middleware/new/');
  });

  it('run an action of a row and show what came of it', async () => {
    host.rest.add('llm-models', { name: 'broken-1' });
    const { page } = await host.visit('/manage/llm-models/?q=broken-1');
    await page.getByRole('button', { name: 'Test: broken-1' }).click();
    const dialog = page.getByRole('dialog', { name: 'Test: broken-1' });
    await dialog.getByRole('alert').getByText('The key was refused. Check the secret.').waitFor();
    await dialog.getByText('90 ms').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await expect.poll(() => isFocused(page.getByRole('button', { name: 'Test: broken-1' }))).toBe(true);
  });

  it('lead to what one may see first, and to conversations and back', async () => {
    const { page } = await host.visit('/');
    await page.getByRole('link', { name: 'Manage' }).click();
    await page.getByRole('heading', { name: 'LLM models' }).waitFor();
    expect(await page.title()).toBe('LLM models · AI Ops Bot');
    await page.getByLabel('Sections').getByRole('link', { name: 'Conversations' }).click();
    await page.getByLabel('Message', { exact: true }).waitFor();
    expect(await page.title()).toBe('AI Ops Bot');
  });

  it('move the focus to the title of the page that was opened', async () => {
    const { page } = await host.visit('/manage/llm-models/');
    await page.getByLabel('Manage').getByRole('link', { name: 'MCP servers' }).press('Enter');
    const title = page.getByRole('heading', { name: 'MCP servers' });
    await title.waitFor();
    await expect.poll(() => isFocused(title)).toBe(true);
  });

  it('say that there is no such page', async () => {
    const { page } = await host.visit('/manage/nonsense/');
    await page.getByText('There is no such page, or you may not see it.').waitFor();
  });

  it('fit a narrow screen, in the dark as well', async () => {
    const { page } = await host.visit('/manage/mcp-servers/', {
      colorScheme: 'dark',
      viewport: { width: 360, height: 640 },
    });
    await page.getByRole('link', { name: 'alpha' }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await page.getByRole('button', { name: 'Menu', exact: true }).click();
    await page.getByLabel('Manage').getByRole('link', { name: 'Audit log' }).click();
    await page.getByRole('heading', { name: 'Audit log' }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  });
});
