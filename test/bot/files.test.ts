import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fileLimits } from '../../src/chat/file-limits.ts';
import { startTestBot } from '../fakes/bot.ts';
import { gif, pdf, png } from '../fakes/files.ts';
import { onDatabases, openDoor, openStage, type Stage, type StageOptions, until } from './stage.ts';

const path = '/plugins/ai-ops/api/chat/';
const attached = (name: string, media_type: string, bytes: Buffer) => ({
  name,
  media_type,
  data: bytes.toString('base64'),
});
const graph = attached('graph.png', 'image/png', png);
const report = attached('report.pdf', 'application/pdf', pdf('Disk full on web1'));

const fieldsSchema = z.record(z.string(), z.array(z.string()));
const transcriptSchema = z.object({
  messages: z.array(
    z.object({
      role: z.string(),
      text: z.string(),
      files: z.array(z.object({ name: z.string(), media_type: z.string() })).optional(),
    }),
  ),
});

let stage: Stage;
afterEach(() => stage.close());

async function open(options: StageOptions = {}) {
  stage = await openStage({ reply: () => ({ text: 'I see.' }), ...options });
}

async function send(body: object, headers: Readonly<Record<string, string>> = {}) {
  const init = { method: 'POST', body: JSON.stringify(body), headers };
  const response = await stage.bot.fetch(path, init);
  return { status: response.status, json: await response.json() };
}

const bodies = () => stage.llm.requests.map(({ body }) => JSON.stringify(body));
const last = () => bodies().at(-1) ?? '';
const transcript = async (id: string) =>
  transcriptSchema.parse(await (await stage.bot.fetch(`${path}${id}/`)).json()).messages;

describe.each(Object.entries(onDatabases))('images and PDFs of a message, on %s', (_name, environment) => {
  it('are seen by the model, in later turns too, and named in the transcript', async () => {
    await open({ env: await environment() });
    expect((await send({ message: 'What is this?', thread_id: 'a', files: [graph, report] })).status).toBe(
      200,
    );
    expect(last()).toContain(`data:image/png;base64,${graph.data}`);
    expect(last()).toContain(`data:application/pdf;base64,${report.data}`);
    await stage.ask('And now?', 'a');
    expect(last()).toContain(graph.data);
    expect(last()).toContain('What is this?\\n\\n[image graph.png]\\n[PDF report.pdf]');
    expect((await transcript('a'))[0]).toMatchObject({
      text: 'What is this?',
      files: [
        { name: 'graph.png', media_type: 'image/png' },
        { name: 'report.pdf', media_type: 'application/pdf' },
      ],
    });
  });

  it('are forgotten with the thread', async () => {
    await open({ env: await environment() });
    await send({ message: 'Look.', thread_id: 'a', files: [graph] });
    const files = async () => (await stage.bot.fetch(`${path}a/`, { method: 'DELETE' })).status;
    expect(await files()).toBe(204);
    await stage.ask('Hello?', 'a');
    expect(last()).not.toContain(graph.data);
    expect(last()).not.toContain('graph.png');
  });

  it('that steer a running turn are seen at its next step', async () => {
    await open({ env: await environment() });
    stage.llm.script({ calls: [{ name: 'no_such_tool', arguments: '{}' }], thinkMs: 1500 });
    const first = stage.ask('Look at web1.', 'a');
    await until(() => stage.llm.requests.length === 1);
    await send({ message: 'With this.', thread_id: 'a', files: [graph] });
    await first;
    expect(last()).toContain(graph.data);
    expect((await transcript('a')).find(({ text }) => text === 'With this.')?.files).toHaveLength(1);
    await stage.ask('And now?', 'a');
    expect(last()).toContain(graph.data);
  });
});

describe('a file of a turn that is not over', () => {
  it('is seen by the process that takes it over', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'ai-ops-files-'));
    await open({ dataDir });
    stage.llm.script({ text: 'Never said.', thinkMs: 60_000 });
    const asked = send({ message: 'Look.', thread_id: 'a', files: [graph] }).catch(() => undefined);
    await until(() => stage.llm.requests.length === 1);
    await stage.bot.stop();
    await asked;
    const again = await startTestBot({ env: stage.env, dataDir });
    const door = openDoor(again.fetch);
    expect((await door.settled('a')).turn.status).toBe('done');
    expect(stage.llm.requests).toHaveLength(2);
    expect(last()).toContain(graph.data);
    await door.ask('And now?', 'a');
    expect(last()).toContain(graph.data);
    await again.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
});

describe('what a thread with a file writes', () => {
  it('is the file once, and names of it in later turns', async () => {
    const env = await onDatabases.postgresql();
    await open({ env });
    const large = attached('large.png', 'image/png', Buffer.concat([png, randomBytes(3_000_000)]));
    await send({ message: 'Look.', thread_id: 'a', files: [large] });
    const db = new pg.Client({ connectionString: env.DATABASE_URL });
    await db.connect();
    const size = async () => {
      const { rows } = await db.query<{ files: number; rest: number }>(`select
        (select sum(octet_length(data))::int from message_files) as files,
        (select sum(octet_length(messages::text))::int from checkpoints)
          + (select sum(octet_length(payload::text))::int from steps)
          + (select sum(octet_length(payload::text))::int from inbox_events) as rest`);
      return rows[0] ?? { files: 0, rest: 0 };
    };
    const first = await size();
    expect(first.files).toBe(3_000_000 + png.length);
    expect(first.rest).toBeLessThan(5000);
    for (let n = 0; n < 3; n += 1) await stage.ask('And now?', 'a');
    expect(last()).toContain(large.data);
    const after = await size();
    expect(after.files).toBe(first.files);
    expect(after.rest).toBeLessThan(first.rest + 3 * 3000);
    await db.end();
  });
});

describe('older files', () => {
  it('give way to newer ones, with a line in their place', async () => {
    await open();
    for (let n = 0; n < 4; n += 1) {
      const files = [0, 1, 2].map((k) => attached(`g${n}-${k}.gif`, 'image/gif', gif));
      await send({ message: `Look ${n}.`, thread_id: 'a', files });
    }
    expect(last().match(/data:image\/gif/g)).toHaveLength(10);
    expect(last()).toContain('[image g0-0.gif, no longer shown]\\n[image g0-1.gif, no longer shown]');
    expect(last()).toContain('[image g0-2.gif]');
  });
});

describe('what the chat API refuses', () => {
  it('is said by field', async () => {
    await open();
    const refused = async (...files: readonly object[]) => {
      const { status, json } = await send({ message: 'Look.', files });
      expect(status).toBe(400);
      return fieldsSchema.parse(json);
    };
    expect(await refused({ ...graph, data: 'no base64!' })).toEqual({
      'files.0.data': ['The data is not valid base64.'],
    });
    expect(await refused(graph, attached('x.png', 'image/png', Buffer.from('<html>')))).toEqual({
      'files.1.data': ['The file x.png was not taken: it is no PNG, JPEG, GIF or WebP image and no PDF.'],
    });
    expect(await refused({ ...graph, media_type: 'image/gif' })).toEqual({
      'files.0.media_type': ['The data is image/png, not image/gif.'],
    });
    expect(await refused({ ...graph, media_type: 'image/svg+xml' })).toHaveProperty(['files.0.media_type']);
    expect(await refused({ ...graph, name: ' ' })).toEqual({
      'files.0.name': ['The name may not be blank.'],
    });
    expect(await refused(...Array.from({ length: 6 }, () => graph))).toEqual({
      files: ['A message brings 5 files at most.'],
    });
    const padded = (bytes: Buffer, size: number) => Buffer.concat([bytes, Buffer.alloc(size - bytes.length)]);
    const large = attached('l.png', 'image/png', padded(png, fileLimits.imageBytes + 1));
    expect(await refused(large)).toEqual({
      'files.0.data': ['The file l.png was not taken: it has 5.1 MB, and an image may have 5 MB.'],
    });
    const book = attached('b.pdf', 'application/pdf', padded(pdf('x'), 7_900_000));
    expect(await refused(book, book)).toEqual({
      files: ['The file b.pdf was not taken: all files of a message together may have 15 MB.'],
    });
    expect(stage.llm.requests).toHaveLength(0);
  }, 60_000);

  it('is the same key with another file', async () => {
    await open();
    const key = { 'idempotency-key': 'one' };
    const body = { message: 'Look.', thread_id: 'a', files: [graph] };
    expect((await send(body, key)).status).toBe(200);
    expect((await send(body, key)).status).toBe(200);
    expect((await send({ ...body, files: [report] }, key)).status).toBe(409);
    expect(stage.llm.requests).toHaveLength(1);
  });

  it('is a large body of somebody unknown, before it is read', async () => {
    await open();
    const body = JSON.stringify({ message: 'x'.repeat(1024 * 1024) });
    const response = await fetch(new URL(path, stage.bot.url), { method: 'POST', body });
    expect(response.status).toBe(401);
    expect((await stage.bot.fetch(path, { method: 'POST', body })).status).toBe(400);
    const huge = 'x'.repeat(22 * 1024 * 1024);
    expect((await stage.bot.fetch(path, { method: 'POST', body: huge })).status).toBe(413);
  });
});
