import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWebAdapter } from '../../../adapters/web/index.ts';
import { restRoutes } from '../../../src/http/rest/index.ts';
import { createHttpServer, type HttpServer } from '../../../src/http/server.ts';
import { resources as definitions } from '../../../src/resources/index.ts';
import { createResources, type Resources } from '../../../src/resources/manage.ts';
import { auditLog } from '../../../src/store/audit.ts';
import { ledger } from '../../../src/store/ledger.ts';
import { resourceStore } from '../../../src/store/resources.ts';
import { usageLog } from '../../../src/store/usage-sums.ts';
import { openTestEmbedded, type TestDatabase } from '../../fakes/database.ts';
import { silentLog } from '../../fakes/log.ts';
import { allPermissions, caller, fakeWorld } from '../../fakes/world.ts';
import { buildConsole, chromiumPath, launch } from './browser.ts';
import { createFakeBot } from './fake-bot.ts';
import { createFakeGate } from './fake-gate.ts';
import { isBrowserMissing } from './manage-host.ts';

describe.skipIf(isBrowserMissing)('the management pages over the real REST API and a database', () => {
  const gate = createFakeGate();
  let database: TestDatabase;
  let resources: Resources;
  let server: HttpServer;
  let browser: Browser;
  let url: string;
  let page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    if (chromiumPath === undefined) throw new Error('CI needs a Chromium: install one or set CHROMIUM_PATH.');
    database = await openTestEmbedded();
    const log = silentLog;
    const store = resourceStore(database.db, () => {});
    resources = createResources({ resources: definitions, store, world: fakeWorld() });
    const adapter = createWebAdapter({
      ...{ bot: createFakeBot(() => [{ say: 'Hello.' }]), gate, log, secureCookies: false },
      assetsDir: await buildConsole(),
    });
    const rest = restRoutes({
      ...{ resources, gate, version: '0.1.0', showDetails: true },
      audit: auditLog(database.db),
      usage: usageLog(database.db),
      traces: ledger(database.db),
      clearToolCache: async () => 0,
    });
    const limits = { requestsPerMinute: 1_000_000, failuresPerMinute: 1_000_000 };
    const routes = [...adapter.routes, ...rest];
    server = await createHttpServer({ routes, log, showDetails: true, limits });
    url = await server.listen('127.0.0.1', 0);
    browser = await launch(chromiumPath);
    await create('llm-providers', { name: 'ollama' });
    await create('llm-models', { name: 'qwen', description: 'Small.' });
    await create('llm-middleware', { llm_model: 'qwen', middleware: 'ModelCallLimitMiddleware' });
    page = await browser.newPage();
    page.setDefaultTimeout(30_000);
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('response', (answer) => {
      if (answer.status() >= 400) errors.push(`${answer.status()} ${answer.url()}`);
    });
    await page.goto(`${url}/console/sign-in?token=${gate.invite('Ada', [...allPermissions])}`);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await database?.close();
  });

  async function create(path: string, values: object): Promise<void> {
    await resources.create(definition(path), [values], caller());
  }

  function definition(path: string) {
    const resource = resources.named(path);
    if (!resource) throw new Error(`no resource ${path}`);
    return resource;
  }

  const heading = (name: string) => page.getByRole('heading', { name, level: 1, exact: true }).waitFor();

  it.each(definitions)('list $path, and open the form of a new one', async ({ path, many, one, changes }) => {
    await page.goto(`${url}/manage/${path}/`);
    await heading(many);
    await page.locator('.list, .nothing-here').first().waitFor();
    const add = page.getByRole('link', { name: `New ${one}` });
    expect(await add.count()).toBe(changes.includes('create') ? 1 : 0);
    if (changes.includes('create')) {
      await add.click();
      await heading(`New ${one}`);
      await page.getByRole('button', { name: 'Create' }).waitFor();
    }
    expect(errors).toEqual([]);
  });

  it('sort by every column that is offered', async () => {
    for (const { path, many } of definitions) {
      await page.goto(`${url}/manage/${path}/`);
      await heading(many);
      await page.locator('.list, .nothing-here').first().waitFor();
      for (const column of await page.locator('.sort').all()) {
        await column.click();
        await page.locator('.list:not(.stale)').waitFor();
      }
    }
    expect(errors).toEqual([]);
  }, 180_000);

  it('change a row, and notice when somebody else did', async () => {
    await page.goto(`${url}/manage/llm-models/?q=qwen`);
    await page.getByRole('link', { name: 'qwen' }).first().click();
    await page.getByLabel('Description').fill('Small and fast.');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    const { rows } = await resources.list(
      definition('llm-models'),
      { filters: [], order: [], limit: 10, offset: 0 },
      caller(),
    );
    const [row] = rows;
    if (!row) throw new Error('the model is gone');
    expect(row.description).toBe('Small and fast.');
    const item = { id: row.id, input: { temperature: 1 }, isPartial: true };
    await resources.update(definition('llm-models'), [item], caller());
    await page.getByLabel('Description').fill('Mine.');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Reload, and keep what I changed' }).click();
    await expect.poll(() => page.getByLabel('Temperature').inputValue()).toBe('1');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    expect(errors.splice(0)).toEqual([expect.stringMatching(/^412 /)]);
  });

  it('show what the rules say at its field', async () => {
    await page.goto(`${url}/manage/llm-models/new/`);
    await page.getByLabel('Name', { exact: false }).first().fill('second');
    await page.getByLabel('Temperature').fill('2.5');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByText('At most 2.').waitFor();
    await page.getByLabel('Temperature').fill('');
    await page.getByRole('button', { name: 'Create' }).click();
    await heading('second');
    expect(errors.splice(0)).toEqual([expect.stringMatching(/^400 /)]);
  });

  it('show a new API token once', async () => {
    await page.goto(`${url}/manage/api-tokens/new/`);
    await page.getByLabel('Name').first().fill('ci');
    await page.getByLabel('chat', { exact: true }).check();
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByText('Copy the token now').waitFor();
    expect((await page.locator('.token-value code').textContent())?.length).toBeGreaterThan(20);
    await page.getByRole('button', { name: 'I have copied it' }).click();
    await heading('ci');
    expect(errors).toEqual([]);
  });

  it('say what goes with a row, and delete it', async () => {
    await page.goto(`${url}/manage/llm-models/?q=qwen`);
    await page.getByRole('button', { name: /^Delete qwen/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Deleted with it:').waitFor();
    await dialog.getByText('1 middleware').waitFor();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('Nothing matches.').waitFor();
    expect(errors).toEqual([]);
  });

  it('find all of it in the audit log, which is whole', async () => {
    await page.goto(`${url}/manage/audit-log/?action=llm-models.*`);
    await page.locator('summary', { hasText: 'llm-models.delete' }).waitFor();
    await page.locator('summary', { hasText: 'llm-models.change' }).first().click();
    await page.getByRole('columnheader', { name: 'Before' }).first().waitFor();
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByText('The log is whole.').waitFor();
    expect(errors).toEqual([]);
  });
});
