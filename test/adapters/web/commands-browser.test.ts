import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWebAdapter } from '../../../adapters/web/index.ts';
import { createHttpServer, type HttpServer } from '../../../src/http/server.ts';
import { type AdminStage, ada, openAdminStage } from '../../chat/admin/stage.ts';
import { silentLog } from '../../fakes/log.ts';
import { allPermissions } from '../../fakes/world.ts';
import { buildConsole, chromiumPath, launch } from './browser.ts';
import { createFakeBot } from './fake-bot.ts';
import { createFakeGate } from './fake-gate.ts';
import { isBrowserMissing } from './manage-host.ts';

/** Where pictures of the page go, for people who want to look. */
const pictures = process.env.PICTURES_DIR;

describe.skipIf(isBrowserMissing)('the command line of the console', () => {
  const gate = createFakeGate();
  let at: AdminStage;
  let server: HttpServer;
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    if (chromiumPath === undefined) throw new Error('CI needs a Chromium: install one or set CHROMIUM_PATH.');
    at = await openAdminStage();
    await at.admin.run('providers add openai', ada);
    const log = silentLog;
    const adapter = createWebAdapter({
      ...{ bot: createFakeBot(() => [{ say: 'Hello.' }]), gate, log, secureCookies: false },
      administration: at.admin,
      assetsDir: await buildConsole(),
    });
    const limits = { requestsPerMinute: 1_000_000, failuresPerMinute: 1_000_000 };
    server = await createHttpServer({ routes: adapter.routes, log, showDetails: true, limits });
    const url = await server.listen('127.0.0.1', 0);
    browser = await launch(chromiumPath);
    page = await browser.newPage({ viewport: { width: 1200, height: 820 } });
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${url}/console/sign-in?token=${gate.invite('Ada', [...allPermissions])}`);
  }, 180_000);
  afterAll(async () => {
    await browser.close();
    await server.close();
    await at.close();
  });

  const last = () => page.locator('.palette-entry').last();
  const run = async (line: string) => {
    const count = await page.locator('.palette-entry').count();
    await page.getByLabel('Command', { exact: true }).fill(line);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.palette-entry').count()).toBe(count + 1);
  };
  const picture = async (name: string) => {
    if (pictures !== undefined) await page.screenshot({ path: `${pictures}/${name}.png` });
  };

  it('opens by a key, and does what a line says at once', async () => {
    await page.getByLabel('Message').waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog', { name: 'Command line' }).waitFor();
    await picture('empty');
    await run('models add gpt-4o provider=openai temperature=0.5');
    await last().getByText('is made.').waitFor();
    await picture('made');
  });

  it('lists things as a table, with what can be done with each', async () => {
    await run('models');
    await last().getByRole('rowheader', { name: 'gpt-4o' }).waitFor();
    await picture('list');
    await last().getByText('…').click();
    await picture('menu');
    await last().getByRole('button', { name: 'Test', exact: true }).click();
    await page.getByText('It answered').waitFor();
  });

  it('opens a form, tries it, shows what changes, saves it, and undoes it', async () => {
    await run('models edit gpt-4o');
    await last().getByLabel('Temperature').fill('1.5');
    await picture('form');
    await last().getByRole('button', { name: 'Test before saving' }).click();
    await last().getByText('The model answered').waitFor();
    await last().getByRole('button', { name: 'Review' }).click();
    await last().getByText('This changes:').waitFor();
    await picture('review');
    await last().getByRole('button', { name: 'Save' }).click();
    await last().getByText('is changed.').waitFor();
    await picture('saved');
    await last().getByRole('button', { name: 'Undo' }).click();
    await last().getByText('Undone').waitFor();
  });

  it('asks for the options of a type once it is chosen, with what a line gave', async () => {
    await at.admin.run('middleware-types add ModelCallLimitMiddleware', ada);
    await run('middleware add llm_model=gpt-4o config.run_limit=7 form=yes');
    const limit = last().getByLabel('Run limit');
    expect(await limit.count()).toBe(0);
    await last().getByLabel('Type').selectOption('ModelCallLimitMiddleware');
    expect(await limit.inputValue()).toBe('7');
    await limit.fill('0');
    await last().getByRole('button', { name: 'Create' }).click();
    await last().locator('[data-field="config@ModelCallLimitMiddleware.run_limit"] [role=alert]').waitFor();
    await limit.fill('9');
    await picture('options');
    await last().getByRole('button', { name: 'Create' }).click();
    await last().getByText('is made.').waitFor();
    expect(await at.everything()).toContain('"config":{"run_limit":9}');
  });

  it('keeps what was said and half filled in when it is closed, but for what is shown once', async () => {
    await run('tokens add ci permissions=chat');
    await last().getByText('shown this once').waitFor();
    await run('models edit gpt-4o');
    await last().getByLabel('Description').fill('half a senten');
    const count = await page.locator('.palette-entry').count();
    await page.keyboard.press('Escape');
    const dialog = page.getByRole('dialog', { name: 'Command line' });
    await expect.poll(() => dialog.count()).toBe(0);
    await page.keyboard.press('Control+k');
    await dialog.waitFor();
    expect(await page.locator('.palette-entry').count()).toBe(count - 1);
    expect(await page.getByText('shown this once').count()).toBe(0);
    expect(await last().getByLabel('Description').inputValue()).toBe('half a senten');
    await expect.poll(() => page.locator(':focus').getAttribute('aria-label')).toBe('Command');
  });

  it('asks before a half-filled form is thrown away with the page', async () => {
    const asked: string[] = [];
    page.once('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.dismiss();
    });
    await page.evaluate('location.reload()');
    await expect.poll(() => asked).toEqual(['beforeunload']);
    expect(await last().getByLabel('Description').inputValue()).toBe('half a senten');
    await last().getByRole('button', { name: 'Review' }).click();
    await last().getByText('This changes:').waitFor();
    await last().getByRole('button', { name: 'Save' }).click();
    await last().getByText('is changed.').waitFor();
    await run('undo');
    await last().getByText('was changed: ').waitFor();
    await last().getByRole('button', { name: 'Undo 1', exact: true }).click();
    await last().getByText('Undone').waitFor();
  });

  it('shows what is wrong at its field, suggests, and draws usage', async () => {
    await run('models add bad provider=openai temperature=9');
    await last().getByText('At most 2.').waitFor();
    await picture('wrong');
    await run('modles');
    await last().getByRole('button', { name: 'models' }).waitFor();
    await run('usage');
    await last().getByText('Today').first().waitFor();
    await run('models delete gpt-4o');
    await last().getByRole('button', { name: 'Delete' }).click();
    await last().getByText('is deleted.').waitFor();
    await picture('end');
    expect(errors).toEqual([]);
  });
});
