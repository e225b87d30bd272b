import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isBrowserMissing, type ManageHost, startManageHost } from './manage-host.ts';

const ATTACK = '<img src=x onerror="document.title=1"><script>document.title=2</script>';

describe.skipIf(isBrowserMissing)('what one may do with what admins manage, in a browser', () => {
  let host: ManageHost;

  beforeAll(async () => {
    host = await startManageHost();
  });

  afterAll(() => host?.close());

  const model = (name: string, values: Readonly<Record<string, unknown>> = {}) =>
    host.rest.add('llm-models', { name, ...values });
  const pathOf = (resource: string, id: string) => `/manage/${resource}/${id}/`;

  it('deletes with what depends on it, which it names first', async () => {
    const doomed = model('doomed');
    const kept = model('kept', { fallback: doomed.id });
    host.rest.add('llm-middleware', { name: 'limit-of-doomed', llm_model: doomed.id });
    const { page } = await host.visit('/manage/llm-models/?q=doomed');
    await page.getByRole('button', { name: 'Delete doomed' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete doomed?' });
    await dialog.getByText('Deleted with it:').waitFor();
    await dialog.getByText('1 middleware: limit-of-doomed').waitFor();
    await dialog.getByText('Stay, and no longer refer to it:').waitFor();
    await dialog.getByText('1 LLM model: kept').waitFor();
    await page.keyboard.press('Escape');
    expect(host.rest.find('llm-models', 'doomed')).toBeDefined();
    await page.getByRole('button', { name: 'Delete doomed' }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('Nothing matches.').waitFor();
    expect(host.rest.find('llm-models', 'doomed')).toBeUndefined();
    expect(host.rest.find('llm-middleware', 'limit-of-doomed')).toBeUndefined();
    expect(kept.fallback).toBeNull();
  });

  it('does not delete what is in use', async () => {
    const server = host.rest.add('mcp-servers', { name: 'needed', status: 'Healthy' });
    host.rest.add('llm-middleware', { name: 'user', llm_model: model('m').id, server: server.id });
    const { page } = await host.visit(pathOf('mcp-servers', server.id));
    await page.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog', { name: 'needed is in use' });
    await dialog.getByText('1 middleware: user').waitFor();
    expect(await dialog.getByRole('button', { name: 'Delete' }).count()).toBe(0);
    await dialog.getByRole('button', { name: 'Close' }).click();
    expect(host.rest.find('mcp-servers', 'needed')).toBeDefined();
  });

  it('says why something was not deleted that came to be in use meanwhile', async () => {
    const server = host.rest.add('mcp-servers', { name: 'taken', status: 'Healthy' });
    const { page } = await host.visit(pathOf('mcp-servers', server.id));
    await page.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete taken?' });
    await dialog.getByRole('button', { name: 'Delete' }).waitFor();
    host.rest.add('llm-middleware', { name: 'late', llm_model: model('m2').id, server: server.id });
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByRole('alert').getByText('This MCP server is in use.').waitFor();
    expect(await dialog.getByRole('button').allTextContents()).toEqual(['Close']);
  });

  it('shows results of actions as they are best read', async () => {
    const tested = model('tested');
    const { page } = await host.visit(pathOf('llm-models', tested.id));
    await page.getByRole('button', { name: 'Test' }).click();
    const result = page.getByLabel('Result: Test');
    await result.getByText('It works.').waitFor();
    await result.getByText('412 ms').waitFor();
    const server = host.rest.add('mcp-servers', { name: 'with-tools', status: 'Healthy' });
    await page.goto(host.url + pathOf('mcp-servers', server.id));
    await page.getByRole('button', { name: 'Tools' }).click();
    await page.getByRole('cell', { name: 'Restarts <b>a service</b>.' }).waitFor();
    await page.getByText('The server says: only reads, stays within its system.').waitFor();
    const layer = host.rest.add('llm-middleware', { name: 'layer', llm_model: tested.id });
    await page.goto(host.url + pathOf('llm-middleware', layer.id));
    await page.getByRole('button', { name: 'Default config' }).click();
    await page.getByText('"run_limit": 25').waitFor();
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByText('Today is November 21, 2026.').waitFor();
  });

  it('offers nothing to somebody without permissions for it', async () => {
    const { page } = await host.visit('/', { permissions: ['chat'] });
    await page.getByLabel('Message', { exact: true }).waitFor();
    expect(await page.getByRole('link', { name: 'Manage' }).count()).toBe(0);
    await page.goto(`${host.url}/manage/llm-models/`);
    await page.getByText('There is no such page, or you may not see it.').waitFor();
  });

  it('offers somebody who may only look nothing else', async () => {
    const row = model('read-only', { description: 'To be read.' });
    const { page } = await host.visit('/manage/llm-models/?q=read-only', {
      permissions: ['ai_ops.view_llmmodel'],
    });
    await page.getByRole('link', { name: 'read-only' }).waitFor();
    const buttons = page.getByRole('main').getByRole('button');
    expect(await page.getByRole('link', { name: 'New LLM model' }).count()).toBe(0);
    expect(await buttons.filter({ hasText: /Test|Delete/ }).count()).toBe(0);
    expect(await page.getByLabel('Manage').getByRole('link').allTextContents()).toEqual([
      'LLM models',
      'You',
    ]);
    await page.getByRole('link', { name: 'read-only' }).click();
    await page.getByText('To be read.').waitFor();
    expect(await page.getByRole('main').locator('input, select, textarea').count()).toBe(0);
    expect(await buttons.filter({ hasText: /Save|Test|Delete/ }).count()).toBe(0);
    await page.goto(`${host.url}${pathOf('llm-models', row.id).replace(row.id, 'new')}`);
    await page.getByText('There is no such page, or you may not see it.').waitFor();
  });

  it('brings somebody who may not talk to what they may see', async () => {
    const { page } = await host.visit('/', { permissions: ['ai_ops.view_mcpserver'] });
    await page.getByRole('heading', { name: 'MCP servers' }).waitFor();
  });

  it('asks to sign in again when the session is over', async () => {
    const { page } = await host.visit('/manage/llm-models/');
    await page.getByRole('table').waitFor();
    await page.context().clearCookies();
    await page.getByLabel('Manage').getByRole('link', { name: 'MCP servers' }).click();
    await page.getByText('Sign in to talk to the bot').waitFor();
  });

  it('shows whatever names and descriptions hold as text', async () => {
    const row = model(`evil ${ATTACK}`, { description: ATTACK, tags: [ATTACK] });
    const { page, errors } = await host.visit('/manage/llm-models/?q=evil');
    await page.getByRole('link', { name: ATTACK }).click();
    await page.getByRole('heading', { name: ATTACK }).waitFor();
    expect(await page.getByLabel('Description').inputValue()).toBe(ATTACK);
    await page.getByLabel('Description').fill(`${ATTACK}!`);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByText(ATTACK).waitFor();
    await page.goto(`${host.url}/manage/audit-log/?target=llm-models/${row.id}`);
    await page.locator('summary', { hasText: 'llm-models.change' }).click();
    await page.getByRole('cell', { name: `${ATTACK}!` }).waitFor();
    expect(await page.locator('main :is(img, script)').count()).toBe(0);
    expect(await page.title()).toBe('Audit log · AI Ops Bot');
    expect(errors).toEqual([]);
  });

  it('reads the audit log: filters it, opens a line, exports it and checks its seals', async () => {
    const row = model('audited', { description: 'Before it.' });
    const { page } = await host.visit(pathOf('llm-models', row.id));
    await page.getByLabel('Description').fill('After it.');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Audit log' }).click();
    await page.getByText('More filters').click();
    await page.getByLabel('Action').fill('llm-models.*');
    await page.getByLabel('Target').fill(`llm-models/${row.id}`);
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await page.getByText('1–1 of 1').waitFor();
    await page.locator('summary', { hasText: 'llm-models.change' }).click();
    await page.getByRole('cell', { name: 'Before it.' }).waitFor();
    await page.getByRole('cell', { name: 'After it.' }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export' }).click(),
    ]);
    const lines = (await readFile(await download.path(), 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).detail.name)).toEqual(['audited']);
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByText('The log is whole.').waitFor();
    host.rest.audit.breakSeal('Entry 3 was changed after it was sealed.');
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByRole('alert').getByText('Entry 3 was changed after it was sealed.').waitFor();
  });

  it('tells one who one is and what one may do', async () => {
    const { page } = await host.visit('/manage/you/', { permissions: ['chat', 'ai_ops.view_llmmodel'] });
    await page.getByText('Talk to the bot').waitFor();
    expect(await page.getByText('Read the audit log').count()).toBe(0);
    const cells = page.getByRole('row', { name: /LLM models/ }).getByRole('img');
    const said = await cells.evaluateAll((all) => all.map((cell) => cell.getAttribute('aria-label')));
    expect(said).toEqual(['yes', 'no', 'no', 'no']);
  });
});
