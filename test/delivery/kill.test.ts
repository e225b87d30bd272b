import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ChatPlatform, startChatPlatform } from '../fakes/chat-platform/server.ts';
import { createPostgresDatabase } from '../fakes/database.ts';
import { type RecordedRequest, type StrictLlm, startStrictLlm } from '../fakes/llm/server.ts';
import { startMcpServer, type TestMcpServer } from '../fakes/mcp-server.ts';
import { type BotProcess, deliver, startBotProcess } from './processes.ts';

const threads = 24;
const messagesPerThread = 10;
const total = threads * messagesPerThread;
/** So many kills happen while messages are still being sent, however slowly a process starts here. */
const killsWhileSending = 6;

const between = (low: number, high: number) => low + Math.random() * (high - low);

/**
 * Two processes on one PostgreSQL answer 240 messages while one or the other is killed at random.
 * What the model and the tool are asked is held against what was stored at that moment.
 */
describe.each([
  { name: 'with a preview that the answer replaces', preview: 'true' },
  { name: 'with posts that are looked up', preview: 'false' },
])('killed at random, $name', ({ preview }) => {
  let db: pg.Pool;
  let platform: ChatPlatform;
  let model: StrictLlm;
  let tools: TestMcpServer;
  let env: Record<string, string>;
  const bootstrap = join(tmpdir(), `bootstrap-${randomUUID()}.json`);
  const violations: string[] = [];
  const processes: (BotProcess | undefined)[] = [undefined, undefined];
  let kills = 0;

  beforeAll(async () => {
    const url = await createPostgresDatabase('migrated');
    db = new pg.Pool({ connectionString: url, max: 4 });
    platform = await startChatPlatform({ delayMs: () => between(0, 30) });
    model = await startStrictLlm({ reply: (request) => think(request) });
    tools = await startMcpServer((server) => {
      const look = {
        description: 'Looks.',
        inputSchema: { turn: z.string() },
        annotations: { readOnlyHint: true },
      };
      server.registerTool('look', look, async ({ turn }) => {
        await mustNotBeStored(turn, 'result', 0);
        await sleep(between(10, 60));
        return { content: [{ type: 'text', text: `seen ${turn}` }] };
      });
    });
    const server = { name: 'probe', protocol: 'http', url: tools.url, is_trusted: true };
    await writeFile(bootstrap, JSON.stringify({ 'mcp-servers': [server] }));
    env = {
      DATABASE_URL: url,
      AI_OPS_BOOTSTRAP: bootstrap,
      OPENAI_API_KEY: 'x',
      OPENAI_API: 'chat',
      OPENAI_BASE_URL: `${model.url}/v1`,
      PLATFORM_URL: platform.url,
      PLATFORM_CAN_FIND: 'true',
      PLATFORM_PREVIEW: preview,
      LEASE_MS: '2500',
      LOG_LEVEL: 'silent',
    };
  });

  afterAll(async () => {
    await Promise.all(processes.map((process) => process?.kill('SIGKILL')));
    await Promise.all([
      platform.close(),
      model.close(),
      tools.close(),
      db.end(),
      rm(bootstrap, { force: true }),
    ]);
  });

  /** A step of this type may be stored at most so often when the same step is asked for. */
  async function mustNotBeStored(turn: string, type: string, atMost: number): Promise<void> {
    const { rows } = await db.query(
      'select count(*)::int as n from steps s join turns t on t.id = s.turn_id where t.question = $1 and s.type = $2',
      [turn, type],
    );
    if (rows[0].n > atMost) violations.push(`${type} of ${turn} was run again`);
  }

  async function think(request: RecordedRequest) {
    const messages = z
      .array(z.object({ role: z.string(), content: z.unknown() }))
      .parse(request.body.messages);
    const asked = messages.findLastIndex((message) => message.role === 'user');
    const turn = String(messages[asked]?.content).replace(/^.*: /, '');
    const done = messages.slice(asked + 1).filter((message) => message.role === 'assistant').length;
    await mustNotBeStored(turn, 'model', done);
    await sleep(between(10, 120));
    if (done > 0) return { text: ['The answer ', `to ${turn}`] };
    return { calls: [{ name: 'probe__look', arguments: JSON.stringify({ turn }) }] };
  }

  async function keepRunning(slot: number): Promise<void> {
    processes[slot] = await startBotProcess(env);
  }

  it('loses nothing, repeats no finished step, keeps the order, and answers each message once', async () => {
    await keepRunning(0);
    await keepRunning(1);
    let sending = true;
    const killing = (async () => {
      while (sending || answers(platform).length < total) {
        await sleep(between(300, 1500));
        const slot = Math.random() < 0.5 ? 0 : 1;
        await processes[slot]?.kill('SIGKILL');
        kills += 1;
        await keepRunning(slot);
      }
    })();
    await Promise.all(Array.from({ length: threads }, (_unused, thread) => sendThread(thread)));
    sending = false;
    await until(() => answers(platform).length >= total, 300_000);
    await killing;
    await sleep(3000);

    expect(kills).toBeGreaterThanOrEqual(killsWhileSending);
    expect(violations).toEqual([]);
    for (let thread = 0; thread < threads; thread += 1) {
      const expected = Array.from(
        { length: messagesPerThread },
        (_unused, n) => `The answer to turn ${thread}-${n}`,
      );
      expect(answers(platform, `fake:t${thread}`)).toEqual(expected);
    }
    const leftovers = platform.messages.filter((message) => message.text.startsWith('…'));
    expect(leftovers.length).toBe(0);
  }, 480_000);

  /** Different people write, so that each message has a turn of its own. */
  async function sendThread(thread: number): Promise<void> {
    const target = () =>
      processes.filter((process) => process?.alive() === true)[Math.random() < 0.5 ? 0 : 1] ?? processes[0];
    for (let n = 0; n < messagesPerThread; n += 1) {
      await until(() => kills >= Math.min(n, killsWhileSending), 240_000);
      await deliver(target, {
        thread: `t${thread}`,
        id: `${thread}-${n}`,
        author: `person${n}`,
        text: `turn ${thread}-${n}`,
      });
      await sleep(between(0, 1200));
    }
  }
});

/** The final messages, in the order in which they came to stand on the platform. */
function answers(platform: ChatPlatform, thread?: string): readonly string[] {
  return platform.messages
    .filter(
      (message) =>
        message.text.startsWith('The answer') && (thread === undefined || message.thread === thread),
    )
    .map((message) => message.text);
}

async function until(condition: () => boolean, timeoutMs: number): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error('it did not happen in time');
    await sleep(50);
  }
}
