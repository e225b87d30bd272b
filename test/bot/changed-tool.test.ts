import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestBot, type TestBot } from '../fakes/bot.ts';
import { openDoor, openStage, type Stage } from './stage.ts';

type Define = (server: McpServer) => void;

/** The server's tool is another one after the bot's restart, which reads the list anew. */
describe('a tool that changes between the question and the run', () => {
  const ran: string[] = [];
  const runs = (label: string) => async () => {
    ran.push(label);
    return { content: [{ type: 'text' as const, text: label }] };
  };
  const asked: Define = (server) => {
    server.registerTool('wipe', { description: 'Wipes.', inputSchema: { disk: z.string() } }, runs('old'));
  };
  const withSchema: Define = (server) => {
    const inputSchema = { disk: z.string(), force: z.boolean().default(true) };
    server.registerTool('wipe', { description: 'Wipes.', inputSchema }, runs('other schema'));
  };
  const withEffect: Define = (server) => {
    const annotations = { destructiveHint: true };
    const inputSchema = { disk: z.string() };
    server.registerTool('wipe', { description: 'Wipes.', inputSchema, annotations }, runs('other effect'));
  };

  let define: Define;
  let dataDir: string;
  let stage: Stage;
  let again: TestBot;
  beforeEach(async () => {
    ran.length = 0;
    define = asked;
    dataDir = await mkdtemp(join(tmpdir(), 'ai-ops-changed-'));
    stage = await openStage({
      dataDir,
      servers: [{ name: 'ops', isTrusted: true, define: (server) => define(server) }],
    });
  });
  afterEach(async () => {
    await again.stop();
    await stage.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function ask() {
    stage.llm.script(
      { calls: [{ name: 'ops__wipe', arguments: '{"disk":"sda"}' }] },
      { text: 'It is wiped.' },
    );
    return await stage.ask('wipe sda', 't');
  }

  async function startAgainWith(changed: Define) {
    await stage.bot.stop();
    define = changed;
    again = await startTestBot({ env: stage.env, dataDir });
    return openDoor(again.fetch);
  }

  it.each([
    { what: 'schema', changed: withSchema, effect: 'write', runs: 'other schema', edits: true },
    { what: 'effect', changed: withEffect, effect: 'destructive', runs: 'other effect', edits: false },
  ])('is asked about again when its $what is another', async ({ changed, effect, runs: label, edits }) => {
    const { approval_ids } = await ask();
    const door = await startAgainWith(changed);
    const disk = edits ? 'sdb' : 'sda';
    if (edits) await door.say(approval_ids[0], { decision: 'edit', arguments: { disk } });
    else await door.decide(approval_ids[0], 'approve');
    const waiting = await door.settled('t');
    expect(ran).toEqual([]);
    expect(waiting.turn).toMatchObject({
      status: 'waiting',
      approvals: [
        { state: 'approved', effect: 'write' },
        { state: 'pending', effect, arguments: JSON.stringify({ disk }, null, 2) },
      ],
    });
    await door.decide(waiting.turn.approvals[1]?.id, 'approve');
    expect((await door.settled('t')).messages.at(-1)?.text).toBe('It is wiped.');
    expect(ran).toEqual([label]);
  });

  it('leaves no question open that nobody needs to answer any more', async () => {
    stage.llm.script(
      { calls: ['sda', 'sdb'].map((disk) => ({ name: 'ops__wipe', arguments: JSON.stringify({ disk }) })) },
      { text: 'Both are wiped.' },
    );
    const { approval_ids } = await stage.ask('wipe both', 't');
    const door = await startAgainWith(withSchema);
    await door.decide(approval_ids[0], 'approve');
    const { approvals } = (await door.settled('t')).turn;
    expect(approvals.map((approval) => approval.state)).toEqual([
      'approved',
      'cancelled',
      'pending',
      'pending',
    ]);
    for (const { id } of approvals.slice(2)) {
      await door.decide(id, 'approve');
      await door.settled('t');
    }
    expect(ran).toEqual(['other schema', 'other schema']);
  });
});
