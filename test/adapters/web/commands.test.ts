import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { AdminAnswer, Sent } from '../../../src/chat/admin/answer.ts';
import { openStage, type Stage } from '../../bot/stage.ts';
import { wordsOf } from '../../chat/admin/stage.ts';
import { createPostgresDatabase } from '../../fakes/database.ts';
import { startMcpServer, type TestMcpServer } from '../../fakes/mcp-server.ts';
import { administration } from '../../scenarios/administration.ts';
import { type Face, run } from '../../scenarios/run.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const api = '/plugins/ai-ops/api/command';

let stage: Stage;
let mcp: TestMcpServer;
let viewer: { readonly principal: string; readonly token: string };
beforeAll(async () => {
  stage = await openStage({
    reply: () => ({ text: 'OK.' }),
    env: { DATABASE_URL: await createPostgresDatabase('migrated'), AI_OPS_ADMINS: 'web:bob' },
  });
  mcp = await startMcpServer(
    (server) => {
      server.registerTool('look', { description: 'Looks.' }, async () => ({
        content: [{ type: 'text', text: 'nothing' }],
      }));
    },
    (_request, response) => void response.writeHead(200).end(),
  );
  const made = await stage.bot.fetch('/api/plugins/ai-ops/api-tokens/', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'viewer',
      permissions: ['chat', 'ai_ops.view_llmmodel', 'ai_ops.view_mcpserver'],
    }),
  });
  viewer = z.object({ principal: z.string(), token: z.string() }).parse(await made.json());
}, 240_000);
afterAll(async () => {
  await stage.close();
  await mcp.close();
});

/** The console's command line over HTTP, as its page uses it. */
function webFace(): Face {
  const last = new Map<string, AdminAnswer>();

  async function post(who: string, path: string, body: object): Promise<{ status: number; json: unknown }> {
    const headers = {
      'content-type': 'application/json',
      ...(who === 'viewer' ? { authorization: `Token ${viewer.token}` } : {}),
    };
    const answer = await stage.bot.fetch(`${api}${path}/`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return { status: answer.status, json: await answer.json() };
  }

  async function say(who: string, line: string): Promise<string> {
    const { json } = await post(who, '', { line });
    const { answer } = json as { answer: AdminAnswer | null };
    if (answer === null) return '(talk)';
    return await shown(who, answer);
  }

  async function shown(who: string, answer: AdminAnswer): Promise<string> {
    last.set(who, answer);
    const form = answer.type === 'form' ? (await post(who, '/open', { asked: answer.asked })).json : '';
    const buttons = answer.type === 'form' ? [] : answer.buttons;
    const rows = answer.type === 'list' ? answer.rows.flatMap((row) => row.buttons) : [];
    const labels = [...buttons, ...rows].map(({ label }) => label);
    return [wordsOf(answer), JSON.stringify(form), ...labels].join('\n');
  }

  function formOf(who: string) {
    const answer = last.get(who);
    if (answer?.type !== 'form') throw new Error('no form is open');
    return answer;
  }

  async function send(who: string, values: object, more: object = {}): Promise<string> {
    const { asked, values: given } = formOf(who);
    const { status, json } = await post(who, '/send', { asked, values: { ...given, ...values }, ...more });
    if (status !== 200) return JSON.stringify(json);
    const sent = json as Sent;
    if (sent.type === 'answer') return await shown(who, sent.answer);
    const { text, seen, revision } = sent;
    return `${text}\n${await send(who, values, { seen, revision })}`;
  }

  return {
    say,
    async press(who, label, row) {
      const answer = last.get(who);
      if (answer === undefined || answer.type === 'form') throw new Error('nothing to press');
      const rows = answer.type === 'list' ? answer.rows : [];
      const ofRow = rows.filter(({ title }) => row !== undefined && title.includes(row));
      const buttons = row === undefined ? answer.buttons : ofRow.flatMap((one) => one.buttons);
      const button = buttons.find((one) => one.label === label);
      if (button === undefined) throw new Error(`there is no button ${label}`);
      return await say(who, button.line);
    },
    async try(who, values) {
      const { asked, values: given } = formOf(who);
      const { json } = await post(who, '/try', { asked, values: { ...given, ...values } });
      const { ok, message } = z.object({ ok: z.boolean(), message: z.string() }).parse(json);
      return `${ok ? '✅' : '❌'} ${message}`;
    },
    send: (who, values) => send(who, values),
  };
}

describe('administration from the console', () => {
  it('goes as the scenario says', async () => {
    await run(administration, webFace(), {
      llm: stage.llm.url,
      mcp: mcp.url,
      node: process.execPath,
      program: join(root, 'src/servers/host/main.ts'),
      viewer: viewer.principal,
    });
  }, 120_000);

  it('refuses what does not belong there, and whoever is nobody', async () => {
    const post = (path: string, body: string, headers = {}) =>
      stage.bot.fetch(`${api}${path}/`, { method: 'POST', headers, body });
    for (const body of ['{', '{}', '{"line": 1}', '{"line": "x", "more": 1}'])
      expect((await post('', body)).status, body).toBe(400);
    const forged = { asked: { path: 'llm-models', id: 'x\u0000' }, values: { name: 'x' } };
    expect((await post('/send', JSON.stringify(forged))).status).toBe(409);
    const unknown = await post('', JSON.stringify({ line: 'models' }), { authorization: 'Token nobody' });
    expect(unknown.status).toBe(401);
  });
});
