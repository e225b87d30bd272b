import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { buildConsole, chromiumPath, launch } from './browser.ts';
import { allPermissions } from './fake-resources.ts';
import { createWorld } from './world.ts';

/** A signed-in person on a page of the console, and what went wrong in their browser. */
export interface Visit {
  readonly page: Page;
  readonly errors: readonly string[];
}

export interface ManageHost {
  readonly browser: Browser;
  readonly rest: Awaited<ReturnType<typeof createWorld>>['rest'];
  visit(
    path: string,
    options?: BrowserContextOptions & { readonly permissions?: readonly string[] },
  ): Promise<Visit>;
  readonly url: string;
  close(): Promise<void>;
}

/** Why browser tests cannot run here; undefined where they can. On CI they must. */
export const isBrowserMissing = chromiumPath === undefined && !process.env.CI;

/** The console as it is built now, before a REST double, in a real browser. */
export async function startManageHost(): Promise<ManageHost> {
  if (chromiumPath === undefined) throw new Error('CI needs a Chromium: install one or set CHROMIUM_PATH.');
  const script = () => [{ say: 'Hello.' }];
  const world = await createWorld({ script, assetsDir: await buildConsole() });
  const browser = await launch(chromiumPath);
  for (const name of ['Healthy', 'Unhealthy', 'Vulnerable']) world.rest.add('statuses', { name });
  let people = 0;
  return {
    browser,
    rest: world.rest,
    url: world.host.url,
    async visit(path, { permissions = allPermissions, ...options } = {}) {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      page.setDefaultTimeout(30_000);
      const errors = listenForErrors(page);
      const token = world.gate.invite(`Person ${++people}`, permissions);
      await page.goto(`${world.host.url}/console/sign-in?token=${token}`);
      await page.goto(world.host.url + path);
      return { page, errors };
    },
    async close() {
      await browser.close();
      await world.close();
    },
  };
}

function listenForErrors(page: Page): readonly string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) errors.push(message.text());
  });
  return errors;
}

/** Whether an element has the focus. */
export function isFocused(locator: Locator): Promise<boolean> {
  return locator.evaluate((element) => element === element.ownerDocument.activeElement);
}
