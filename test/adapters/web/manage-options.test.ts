import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createWebAdapter } from '../../../adapters/web/index.ts';
import { restRoutes } from '../../../src/http/rest/index.ts';
import { createHttpServer, type HttpServer } from '../../../src/http/server.ts';
import { middlewareTypes } from '../../../src/middleware/types.ts';
import { providers } from '../../../src/providers/index.ts';
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
import { isBrowserMissing, isFocused } from './manage-host.ts';

/** Where pictures of the pages go, for people who want to look. */
const pictures = process.env.PICTURES_DIR;

const world = fakeWorld({
  provider: (name) => providers[name],
  middleware: (type) => {
    const known = middlewareTypes[type];
    return (
      known && {
        config: known.config,
        isBuilt: type !== 'LLMToolEmulatorMiddleware',
        priority: known.priority,
      }
    );
  },
});

describe.skipIf(isBrowserMissing)('the options of a type, a provider and a kind, in a browser', () => {
  const gate = createFakeGate();
  let database: TestDatabase;
  let resources: Resources;
  let server: HttpServer;
  let browser: Browser;
  let url: string;
  let page: Page;
  let errors: string[] = [];
  let models = 0;
  let qwen = '';

  beforeAll(async () => {
    if (chromiumPath === undefined) throw new Error('CI needs a Chromium: install one or set CHROMIUM_PATH.');
    database = await openTestEmbedded();
    const log = silentLog;
    resources = createResources({
      resources: definitions,
      store: resourceStore(database.db, () => {}),
      world,
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
    server = await createHttpServer({ routes: [...adapter.routes, ...rest], log, showDetails: true, limits });
    url = await server.listen('127.0.0.1', 0);
    browser = await launch(chromiumPath);
    for (const name of ['openai', 'anthropic', 'ollama']) await create('llm-providers', { name });
    qwen = await create('llm-models', { name: 'qwen', llm_provider: 'ollama' });
    page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${url}/console/sign-in?token=${gate.invite('Ada', [...allPermissions])}`);
  });
  beforeEach(() => {
    errors = [];
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await database?.close();
  });

  function definition(path: string) {
    const resource = resources.named(path);
    if (!resource) throw new Error(`no resource ${path}`);
    return resource;
  }

  async function create(path: string, values: object): Promise<string> {
    const [made] = await resources.create(definition(path), [values], caller());
    if (!made) throw new Error('nothing was made');
    return made.row.id;
  }

  const stored = async (path: string, id: string) => await resources.read(definition(path), id, caller());
  const visit = async (path: string) => {
    await page.goto(`${url}/manage/${path}/`);
    await page.locator('.form').waitFor();
  };
  const field = (name: string) => page.locator(`[data-field="${name}"]`);
  const save = async () => {
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
  };
  const isDirty = () => page.getByText('Not saved yet').count();
  const picture = async (name: string) => {
    if (pictures !== undefined) await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
  };
  const layer = async (middleware: string, config: object) => {
    const model = `model ${++models}`;
    await create('llm-models', { name: model, llm_provider: 'ollama' });
    return await create('llm-middleware', { llm_model: model, middleware, config });
  };

  it('are asked for as soon as the type is chosen, with their help and what holds by default', async () => {
    await visit('llm-middleware/new');
    await page.getByText('They depend on the type.').waitFor();
    await page.getByRole('combobox', { name: 'Model' }).selectOption(qwen);
    await page.getByLabel('Type').selectOption('ModelCallLimitMiddleware');
    const limit = page.getByLabel('Run limit');
    await limit.fill('0');
    const name = 'config@ModelCallLimitMiddleware.run_limit';
    expect(await field(name).locator('.field-help').textContent()).toMatch(/\w.*\./);
    await page.getByRole('button', { name: 'Create' }).click();
    await field(name).getByRole('alert').waitFor();
    await expect.poll(() => isFocused(limit)).toBe(true);
    const ids = ((await limit.getAttribute('aria-describedby')) ?? '').split(' ');
    const described = await page.locator(`[id="${ids[0]}"]`).textContent();
    expect(described).toMatch(/More than 0|At least 1/);
    await picture('wrong');
    await limit.fill('9');
    await page.getByLabel('Exit behavior').selectOption('error');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { name: 'ModelCallLimitMiddleware on qwen' }).waitFor();
    const { rows } = await resources.list(
      definition('llm-middleware'),
      { filters: [], order: [], limit: 50, offset: 0 },
      caller(),
    );
    expect(rows.at(-1)?.config).toMatchObject({ run_limit: 9, exit_behavior: 'error' });
    expect(errors).toEqual([]);
  });

  it('say of a type that nothing here does it', async () => {
    await visit('llm-middleware/new');
    await page.getByLabel('Type').selectOption('LLMToolEmulatorMiddleware');
    await page.getByText('it is stored, but left out').waitFor();
  });

  it('keep what was written where another choice has the same, and come back when it is taken back', async () => {
    await visit('llm-models/new');
    await page.getByLabel('Provider').selectOption('openai');
    await page.getByLabel('Longest answer, where not set above').fill('500');
    await page.getByLabel('Reasoning effort').selectOption('low');
    await page.getByLabel('Provider').selectOption('anthropic');
    expect(await page.getByLabel('Longest answer, where not set above').inputValue()).toBe('500');
    expect(await page.getByLabel('Reasoning effort').count()).toBe(0);
    await page.getByLabel('Provider').selectOption('openai');
    expect(await page.getByLabel('Reasoning effort').inputValue()).toBe('low');
    await page.getByLabel('Provider').selectOption('anthropic');
    await page.getByLabel('Name').first().fill('opus');
    await page.getByLabel('Thinking', { exact: true }).selectOption('A whole number');
    await page.getByLabel('Thinking: a whole number').fill('2048');
    await page.getByLabel('Other settings').fill('{"extra": 1}');
    await picture('provider');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { name: 'opus' }).waitFor();
    const id = new URL(page.url()).pathname.split('/').at(-2) ?? '';
    const row = await stored('llm-models', id);
    expect(row.llm_provider).toMatchObject({ name: 'anthropic' });
    expect(row.model_config).toEqual({ max_tokens: 500, thinking: 2048, extra: 1 });
    expect(errors).toEqual([]);
  });

  it('of a stored row stand in their fields; what is not touched is not written', async () => {
    const config = { max_tokens: 400, think: true, extra: { a: 1 } };
    const id = await create('llm-models', { name: 'stored', llm_provider: 'ollama', model_config: config });
    await visit(`llm-models/${id}`);
    expect(await page.getByLabel('Longest answer, where not set above').inputValue()).toBe('400');
    expect(await page.getByLabel('Think', { exact: true }).inputValue()).toBe('true');
    expect(await page.getByLabel('Other settings').inputValue()).toContain('"extra"');
    expect(await isDirty()).toBe(0);
    await page.getByLabel('Longest answer, where not set above').fill('');
    await page.getByLabel('Think', { exact: true }).selectOption('high');
    await save();
    expect((await stored('llm-models', id)).model_config).toEqual({ think: 'high', extra: { a: 1 } });
    expect(await isDirty()).toBe(0);
  });

  it('that are lists of parts are filled in part by part, by keyboard too', async () => {
    const id = await layer('BudgetMiddleware', { limits: [{ per: 'user', tokens: 1000 }] });
    await visit(`llm-middleware/${id}`);
    const limits = page.getByRole('group', { name: 'Limits', exact: true });
    expect(await limits.getByLabel('Tokens').inputValue()).toBe('1000');
    await page.getByRole('button', { name: 'Add to Limits' }).focus();
    await page.keyboard.press('Enter');
    const second = page.getByRole('group', { name: 'Limits 2' });
    await expect.poll(() => isFocused(second.getByRole('combobox', { name: 'Per', exact: true }))).toBe(true);
    await page.keyboard.type('channel');
    await second.getByLabel('USD').fill('x');
    await page.getByRole('button', { name: 'Save' }).click();
    await second.getByText('Write a number.').waitFor();
    await expect.poll(() => isFocused(second.getByLabel('USD'))).toBe(true);
    await second.getByLabel('USD').fill('-1');
    await page.getByRole('button', { name: 'Save' }).click();
    await second.locator('[data-field="row.usd"]').getByRole('alert').waitFor();
    await picture('limits');
    await second.getByLabel('USD').fill('2.5');
    await save();
    const { config } = await stored('llm-middleware', id);
    expect(config).toMatchObject({
      limits: [
        { per: 'user', tokens: 1000 },
        { per: 'channel', usd: 2.5 },
      ],
    });
    await page.getByRole('button', { name: 'Remove Limits 1' }).click();
    await save();
    expect((await stored('llm-middleware', id)).config).toMatchObject({
      limits: [{ per: 'channel', usd: 2.5 }],
    });
    expect(errors).toEqual([]);
  });

  it('that are parts by name ask for the name, each once, and for the shape of each', async () => {
    const id = await layer('HumanInTheLoopMiddleware', { interrupt_on: { 'ops__*': true } });
    await visit(`llm-middleware/${id}`);
    const first = page.getByRole('group', { name: 'ops__*' });
    await first.getByLabel('What it is').selectOption('With options');
    await first.getByLabel('reject').uncheck();
    await page.getByRole('button', { name: 'Add to Interrupt on' }).click();
    await page.keyboard.type('ops__*');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Each name may be there once.').waitFor();
    await page.getByLabel('Interrupt on: name 2').fill('host__*');
    await page.getByRole('group', { name: 'host__*' }).getByLabel('What it is').selectOption('No');
    await picture('names');
    await save();
    expect((await stored('llm-middleware', id)).config).toMatchObject({
      interrupt_on: {
        'ops__*': { allowed_decisions: ['approve', 'edit', 'respond'] },
        'host__*': false,
      },
    });
    expect(errors).toEqual([]);
  });

  it('that may have several shapes ask for the fields of the one that is chosen', async () => {
    const id = await layer('SummarizationMiddleware', { trigger: { tokens: 4000 }, keep: { messages: 20 } });
    await visit(`llm-middleware/${id}`);
    expect(await page.getByLabel('Trigger: tokens').inputValue()).toBe('4000');
    expect(await page.getByLabel('Keep: messages').inputValue()).toBe('20');
    await page.getByLabel('Trigger', { exact: true }).selectOption('A list');
    expect(await page.getByLabel('Trigger: tokens').count()).toBe(0);
    await page.getByRole('button', { name: 'Add to Trigger: a list' }).click();
    await page.keyboard.type('7');
    await picture('shapes');
    await save();
    expect((await stored('llm-middleware', id)).config).toMatchObject({
      trigger: [{ tokens: 7 }],
      keep: { messages: 20 },
    });
  });

  it('can be written as JSON, all of them or one, and go back to their fields', async () => {
    const id = await layer('BudgetMiddleware', { limits: [{ per: 'user', tokens: 1000 }] });
    await visit(`llm-middleware/${id}`);
    await page.getByRole('button', { name: 'Edit as JSON', exact: true }).click();
    const json = page.getByRole('textbox', { name: 'Config', exact: true });
    expect(JSON.parse(await json.inputValue())).toMatchObject({ limits: [{ per: 'user', tokens: 1000 }] });
    expect(await isDirty()).toBe(0);
    await json.fill('{"limits": ');
    await page.getByRole('button', { name: 'Edit as fields' }).click();
    await field('config').getByRole('alert').waitFor();
    await json.fill('{"limits": [{"per": "model", "usd": 3}], "warn_at": 0.5}');
    await page.getByRole('button', { name: 'Edit as fields' }).click();
    expect(await page.getByLabel('Warn at').inputValue()).toBe('0.5');
    await page.getByRole('button', { name: 'Edit as JSON: Limits' }).click();
    await page.getByRole('textbox', { name: 'Limits' }).fill('[{"per": "everybody", "usd": 4}]');
    await page.getByRole('button', { name: 'Edit as fields: Limits' }).click();
    const first = page.getByRole('group', { name: 'Limits 1' });
    expect(await first.getByLabel('USD').inputValue()).toBe('4');
    await first.getByLabel('Tokens').fill('10');
    await save();
    expect((await stored('llm-middleware', id)).config).toMatchObject({
      limits: [{ per: 'everybody', usd: 4, tokens: 10 }],
      warn_at: 0.5,
    });
    expect(errors).toEqual([]);
  });

  it('stay as they were written when somebody else changed the row', async () => {
    const id = await layer('ModelCallLimitMiddleware', { run_limit: 3 });
    await visit(`llm-middleware/${id}`);
    await page.getByLabel('Run limit').fill('4');
    const change = { id, input: { priority: 9 }, isPartial: true };
    await resources.update(definition('llm-middleware'), [change], caller());
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Reload, and keep what I changed' }).click();
    await expect.poll(() => page.getByLabel('Priority').inputValue()).toBe('9');
    expect(await page.getByLabel('Run limit').inputValue()).toBe('4');
    await save();
    expect(await stored('llm-middleware', id)).toMatchObject({ config: { run_limit: 4 }, priority: 9 });
  });

  it('of a provider and of a type are those of its name', async () => {
    const { rows } = await resources.list(
      definition('llm-providers'),
      { filters: [], order: [], limit: 50, offset: 0 },
      caller(),
    );
    await visit(`llm-providers/${rows.find(({ name }) => name === 'openai')?.id}`);
    await page.getByLabel('Server address').fill('nonsense');
    await page.getByRole('button', { name: 'Save' }).click();
    await field('config_schema@openai.base_url').getByRole('alert').waitFor();
    await page.getByLabel('Server address').fill('https://llm.example.com/v1');
    await save();
    await visit('middleware-types/new');
    await page.getByText('They depend on the name.').waitFor();
    await page.getByLabel('Name').first().fill('HomeMadeMiddleware');
    await page.getByText('Nobody knows the options of HomeMadeMiddleware').waitFor();
    await page.getByRole('textbox', { name: 'Default config' }).fill('{"a": 1}');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { name: 'HomeMadeMiddleware' }).waitFor();
    expect(errors).toEqual([]);
  });

  it('come with the priority of the type, until somebody writes another', async () => {
    await visit('llm-middleware/new');
    const type = page.getByLabel('Type');
    const priority = page.getByLabel('Priority');
    await type.selectOption('ModelRetryMiddleware');
    const recommended = String(middlewareTypes.ModelRetryMiddleware?.priority);
    await expect.poll(() => priority.inputValue()).toBe(recommended);
    await type.selectOption('ModelCallLimitMiddleware');
    const other = String(middlewareTypes.ModelCallLimitMiddleware?.priority);
    expect(other).not.toBe(recommended);
    await expect.poll(() => priority.inputValue()).toBe(other);
    await priority.fill('33');
    await type.selectOption('ModelRetryMiddleware');
    await page.getByText('Options of ModelRetryMiddleware.').waitFor();
    expect(await priority.inputValue()).toBe('33');
    await priority.fill('');
    await type.selectOption('ModelCallLimitMiddleware');
    await expect.poll(() => priority.inputValue()).toBe(other);
    await visit(`llm-middleware/${await layer('ModelRetryMiddleware', {})}`);
    await type.selectOption('ModelCallLimitMiddleware');
    await page.getByText('Options of ModelCallLimitMiddleware.').waitFor();
    expect(await priority.inputValue()).toBe('10');
  });

  it('that depend on what is not asked for any more are not either', async () => {
    await visit('schedules/new');
    await page.getByLabel('Kind').selectOption('monitor');
    await page.getByLabel('What to watch').selectOption('question');
    await page.getByLabel('Question').waitFor();
    await page.getByLabel('Kind').selectOption('clean_up');
    await page.getByLabel('What to clean up').waitFor();
    expect(await page.getByLabel('Question').count()).toBe(0);
    await page.getByLabel('Kind').selectOption('report');
    await page.getByRole('button', { name: 'Add to Checks' }).click();
    const check = page.getByRole('group', { name: 'Checks 1' });
    await check.getByLabel('Question').fill('Are all certificates valid?');
    await check.getByLabel('Seconds').fill('3');
    await page.getByLabel('Name').first().fill('Nightly');
    await page.getByLabel('When').fill('0 8 * * *');
    await page.getByRole('button', { name: 'Create' }).click();
    await check.getByText('At least 10.').waitFor();
    await check.getByLabel('Seconds').fill('30');
    await picture('schedule');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { name: 'Nightly' }).waitFor();
    const id = new URL(page.url()).pathname.split('/').at(-2) ?? '';
    expect((await stored('schedules', id)).checks).toEqual([
      { question: 'Are all certificates valid?', seconds: 30 },
    ]);
  });

  it('fit a narrow screen, in the dark too', async () => {
    const id = await layer('BudgetMiddleware', { limits: [{ per: 'user', tokens: 1000 }] });
    await page.setViewportSize({ width: 360, height: 740 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await visit(`llm-middleware/${id}`);
    await page.getByRole('group', { name: 'Limits 1' }).waitFor();
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await page.evaluate(overflow)).toBe(0);
    for (const input of await page.locator('.part :is(input, select)').all()) {
      const { x = 0, width = 0 } = (await input.boundingBox()) ?? {};
      expect(x + width).toBeLessThanOrEqual(360);
    }
    await picture('narrow');
    await page.setViewportSize({ width: 1200, height: 900 });
    await page.emulateMedia({ colorScheme: 'light' });
  });
});
