import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isBrowserMissing, isFocused, type ManageHost, startManageHost } from './manage-host.ts';

describe.skipIf(isBrowserMissing)('forms of what admins manage, in a browser', () => {
  let host: ManageHost;

  beforeAll(async () => {
    host = await startManageHost();
  });

  afterAll(() => host?.close());

  const pathOf = (resource: string, id: string) => `/manage/${resource}/${id}/`;
  const save = (page: Page) => page.getByRole('button', { name: 'Save' }).click();
  const saved = (page: Page) => page.getByText('Saved', { exact: true }).waitFor();

  async function open(name: string, values: Readonly<Record<string, unknown>> = {}) {
    const row = host.rest.add('llm-models', { name, ...values });
    const visit = await host.visit(pathOf('llm-models', row.id));
    await visit.page.getByLabel('Temperature').waitFor();
    return { ...visit, row };
  }

  it('show what is wrong at each field, and go to the first of them', async () => {
    const { page } = await host.visit('/manage/llm-models/new/');
    await page.getByLabel('Secret reference').fill('sk-live-0123');
    await page.getByLabel('Temperature').fill('3');
    await page.getByRole('button', { name: 'Create' }).click();
    const name = page.getByLabel('Name');
    await page.getByText('This field is required.').waitFor();
    await page.getByText('At most 2.').waitFor();
    await expect.poll(() => isFocused(name)).toBe(true);
    expect(await name.getAttribute('aria-invalid')).toBe('true');
    const [problem = ''] = (await name.getAttribute('aria-describedby'))?.split(' ') ?? [];
    expect(await page.locator(`[id="${problem}"]`).textContent()).toBe('This field is required.');
    await name.fill('opus');
    expect(await page.getByText('This field is required.').count()).toBe(0);
    await page.getByLabel('Secret reference').fill('');
    await page.getByRole('button', { name: 'Begin with vault:' }).click();
    await page.keyboard.type('kv/llm#key');
    await page.getByLabel('Temperature').fill('0.5');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { name: 'opus' }).waitFor();
    expect(host.rest.find('llm-models', 'opus')).toMatchObject({
      model_secret_key: 'vault:kv/llm#key',
      temperature: 0.5,
    });
  });

  it('are filled in and sent by keyboard alone', async () => {
    host.rest.add('mcp-servers', { name: 'other', status: 'Healthy' });
    const { page } = await host.visit('/manage/mcp-servers/');
    await tabTo(page, 'New MCP server');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'New MCP server' }).waitFor();
    await tabTo(page, 'Name');
    await page.keyboard.type('typed');
    await tabTo(page, 'Status');
    await page.keyboard.type('Healthy');
    await tabTo(page, 'Protocol');
    await page.keyboard.type('stdio');
    await tabTo(page, 'Command');
    await page.keyboard.type('/usr/bin/mcp');
    await tabTo(page, 'Add');
    await page.keyboard.press('Enter');
    await page.keyboard.type('--root');
    await page.keyboard.press('Enter');
    await page.keyboard.type('/srv');
    await tabTo(page, 'Trusted');
    await page.keyboard.press('Space');
    await tabTo(page, 'Create');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'typed' }).waitFor();
    expect(host.rest.find('mcp-servers', 'typed')).toMatchObject({
      status: { name: 'Healthy' },
      protocol: 'stdio',
      command: '/usr/bin/mcp',
      args: ['--root', '/srv'],
      is_trusted: true,
    });
  });

  it('ask only for what the others make necessary', async () => {
    const { page } = await host.visit('/manage/mcp-servers/new/');
    const form = page.getByRole('main');
    await form.getByLabel('URL').waitFor();
    expect(await form.getByLabel('Command').count()).toBe(0);
    await form.getByLabel('Protocol').selectOption('stdio');
    await form.getByLabel('Command').waitFor();
    expect(await form.getByLabel('URL').count()).toBe(0);
  });

  it('send only what changed', async () => {
    const { page, errors } = await open('partial', { description: 'Old.', tags: ['eu'] });
    await page.getByLabel('Description').fill('New.');
    await page.getByLabel('Retires at').fill('2027-01-02T03:04');
    await page.getByLabel('Settings').fill('{"top_p": 0.9}');
    await save(page);
    await saved(page);
    const { retires_at: retires, ...others } = host.rest.patches.at(-1) as Record<string, unknown>;
    expect(others).toEqual({ description: 'New.', model_config: { top_p: 0.9 } });
    expect(new Date(String(retires)).getMinutes()).toBe(4);
    expect(errors).toEqual([]);
  });

  it('clear a relation, a number and a list', async () => {
    const other = host.rest.add('llm-models', { name: 'fallback-of-cleared' });
    const values = { fallback: other.id, context_window: 1000, tags: ['eu', 'fast'] };
    const { page, row } = await open('cleared', values);
    await page.getByLabel('Fallback').selectOption('None');
    await page.getByLabel('Context window').fill('');
    await page.getByRole('button', { name: 'Remove fast' }).click();
    await save(page);
    await saved(page);
    expect(row).toMatchObject({ fallback: null, context_window: null, tags: ['eu'] });
  });

  it('write names with their values, each name once', async () => {
    const row = host.rest.add('mcp-servers', {
      name: 'paired',
      status: 'Healthy',
      url: 'https://m.example',
      headers: { authorization: 'Bearer env:TOKEN' },
    });
    const { page } = await host.visit(pathOf('mcp-servers', row.id));
    await page.getByRole('group', { name: 'Headers' }).getByRole('button', { name: 'Add' }).click();
    await page.keyboard.type('authorization');
    await page.getByLabel('Headers: name 2').press('Tab');
    await page.keyboard.type('x');
    await save(page);
    await page.getByText('Each name may be there once.').waitFor();
    await page.getByLabel('Headers: name 2').fill('x-team');
    await save(page);
    await saved(page);
    expect(row.headers).toEqual({ authorization: 'Bearer env:TOKEN', 'x-team': 'x' });
  });

  it('say while one writes whether JSON can be read, and do not send what cannot', async () => {
    const { page } = await open('jsonish');
    const settings = page.getByLabel('Settings');
    const before = host.rest.patches.length;
    await settings.fill('{"a": }');
    await page.getByText('This is not valid JSON').waitFor();
    await save(page);
    await expect.poll(() => isFocused(settings)).toBe(true);
    expect(host.rest.patches).toHaveLength(before);
    await settings.fill('{"a":1}');
    await page.getByRole('button', { name: 'Tidy up' }).click();
    expect(await settings.inputValue()).toBe('{\n  "a": 1\n}');
  });

  it('tell that somebody else changed it, and go on with what one wrote', async () => {
    const { page, row } = await open('contested', { description: 'First.', temperature: 0 });
    await page.getByLabel('Description').fill('Mine.');
    host.rest.change('llm-models', row.id, { temperature: 1.5 });
    await save(page);
    await page.getByRole('alert').getByText('Somebody changed it since you read it.').waitFor();
    expect(row.description).toBe('First.');
    await page.getByRole('button', { name: 'Reload, and keep what I changed' }).click();
    await expect.poll(() => page.getByLabel('Temperature').inputValue()).toBe('1.5');
    expect(await page.getByLabel('Description').inputValue()).toBe('Mine.');
    await save(page);
    await saved(page);
    expect(row).toMatchObject({ description: 'Mine.', temperature: 1.5 });
  });

  it('or with what the other wrote', async () => {
    const { page, row } = await open('yielded', { description: 'First.' });
    await page.getByLabel('Description').fill('Mine.');
    host.rest.change('llm-models', row.id, { description: 'Theirs.' });
    await save(page);
    await page.getByRole('button', { name: 'Reload, and discard mine' }).click();
    await expect.poll(() => page.getByLabel('Description').inputValue()).toBe('Theirs.');
  });

  it('ask before what was written is left, by a link or by the way back', async () => {
    const { page } = await open('unsaved');
    await page.getByLabel('Manage').getByRole('link', { name: 'LLM models' }).click();
    await page.getByRole('link', { name: 'unsaved' }).click();
    await page.getByLabel('Description').fill('Mine.');
    await page.getByLabel('Manage').getByRole('link', { name: 'MCP servers' }).click();
    const dialog = page.getByRole('dialog', { name: 'Leave this page?' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.goBack();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(await page.getByLabel('Description').inputValue()).toBe('Mine.');
    await page.goBack();
    await dialog.getByRole('button', { name: 'Leave' }).click();
    await page.getByRole('heading', { name: 'LLM models' }).waitFor();
  });

  it('open again at their address after a reload', async () => {
    const { page, row } = await open('deep', { description: 'Linked to.' });
    await page.reload();
    await expect.poll(() => page.getByLabel('Description').inputValue()).toBe('Linked to.');
    expect(new URL(page.url()).pathname).toBe(pathOf('llm-models', row.id));
  });

  it('show a new token once, and ask before it is left', async () => {
    const { page } = await host.visit('/manage/api-tokens/new/');
    await page.getByLabel('Name').fill('ci');
    await page.getByLabel('chat', { exact: true }).check();
    const more = page.getByLabel('Find or add: Permissions');
    await more.fill('ai_ops.view_*');
    await more.press('Enter');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByText('aiops_0123456789abcdef0123456789abcdef').waitFor();
    await page.getByRole('button', { name: 'Copy the token' }).waitFor();
    await page.getByLabel('Manage').getByRole('link', { name: 'LLM models' }).click();
    await page.getByText('The token will not be shown again.').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'I have copied it' }).click();
    await page.getByRole('heading', { name: 'ci' }).waitFor();
    expect(await page.getByText('aiops_0123').count()).toBe(0);
    expect(host.rest.find('api-tokens', 'ci')?.permissions).toEqual(['chat', 'ai_ops.view_*']);
  });
});

const NAME_OF_FOCUSED = `(() => {
  const element = document.activeElement;
  const label = element?.labels?.[0] ?? element;
  return (element?.getAttribute('aria-label') ?? label?.textContent ?? '').replace('*', '').trim();
})()`;

/** Presses Tab until the control of this name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let tries = 0; tries < 60; tries++) {
    if ((await page.evaluate(NAME_OF_FOCUSED)) === name) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never came to “${name}”.`);
}
