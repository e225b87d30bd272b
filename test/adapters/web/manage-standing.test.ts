import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isBrowserMissing, type ManageHost, startManageHost } from './manage-host.ts';

describe.skipIf(isBrowserMissing)('what pages say of rows, in a browser', () => {
  let host: ManageHost;

  beforeAll(async () => {
    host = await startManageHost();
  });

  afterAll(() => host?.close());

  it('tells that one was created, and what checking it found', async () => {
    const { page } = await host.visit('/manage/mcp-servers/new/');
    await page.getByLabel('Name').fill('fresh');
    await page.getByLabel('URL').fill('https://fresh.example');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByText('Created', { exact: true }).first().waitFor();
    const row = host.rest.find('mcp-servers', 'fresh');
    if (!row) throw new Error('the server was not created');
    await page.locator('.row-finding', { hasText: 'Unhealthy' }).waitFor();
    host.rest.change('mcp-servers', row.id, { last_error: 'It does not answer.' });
    await page.reload();
    await page.getByLabel('URL').fill('https://other.example');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('.row-finding', { hasText: 'It does not answer.' }).waitFor();
    await page.getByText('Who made it.').waitFor();
  });

  it('names what a relation leads to where it may not be seen, and asks for none of those', async () => {
    const model = host.rest.add('llm-models', { name: 'hidden-model' });
    host.rest.add('llm-middleware', { name: 'seen', llm_model: model.id });
    const permissions = ['ai_ops.view_llmmiddleware', 'ai_ops.change_llmmiddleware'];
    const { page } = await host.visit('/manage/you/', { permissions });
    const refused: string[] = [];
    page.on('response', (answer) => {
      if (answer.status() >= 400) refused.push(answer.url());
    });
    await page.goto(`${host.url}/manage/llm-middleware/`);
    await page.getByRole('link', { name: 'seen' }).waitFor();
    const filters = page.locator('.filters select');
    expect(await filters.evaluateAll((all) => all.map(({ id }) => id))).toEqual(['filter-is_critical']);
    await page.getByRole('link', { name: 'seen' }).click();
    expect(await page.getByLabel('Model').inputValue()).toBe('hidden-model');
    expect(await page.getByLabel('Model').getAttribute('readonly')).not.toBeNull();
    expect(refused).toEqual([]);
  });

  it('offers no “None” where there must be one, and exactly the choices that are named', async () => {
    const { page } = await host.visit('/manage/mcp-servers/new/');
    const options = page.getByLabel('Status').locator('option');
    await expect.poll(() => options.allTextContents()).toEqual(['Healthy', 'Unhealthy', 'Vulnerable']);
  });

  it('marks what this version cannot build', async () => {
    const model = host.rest.add('llm-models', { name: 'unbuilt', is_available: false });
    const row = host.rest.add('llm-middleware', { name: 'of-unbuilt', llm_model: model.id });
    const { page } = await host.visit(`/manage/llm-middleware/${row.id}/`);
    await page.getByText('This version of the bot cannot build it: it is stored, but left out.').waitFor();
    await page.getByLabel('Critical').check();
    await page.getByText('every turn of the model would fail').waitFor();
    const marked = page.getByLabel('Model').locator('option', { hasText: 'unbuilt (not available)' });
    expect(await marked.count()).toBe(1);
  });

  it('hides that JSON is valid while the server refuses it', async () => {
    const row = host.rest.add('llm-models', { name: 'refused-json' });
    const { page } = await host.visit(`/manage/llm-models/${row.id}/`);
    await page.getByLabel('Settings').fill('{"api_key": "x"}');
    await page.getByText('Valid JSON').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('A key may not stand here.').waitFor();
    expect(await page.getByText('Valid JSON').count()).toBe(0);
  });

  it('leaves what comes with the bot', async () => {
    const bundled = host.rest.add('mcp-servers', { name: 'own', status: 'Healthy', origin: 'bundled' });
    const builtin = host.rest.add('llm-models', { name: 'built-in', is_builtin: true });
    const { page } = await host.visit('/manage/mcp-servers/?q=own');
    await page.getByRole('link', { name: 'own' }).waitFor();
    expect(await page.getByRole('button', { name: /Delete/ }).count()).toBe(0);
    await page.goto(`${host.url}/manage/mcp-servers/${bundled.id}/`);
    await page.getByRole('button', { name: 'Save' }).waitFor();
    expect(await page.getByRole('button', { name: /Delete/ }).count()).toBe(0);
    await page.goto(`${host.url}/manage/llm-models/${builtin.id}/`);
    await page.getByRole('heading', { name: 'built-in' }).waitFor();
    expect(await page.getByRole('button', { name: /Delete|Save/ }).count()).toBe(0);
    expect(await page.getByRole('main').locator('input, select, textarea').count()).toBe(0);
  });

  it('says that one is gone, and leads to the list', async () => {
    const { page } = await host.visit('/manage/llm-models/nothing/');
    await page.getByText('This LLM model is gone').waitFor();
    expect(await page.getByText('ref-1').count()).toBe(0);
    await page.getByRole('link', { name: 'Go to the LLM models' }).click();
    await page.getByRole('heading', { name: 'LLM models' }).waitFor();
  });

  it('sorts on a narrow screen, where nothing is cut off', async () => {
    const name = 'n'.repeat(120);
    for (const each of ['aa', name]) host.rest.add('llm-models', { name: each, tags: ['narrow'] });
    const { page } = await host.visit('/manage/llm-models/', { viewport: { width: 390, height: 800 } });
    await page.getByLabel('Sort by').selectOption('Name, down');
    await expect.poll(() => new URL(page.url()).search).toBe('?ordering=-name');
    await page.getByRole('link', { name: 'New LLM model' }).waitFor();
    const cut = await page
      .locator('.filters, .list-frame, h1')
      .evaluateAll((all) =>
        all
          .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
          .map(({ className }) => className),
      );
    expect(cut).toEqual([]);
  });

  it('keeps the tools of a row with a long name within its frame', async () => {
    host.rest.add('llm-models', { name: `long-${'n'.repeat(240)}` });
    const { page } = await host.visit('/manage/llm-models/?q=long-', {
      viewport: { width: 1280, height: 800 },
    });
    await page.getByRole('button', { name: /Delete long/ }).waitFor();
    const frame = page.locator('.list-frame');
    expect(await frame.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
  });
});
