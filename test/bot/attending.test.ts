import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { encodeThreadId, opsPrincipal } from '../../adapters/web/thread-id.ts';
import { parseAttendCommand } from '../../src/bot/attend-commands.ts';
import type { Notice } from '../../src/inbox/port.ts';
import { resolveConcern } from '../../src/store/concerns.ts';
import type { Executor, OpenDatabase } from '../../src/store/database.ts';
import { storeNotice } from '../../src/store/notices.ts';
import { openPostgresql } from '../../src/store/postgresql.ts';
import { createPostgresDatabase } from '../fakes/database.ts';
import { silentLog } from '../fakes/log.ts';
import { hourMs, type MovableClock, movableClock } from './clock.ts';
import { openDoor, openStage, type Stage } from './stage.ts';

const api = '/plugins/ai-ops/api';
const conversationSchema = z.object({
  messages: z.array(z.object({ text: z.string(), concern: z.looseObject({ state: z.string() }).optional() })),
});
const auditSchema = z.object({ results: z.array(z.looseObject({ action: z.string(), actor: z.string() })) });

describe('what people say to something that needs attention', () => {
  let stage: Stage;
  let database: OpenDatabase;
  let clock: MovableClock;
  beforeAll(async () => {
    const url = await createPostgresDatabase('migrated');
    clock = movableClock();
    stage = await openStage({ env: { DATABASE_URL: url }, clock, reply: () => ({ text: 'Well said.' }) });
    database = await openPostgresql({ url, log: silentLog, poolSize: 2, connectTimeoutMs: 5000 });
  });
  afterAll(async () => {
    await database.close();
    await stage.close();
  });

  const inTransaction = async (work: (trx: Executor) => Promise<void>) =>
    await database.db.transaction().execute(work);

  /** In a thread of its own in the ops channel; its id there. */
  async function tell(more: Partial<Notice> = {}): Promise<{ readonly id: string; readonly thread: string }> {
    const [id, name] = [randomUUID(), randomUUID()];
    await inTransaction((trx) =>
      storeNotice(trx, {
        ...{ id, platform: 'web', isPosted: false, title: 'Disk', startedBy: opsPrincipal },
        place: { type: 'thread', threadId: encodeThreadId({ principal: opsPrincipal, id: name }) },
        author: { principal: 'bot', name: 'AI Ops Bot' },
        reply: { kind: 'answer', text: 'The disk is full.', turnId: id },
        concern: { subject: 'alert:1', items: [{ key: 'disk', verdict: 'critical' }] },
        ...more,
      }),
    );
    return { id, thread: `@ops.${name}` };
  }

  async function say(id: string, body: unknown) {
    const answer = await stage.bot.fetch(`${api}/concerns/${id}/`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: answer.status, body: z.looseObject({}).parse(await answer.json()) };
  }

  const concernIn = async (thread: string) => {
    const answer = await stage.bot.fetch(`${api}/chat/${thread}/`);
    return conversationSchema.parse(await answer.json()).messages[0]?.concern;
  };

  it('stands in the conversation, and a snooze that is over is open again', async () => {
    const { id, thread } = await tell();
    expect(await concernIn(thread)).toEqual({ id, state: 'open' });
    const snoozed = await say(id, { verb: 'snooze', minutes: 60 });
    expect(snoozed).toMatchObject({
      status: 200,
      body: { concern: { state: 'snoozed', by: 'Admin token' } },
    });
    expect(await concernIn(thread)).toEqual(snoozed.body.concern);
    clock.forward(hourMs + 1000);
    expect(await concernIn(thread)).toEqual({ id, state: 'open' });
    expect((await say(id, { verb: 'acknowledge' })).body).toMatchObject({
      concern: { state: 'acknowledged' },
    });
  });

  it('is in the audit log, and only where it changed something', async () => {
    const { id } = await tell();
    for (const verb of ['acknowledge', 'acknowledge', 'reopen']) await say(id, { verb });
    await inTransaction((trx) => resolveConcern(trx, id, clock.now()));
    expect((await say(id, { verb: 'reopen' })).body).toMatchObject({ concern: { state: 'resolved' } });
    const answer = await stage.bot.fetch(`/api/plugins/ai-ops/audit/?target=${id}`);
    const { results } = auditSchema.parse(await answer.json());
    expect(results.map(({ action }) => action)).toEqual(['concern.open', 'concern.acknowledged']);
  });

  it.each([
    [{ verb: 'ignore' }, { verb: ['Say "acknowledge", "snooze" or "reopen".'] }],
    [{ verb: 'snooze' }, { minutes: [expect.stringContaining('for how many minutes')] }],
    [{ verb: 'snooze', minutes: 0 }, { minutes: ['Snooze for a minute at least.'] }],
    [{ verb: 'snooze', minutes: 43_201 }, { minutes: [expect.stringContaining('at most')] }],
    [{ verb: 'acknowledge', minutes: 5 }, { minutes: ['Only a snooze takes minutes.'] }],
    ['{', expect.objectContaining({ code: 'bad_json' })],
  ])('says what is wrong with %j', async (body, wrong) => {
    const { id } = await tell();
    expect(await say(id, body)).toEqual({ status: 400, body: wrong });
  });

  it('is not found where there is none', async () => {
    for (const id of ['none', randomUUID()]) expect((await say(id, { verb: 'reopen' })).status).toBe(404);
  });

  /** A program with a name of its own that may chat, and nothing else. */
  async function program(name: string) {
    const body = JSON.stringify({ name, permissions: ['chat'] });
    const made = await stage.bot.fetch('/api/plugins/ai-ops/api-tokens/', { method: 'POST', body });
    const { token } = z.object({ token: z.string() }).parse(await made.json());
    const headers = { authorization: `Token ${token}`, 'content-type': 'application/json' };
    const fetches = (path: string, init: RequestInit = {}) =>
      fetch(new URL(path, stage.bot.url), { ...init, headers });
    const attend = async (id: string) => {
      const said = JSON.stringify({ verb: 'acknowledge' });
      const answer = await fetches(`${api}/concerns/${id}/`, { method: 'POST', body: said });
      return { status: answer.status, text: await answer.text() };
    };
    return { ...openDoor(fetches), attend };
  }

  it('is attended to by who can read it, and by whoever manages schedules', async () => {
    const { attend } = await program('reader');
    expect((await attend((await tell()).id)).status).toBe(200);
    const places: readonly Pick<Notice, 'platform' | 'place' | 'isPosted'>[] = [
      {
        ...{ platform: 'web', isPosted: false },
        place: { type: 'thread', threadId: encodeThreadId({ principal: 'token:admin', id: randomUUID() }) },
      },
      { platform: 'slack', isPosted: true, place: { type: 'channel', address: 'slack:T1:C1' } },
      { platform: 'slack', isPosted: false, place: { type: 'thread', threadId: 'slack:T1:C1:1.2' } },
    ];
    for (const place of places) {
      const { id } = await tell(place);
      const refused = await attend(id);
      expect(refused.status).toBe(403);
      expect(refused.text).toContain('told in another conversation');
      expect(await say(id, { verb: 'acknowledge' })).toMatchObject({ status: 200 });
    }
  });

  it('names people as they are called, whatever their names look like', async () => {
    const { thread } = await tell();
    const odd = await program('[x](https://evil.example) *y*');
    expect((await odd.ask('acknowledge', thread)).response).toBe(
      '✅ Acknowledged by \\[x\\](https://evil.example) \\*y\\*',
    );
    expect((await stage.ask('acknowledge', thread)).response).toBe(
      '\\[x\\](https://evil.example) \\*y\\* has acknowledged this already.',
    );
  });

  it('is drawn as open by itself when a snooze is over', async () => {
    const { id } = await tell();
    await say(id, { verb: 'snooze', minutes: 60 });
    clock.forward(hourMs + 1000);
    const drawn = async () => {
      const { rows } = await sql<{ state: string }>`
        select reply->'concern'->>'state' as state from turns where id = ${id}::uuid`.execute(database.db);
      return rows[0]?.state;
    };
    await expect.poll(drawn).toBe('open');
  });

  it('can be said in its thread, and is answered without the model', async () => {
    const { thread } = await tell();
    const before = stage.llm.requests.length;
    expect((await stage.ask('snooze 90m', thread)).response).toMatch(/^💤 Snoozed until .+ by Admin token$/);
    expect(await concernIn(thread)).toMatchObject({ state: 'snoozed' });
    expect((await stage.ask('Acknowledge', thread)).response).toBe('✅ Acknowledged by Admin token');
    expect((await stage.ask('reopen', thread)).response).toBe('🔔 Open again');
    expect((await stage.ask('snooze 31d', thread)).response).toContain('thirty days at most');
    expect(await concernIn(thread)).toMatchObject({ state: 'open' });
    expect(stage.llm.requests).toHaveLength(before);
  });

  it('is talk where nothing needs attention any more, or with more words', async () => {
    const { id, thread } = await tell();
    expect((await stage.ask('acknowledge that it is late', thread)).response).toBe('Well said.');
    await inTransaction((trx) => resolveConcern(trx, id, clock.now()));
    expect((await stage.ask('acknowledge', thread)).response).toBe('Well said.');
    expect((await stage.ask('acknowledge')).response).toBe('Well said.');
  });

  it('is told to who follows the thread', async () => {
    const { id, thread } = await tell();
    const leaving = new AbortController();
    const stream = await stage.bot.fetch(`${api}/chat/${thread}/events/`, { signal: leaving.signal });
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    let heard = '';
    while (!heard.includes('"status":"done"')) heard += (await reader?.read())?.value ?? '';
    await say(id, { verb: 'acknowledge' });
    while (!heard.includes('event: restated')) heard += (await reader?.read())?.value ?? '';
    expect(heard).toContain('"state":"acknowledged"');
    leaving.abort();
  });
});

describe('a word in the thread', () => {
  it.each([
    ['acknowledge', { verb: 'acknowledge' }],
    [' REOPEN ', { verb: 'reopen' }],
    ['snooze 30m', { verb: 'snooze', minutes: 30 }],
    ['snooze 4H', { verb: 'snooze', minutes: 240 }],
    ['snooze 2d', { verb: 'snooze', minutes: 2880 }],
    ['snooze 1w', { verb: 'snooze', minutes: 10_080 }],
  ])('%s is one', (text, command) => {
    expect(parseAttendCommand(text)).toEqual(command);
  });

  it.each([
    'snooze',
    'snooze 4',
    'snooze h',
    'snooze 0h',
    'snooze 4 h',
    'acknowledge 4h',
    'reopen it',
    'ack',
  ])('%s is talk', (text) => {
    expect(parseAttendCommand(text)).toBeUndefined();
  });
});
