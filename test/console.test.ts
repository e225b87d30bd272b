import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launch } from './adapters/web/browser.ts';
import { startTestBot, type TestBot } from './fakes/bot.ts';
import { type RecordedRequest, type StrictLlm, startStrictLlm } from './fakes/llm/server.ts';
import { startMcpServer, type TestMcpServer } from './fakes/mcp-server.ts';

const isMissing = chromiumPath === undefined && !process.env.CI;
const restarts: string[] = [];

function think({ body }: RecordedRequest) {
  const sent = JSON.stringify(body.input);
  const turn = sent.slice(sent.lastIndexOf('"role":"user"'));
  const results = turn.split('function_call_output').length - 1;
  if (turn.includes('restart the web')) {
    if (results > 0) return { text: 'Restarted **web**.' };
    return { calls: [{ name: 'ops__restart', arguments: '{"service":"web"}' }] };
  }
  if (results > 0)
    return { text: ['This machine is ', 'doing well.\n\n| what | state |\n|---|---|\n| disk | fine |\n'] };
  const empty = { arguments: '{}' };
  return {
    text: 'Let me look.',
    calls: [
      { name: 'host__disk_usage', ...empty },
      { name: 'host__memory', ...empty },
    ],
  };
}

describe.skipIf(isMissing)(
  `the whole bot in a browser${isMissing ? ' (skipped: no Chromium on this machine)' : ''}`,
  () => {
    const bootstrap = join(tmpdir(), `bootstrap-${randomUUID()}.json`);
    let model: StrictLlm;
    let ops: TestMcpServer;
    let bot: TestBot;
    let browser: Browser;
    let page: Page;

    beforeAll(async () => {
      if (chromiumPath === undefined) throw new Error('CI needs a Chromium.');
      model = await startStrictLlm({ reply: think });
      ops = await startMcpServer((server) => {
        server.registerTool('restart', { description: 'Restarts a service.' }, async () => {
          restarts.push('web');
          return { content: [{ type: 'text', text: 'done' }] };
        });
      });
      await writeFile(
        bootstrap,
        JSON.stringify({ 'mcp-servers': [{ name: 'ops', url: ops.url, health_check: '' }] }),
      );
      const env = { OPENAI_API_KEY: 'x', OPENAI_BASE_URL: `${model.url}/v1`, AI_OPS_BOOTSTRAP: bootstrap };
      bot = await startTestBot({ env });
      browser = await launch(chromiumPath);
      page = await browser.newPage();
      page.setDefaultTimeout(30_000);
      await page.goto(await bot.newConsoleLink());
    });
    afterAll(async () => {
      await browser?.close();
      await bot?.stop();
      await Promise.all([model?.close(), ops?.close(), rm(bootstrap, { force: true })]);
    });

    const log = () => page.getByLabel('Conversation', { exact: true });
    const ask = async (text: string) => {
      await page.getByLabel('Message', { exact: true }).fill(text);
      await page.getByLabel('Message', { exact: true }).press('Enter');
    };

    it('has found out how the server of its bootstrap file stands', async () => {
      const found = async () => {
        const answer = await bot.fetch('/api/plugins/ai-ops/mcp-servers/?name=ops');
        return await answer.json();
      };
      const results = [expect.objectContaining({ status: expect.objectContaining({ name: 'Healthy' }) })];
      await expect.poll(found, { timeout: 15_000 }).toMatchObject({ results });
    });

    it('answers with what real tools found', async () => {
      await page.getByRole('button', { name: 'How is this machine doing?' }).click();
      await log().getByText('doing well').waitFor();
      expect(await log().getByRole('cell', { name: 'fine' }).count()).toBe(1);
      const memory = log().locator('details', { hasText: 'host__memory' });
      await memory.locator('summary').click();
      await memory.getByText('available').first().waitFor();
    });

    it('asks before it changes something, and runs it once approved', async () => {
      await ask('please restart the web service');
      await log().getByText('"service": "web"').waitFor();
      expect(restarts).toEqual([]);
      await log().getByRole('button', { name: 'Approve' }).click();
      await log().getByText('Restarted web.').waitFor();
      expect(restarts).toEqual(['web']);
    });

    it('shows how a turn ran, from its answer, with the keyboard alone', async () => {
      await log().getByRole('link', { name: 'Trace of this turn' }).last().press('Enter');
      await page.getByRole('heading', { name: 'Activation 2 of 2' }).waitFor();
      const second = page.getByRole('region', { name: 'Activation 2 of 2' });
      const tool = second.locator('summary', { hasText: 'ops__restart' });
      await tool.press('Enter');
      expect(await tool.locator('..').getAttribute('open')).toBeNull();
      await tool.press('Enter');
      expect(await second.getByRole('listitem').allInnerTexts()).toEqual(
        expect.arrayContaining([expect.stringMatching(/70\s+ToolErrorHandler/)]),
      );
      await page.getByLabel('Reference').fill('7');
      await page.getByLabel('Reference').press('Enter');
      await page.getByText('There is no turn with the reference 7.').waitFor();
      await page.goBack();
      await page.goBack();
      await log().getByText('Restarted web.').waitFor();
    });

    it('keeps the conversation over a reload', async () => {
      await page.reload();
      await log().getByText('doing well').waitFor();
      await log().getByText('Restarted web.').waitFor();
      await log().getByText('Approved by Operator').waitFor();
    });

    it('lets nobody else in', async () => {
      const stranger = await (await browser.newContext()).newPage();
      await stranger.goto(bot.url);
      await stranger.getByText('Sign in to talk to the bot').waitFor();
    });
  },
);
