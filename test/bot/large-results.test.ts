import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPostgresDatabase } from '../fakes/database.ts';
import { conversationOf, openStage, type Stage, whenConnected } from './stage.ts';

/** A tool whose results are too long for a model to be given whole. */

const lines = Array.from({ length: 2000 }, (_unused, n) =>
  n === 1500 ? 'ERROR disk full on db7' : `line ${n} of the log, with nothing special in it`,
);
const log = lines.join('\n');
let stage: Stage;

beforeAll(async () => {
  stage = await openStage({
    env: { DATABASE_URL: await createPostgresDatabase('migrated') },
    servers: [
      {
        name: 'ops',
        isTrusted: true,
        define: (server) => {
          server.registerTool('read_log', { annotations: { readOnlyHint: true } }, () => ({
            content: [{ type: 'text', text: log }],
          }));
        },
      },
    ],
  });
  await whenConnected(stage, 'ops');
});

afterAll(() => stage.close());

const call = (name: string, args: object) => ({ calls: [{ name, arguments: JSON.stringify(args) }] });
const lastWords = () => conversationOf(stage.llm.requests.at(-1)).at(-1) ?? '';
const idIn = (text: string) => /result ([0-9a-f]{10}) has/.exec(text)?.[1] ?? '';

/** Asks for the log in a thread and gives the id under which it is kept. */
async function keptIn(thread: string): Promise<string> {
  stage.llm.script(call('ops__read_log', {}), { text: 'It is long.' });
  expect((await stage.ask('Read the log', thread)).response).toBe('It is long.');
  return idIn(lastWords());
}

test('the model gets head and tail, and reads on or finds what it looks for', async () => {
  const id = await keptIn('reads');
  const short = lastWords();
  expect(short.length).toBeLessThan(16_100);
  expect(short).toContain('line 0 of the log');
  expect(short).toContain('line 1999 of the log');
  expect(short).not.toContain('db7');
  stage.llm.script(call('read_result', { result: id, find: 'error*DB7' }), { text: 'Found.' });
  await stage.ask('What failed?', 'reads');
  expect(lastWords()).toContain(`L1501, offset ${log.indexOf('ERROR')}:`);
  expect(lastWords()).toContain('ERROR disk full on db7');
  stage.llm.script(call('read_result', { result: id, from: 'L1501' }), { text: 'Read.' });
  await stage.ask('Go on', 'reads');
  expect(lastWords()).toMatch(/^tool: ERROR disk full on db7\nline 1501 of/);
  expect(lastWords().length).toBeLessThanOrEqual(12_006);
});

test('people can read the whole of it, as long as the thread is there', async () => {
  const id = await keptIn('people');
  const path = `/plugins/ai-ops/api/chat/people/results/${id}/`;
  const whole = await stage.bot.fetch(path);
  expect(whole.status).toBe(200);
  expect(whole.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(await whole.text()).toBe(log);
  expect((await stage.bot.fetch(`/plugins/ai-ops/api/chat/others/results/${id}/`)).status).toBe(404);
  await stage.bot.fetch('/plugins/ai-ops/api/chat/people/', { method: 'DELETE' });
  expect((await stage.bot.fetch(path)).status).toBe(404);
});

test('a result of another thread cannot be read', async () => {
  const id = await keptIn('mine');
  stage.llm.script(call('read_result', { result: id }), { text: 'No.' });
  await stage.ask('Read it', 'yours');
  expect(lastWords()).toContain(`There is no stored result ${id} in this conversation.`);
});
