import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrganisationSignIn } from '../../../src/chat/identity.ts';
import { buildConsole, chromiumPath, launch } from './browser.ts';
import { demoScript } from './demo-script.ts';
import { listen } from './host.ts';
import { createWorld } from './world.ts';

const isMissing = chromiumPath === undefined && !process.env.CI;

describe.skipIf(isMissing)(
  `the console in a browser${isMissing ? ' (skipped: no Chromium on this machine)' : ''}`,
  () => {
    let browser: Browser;
    let world: Awaited<ReturnType<typeof createWorld>>;

    beforeAll(async () => {
      if (chromiumPath === undefined)
        throw new Error('CI needs a Chromium: install one or set CHROMIUM_PATH.');
      const organisation: OrganisationSignIn = {
        begin: async () => ({
          type: 'go',
          location: '/console/oidc/callback?code=1',
          start: 's',
          maxAgeSeconds: 60,
        }),
        async finish() {
          const signedIn = await world.gate.signIn(world.gate.invite('Olga'), '');
          if (signedIn === undefined) return { type: 'failed', reason: 'stale', referenceId: '-' };
          return { type: 'in', next: '/', ...signedIn };
        },
      };
      world = await createWorld({ script: demoScript, assetsDir: await buildConsole(), organisation });
      browser = await launch(chromiumPath);
    });

    afterAll(async () => {
      await browser?.close();
      await world?.close();
      await world?.host.close();
    });

    async function visit(name: string, options: BrowserContextOptions = {}) {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      page.setDefaultTimeout(30_000);
      const requests: string[] = [];
      page.on('request', (request) => requests.push(request.url()));
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => {
        if (/Content Security Policy/i.test(message.text())) errors.push(message.text());
      });
      await page.goto(`${world.host.url}/console/sign-in?token=${world.gate.invite(name)}`);
      await page.getByLabel('Message', { exact: true }).waitFor();
      return { page, requests, errors };
    }

    async function ask(page: Page, text: string) {
      await page.getByLabel('Message', { exact: true }).fill(text);
      await page.getByLabel('Message', { exact: true }).press('Enter');
    }

    const lengthOf = async (page: Page) => (await log(page).textContent())?.length ?? 0;
    const log = (page: Page) => page.getByLabel('Conversation', { exact: true });

    it('signs in by the link, which leaves no token in the address', async () => {
      const { page } = await visit('Ada');
      expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe('/');
      await page.getByText('What do you want to know?').waitFor();
    });

    it('asks strangers to sign in', async () => {
      const page = await (await browser.newContext()).newPage();
      await page.goto(world.host.url);
      await page.getByText('Sign in to talk to the bot').waitFor();
    });

    it('signs in by the organisation where there is one', async () => {
      const page = await (await browser.newContext()).newPage();
      page.setDefaultTimeout(30_000);
      await page.goto(world.host.url);
      await page.getByRole('link', { name: 'Sign in with your organisation' }).click();
      await page.getByText('What do you want to know?').waitFor();
    });

    it('tells who has no rights yet what to ask for', async () => {
      const page = await (await browser.newContext()).newPage();
      page.setDefaultTimeout(30_000);
      await page.goto(`${world.host.url}/console/sign-in?token=${world.gate.invite('Nemo', [])}`);
      await page.getByRole('heading', { name: 'You have no rights yet' }).waitFor();
      await page.getByText('web:nemo').waitFor();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByText('Sign in to talk to the bot').waitFor();
    });

    it('answers an example with tool calls, a table and code, and breaks none of its own rules', async () => {
      const { page, errors } = await visit('Bea');
      await page.getByRole('button', { name: 'How is this machine doing?' }).click();
      await log(page).getByText('Let me look at the disks').waitFor();
      await log(page).getByRole('table').waitFor();
      await log(page).getByText('fake-1').waitFor();
      expect(await log(page).getByRole('cell', { name: '88%' }).count()).toBe(1);
      expect(await log(page).locator('.code-block code').textContent()).toContain('du -xh /var');
      const tool = log(page).locator('details').first();
      expect(await tool.locator('summary').textContent()).toMatch(/host__disk_usage[\s\S]*120 ms/);
      await tool.locator('summary').click();
      await tool.getByText('/var 88%').waitFor();
      const link = log(page).getByRole('link', { name: 'runbook' });
      expect([await link.getAttribute('rel'), await link.getAttribute('target')]).toEqual([
        'noopener noreferrer',
        '_blank',
      ]);
      expect(errors).toEqual([]);
    });

    it('shows words as they come, keeps the conversation and attaches again after a reload, and stops on Escape', async () => {
      const { page } = await visit('Cleo');
      await ask(page, 'talk for long');
      await log(page).getByText('word word word').waitFor();
      const before = await lengthOf(page);
      await page.reload();
      await log(page).getByText('talk for long').waitFor();
      await log(page).getByText('word word word').waitFor();
      await expect.poll(() => lengthOf(page)).toBeGreaterThan(before);
      await page.keyboard.press('Escape');
      await log(page).getByText('Stopped by Cleo.').waitFor();
      expect(await page.getByRole('button', { name: 'Stop' }).count()).toBe(0);
    });

    it('shows a running tool, and by the stop button stops it', async () => {
      const { page } = await visit('Dan');
      await ask(page, 'run slowly');
      await log(page).getByRole('img', { name: 'running' }).waitFor();
      await page.getByRole('button', { name: 'Stop' }).click();
      await log(page).getByText('Stopped by Dan.').waitFor();
      expect(await log(page).getByRole('img', { name: 'running' }).count()).toBe(0);
    });

    it('steers a running turn by another message', async () => {
      const { page } = await visit('Eli');
      await ask(page, 'hold on');
      await log(page).getByText('I am thinking it through.').waitFor();
      await ask(page, 'and consider the weather');
      await log(page).getByText('Now I know.').waitFor();
      expect(await log(page).getByText('and consider the weather').count()).toBe(1);
    });

    it('approves exactly what it shows', async () => {
      const { page } = await visit('Fay');
      await ask(page, 'restart nginx');
      const card = page.getByLabel('Approval of host__service_restart');
      await card.getByText('changes something').waitFor();
      expect(await card.locator('pre').textContent()).toBe(
        '{\n  "unit": "nginx.service",\n  "mode": "replace"\n}',
      );
      await card.getByText('An earlier attempt may have run').waitFor();
      await card.getByRole('button', { name: 'Approve' }).click();
      await card.getByText('Approved by Fay').waitFor();
      await log(page).getByText('answers again').waitFor();
      await page.reload();
      await card.getByText('Approved by Fay').waitFor();
    });

    it('denies with a reason', async () => {
      const { page } = await visit('Gus');
      await ask(page, 'drop the table');
      const card = page.getByLabel('Approval of db__execute');
      await card.getByRole('button', { name: 'Deny' }).click();
      await card.getByLabel(/Why not/).fill('not on a Friday');
      await card.getByRole('button', { name: 'Deny' }).click();
      await card.getByText('Denied by Gus: not on a Friday').waitFor();
      await log(page).getByText('I did not run it').waitFor();
    });

    it('shows a decision that was taken elsewhere', async () => {
      const { page } = await visit('Hal');
      await ask(page, 'drop the table');
      const card = page.getByLabel('Approval of db__execute');
      await card.getByRole('button', { name: 'Deny' }).waitFor();
      const other = await page.context().newPage();
      await other.goto(page.url());
      await other.getByRole('button', { name: 'Approve' }).click();
      await card.getByText('Approved by Hal').waitFor();
    });

    it('lets somebody else decide what its asker may not', async () => {
      const { page: asker } = await visit('Cautious');
      await ask(asker, 'drop the table');
      const own = asker.getByLabel('Approval of db__execute');
      await own.getByText('You asked for this, so somebody else must approve it.').waitFor();
      expect(await own.getByRole('button').count()).toBe(0);

      const { page: other } = await visit('Rae');
      const waiting = other.getByLabel('Waiting for approval');
      await waiting.getByRole('button', { name: 'asked by Cautious' }).click();
      const card = other.getByRole('dialog').getByLabel('Approval of db__execute');
      await card.getByText('DROP TABLE sessions_2019;').waitFor();
      await card.getByRole('button', { name: 'Approve' }).click();
      await card.getByText('Approved by Rae').waitFor();
      await other.getByRole('button', { name: 'Close', exact: true }).click();
      await waiting.waitFor({ state: 'detached' });
      await own.getByText('Approved by Rae').waitFor();
    });

    it('asks the server for no conversation that it just made itself', async () => {
      const { page } = await visit('Sal');
      const refused: string[] = [];
      page.on('response', (answer) => {
        if (answer.status() === 404) refused.push(answer.url());
      });
      await page.getByRole('button', { name: 'New conversation' }).click();
      await page.reload();
      await ask(page, 'hello');
      await log(page).getByText('You said: hello').waitFor();
      expect(refused).toEqual([]);
    });

    it('shows an error with the reference to quote', async () => {
      const { page } = await visit('Ida');
      await ask(page, 'fail');
      const error = log(page).getByLabel('Error');
      await error.getByText('overloaded. Ask again').waitFor();
      expect(await error.textContent()).toMatch(/Reference\s+turn-\d+/);
    });

    it('keeps what a model writes inert', async () => {
      const { page, requests } = await visit('Jo');
      await ask(page, 'xss');
      await log(page).getByText('fake-1').waitFor();
      await log(page).locator('details summary').click();
      expect(await log(page).locator('img, script, iframe').count()).toBe(0);
      const hrefs = await log(page)
        .locator('a')
        .evaluateAll((links) => links.map((link) => link.getAttribute('href')));
      expect(hrefs).toEqual(['https://example.com/ok', 'https://evil.example/leak.png?q=secret']);
      await log(page).getByText('Image: chart').waitFor();
      await log(page).getByText('click me').click();
      expect(await page.title()).toBe('AI Ops Bot');
      expect(await log(page).textContent()).toContain('<img src=x onerror=');
      expect(requests.filter((url) => !url.startsWith(world.host.url))).toEqual([]);
    });

    it('keeps threads apart, and deletes one only after asking', async () => {
      const { page } = await visit('Kim');
      await ask(page, 'first topic');
      await log(page).getByText('You said: first topic').waitFor();
      await page.getByRole('button', { name: 'New conversation' }).click();
      await ask(page, 'second topic');
      await log(page).getByText('You said: second topic').waitFor();
      const threads = page.getByLabel('Conversations');
      await threads.getByRole('button', { name: 'first topic', exact: true }).click();
      await log(page).getByText('You said: first topic').waitFor();
      await threads.getByRole('button', { name: 'Delete “first topic”' }).click();
      await page.getByRole('button', { name: 'Cancel' }).click();
      await threads.getByRole('button', { name: 'Delete “first topic”' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await page.getByText('What do you want to know?').waitFor();
      await expect.poll(() => threads.getByRole('listitem').count()).toBe(1);
    });

    it('says when the connection is lost, and goes on when it is back', async () => {
      const { page } = await visit('Lea');
      await ask(page, 'hello');
      await log(page).getByText('You said: hello').waitFor();
      const { port } = new URL(world.host.url);
      await world.host.close();
      await page.getByText('Connection lost').waitFor();
      await ask(page, 'are you there?');
      world = { ...world, host: await listen(world.routes, Number(port)) };
      await log(page).getByText('You said: are you there?').waitFor();
      await page.getByText('Connection lost').waitFor({ state: 'detached' });
      expect(await log(page).getByText('are you there?', { exact: true }).count()).toBe(1);
    });

    it('sends on Enter and begins a new line on Shift+Enter', async () => {
      const { page } = await visit('Mia');
      const field = page.getByLabel('Message', { exact: true });
      await field.pressSequentially('one');
      await field.press('Shift+Enter');
      await field.pressSequentially('two');
      expect(await field.inputValue()).toBe('one\ntwo');
      await field.press('Enter');
      await log(page).getByText('You said: one').waitFor();
      expect(await field.inputValue()).toBe('');
    });

    it('announces the answer to screen readers', async () => {
      const { page } = await visit('Noa');
      await ask(page, 'hello');
      await expect.poll(() => page.getByTestId('announcer').textContent()).toBe('You said: hello');
    });

    it('is dark where people like it dark, and fits a narrow screen', async () => {
      const { page } = await visit('Oz', { colorScheme: 'dark', viewport: { width: 360, height: 640 } });
      const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
      expect(background).toBe('rgb(18, 23, 22)');
      await ask(page, 'How is this machine doing?');
      await log(page).getByText('fake-1').waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
      expect(await page.getByRole('button', { name: 'New conversation' }).isVisible()).toBe(false);
      await page.getByRole('button', { name: 'Conversations' }).click();
      await page.getByRole('button', { name: 'New conversation' }).click();
      await page.getByText('What do you want to know?').waitFor();
    });

    it('signs out', async () => {
      const { page } = await visit('Pat');
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByText('Sign in to talk to the bot').waitFor();
      await page.reload();
      await page.getByText('Sign in to talk to the bot').waitFor();
    });
  },
);
