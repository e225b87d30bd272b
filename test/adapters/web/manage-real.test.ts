import { sql } from 'kysely';
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

/** Each route has two groups of alerts that are open. */
const alerts = { ...fakeWorld().alerts, open: async () => ({ count: 2, names: ['Disk full', 'No answer'] }) };

const defaultLayers = () => [{ type: 'ModelCallLimitMiddleware', priority: 7, config: {} }];

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
    resources = createResources({
      resources: definitions,
      store,
      world: fakeWorld({ alerts, defaultLayers }),
    });
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
    await sql`insert into settings (name) values ('agent_recursion_limit'), ('timezone')
      on conflict do nothing`.execute(database.db);
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

  it('say which default layer takes the place of one that is deleted', async () => {
    await page.goto(`${url}/manage/llm-middleware/`);
    await page.getByRole('button', { name: /^Delete ModelCallLimitMiddleware/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('qwen has the default ModelCallLimitMiddleware again, at priority 7.').waitFor();
    await dialog.getByText('For none at all, disable it instead.').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(errors).toEqual([]);
  });

  it('say what goes with a row, and delete it', async () => {
    await page.goto(`${url}/manage/llm-models/?q=qwen`);
    await page.getByRole('button', { name: /^Delete qwen/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Deleted with it:').waitFor();
    await dialog.getByText('1 middleware').waitFor();
    await dialog
      .getByText('Threads without a model of their own are answered by second then.', { exact: false })
      .waitFor();
    await dialog.getByText('This cannot be undone.', { exact: false }).waitFor();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('Nothing matches.').waitFor();
    expect(errors).toEqual([]);
  });

  it('say how many alerts are open that a route closes with it', async () => {
    await create('alert-routes', { name: 'night', format: 'alertmanager', secret_key: 'env:ALERTS_TOKEN' });
    await page.goto(`${url}/manage/alert-routes/`);
    await page.getByRole('button', { name: /^Delete night/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Closed with it:').waitFor();
    await dialog.getByText('2 open groups of alerts').waitFor();
    await dialog.getByText('and what goes with it. This cannot be undone.', { exact: false }).waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(errors).toEqual([]);
  });

  it('ask for a setting by what it is, and say what it may be', async () => {
    await page.goto(`${url}/manage/settings/?q=recursion`);
    await page.getByRole('link', { name: 'agent_recursion_limit' }).click();
    const value = page.locator('[data-field="value"]');
    await value.getByText('5 to 100', { exact: true }).waitFor();
    await value.getByText('Default: 25. Allowed: whole numbers from 5 to 100.', { exact: false }).waitFor();
    await value.getByRole('textbox').fill('101');
    await page.getByRole('button', { name: 'Save' }).click();
    await value.getByRole('alert').waitFor();
    await value.getByRole('textbox').fill('30');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    const found = await resources.list(
      definition('settings'),
      { filters: [], order: [], limit: 50, offset: 0 },
      caller(),
    );
    expect(found.rows.find(({ name }) => name === 'agent_recursion_limit')?.value).toBe(30);
    await page.goto(`${url}/manage/settings/?q=timezone`);
    await page.getByRole('link', { name: 'timezone' }).click();
    const zones = value.locator('datalist option[value="Europe/Berlin"]');
    await zones.waitFor({ state: 'attached' });
    expect(errors.splice(0)).toEqual([expect.stringMatching(/^400 /)]);
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
