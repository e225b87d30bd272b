import { AsyncResource } from 'node:async_hooks';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { afterEach, expect, test } from 'vitest';
import { answerQuestions, asksPeople } from '../../../src/tools/mcp/asked.ts';
import type { ServerQuestion } from '../../../src/tools/mcp/elicitation.ts';

const client = new Client({ name: 'asked', version: '1' }, { capabilities: asksPeople });
const calls = answerQuestions(client);
const { server } = new McpServer({ name: 'asks', version: '1' });
const [ours, theirs] = InMemoryTransport.createLinkedPair();
await Promise.all([server.connect(theirs), client.connect(ours)]);
afterEach(() => heard.clear());

const heard = new Map<string, readonly (ServerQuestion | 'missed')[]>();

/** Whoever is asked during a call fills in the form. */
function questionsOf(name: string) {
  const hear = (what: ServerQuestion | 'missed') => heard.set(name, [...(heard.get(name) ?? []), what]);
  return {
    hear: (question: ServerQuestion) => {
      hear(question);
      return { action: 'accept', content: { who: name } } as const;
    },
    missed: () => void hear('missed'),
  };
}

const ask = () =>
  server.elicitInput({
    message: 'Who?',
    requestedSchema: { type: 'object', properties: { who: { type: 'string' } } },
  });

test('a question goes to the call in whose answer it comes', async () => {
  const [one, two] = await Promise.all([
    calls.run(questionsOf('ada'), ask),
    calls.run(questionsOf('bob'), ask),
  ]);
  expect([one.content, two.content]).toEqual([{ who: 'ada' }, { who: 'bob' }]);
});

test('a question that comes too late is not put to whoever calls then', async () => {
  let askLate = async () => await ask();
  await calls.run(questionsOf('ada'), async () => {
    askLate = AsyncResource.bind(ask);
  });
  const late = await calls.run(questionsOf('bob'), () => askLate());
  expect(late).toMatchObject({ action: 'cancel' });
  expect(heard.size).toBe(0);
});

test('a question of no known call goes to the one that runs, if there is one alone', async () => {
  const outside = AsyncResource.bind(ask);
  expect(await calls.run(questionsOf('ada'), outside)).toMatchObject({ content: { who: 'ada' } });
  const both = Promise.withResolvers<void>();
  const answer = await Promise.all([
    calls.run(questionsOf('ada'), () => both.promise),
    calls.run(questionsOf('bob'), async () => {
      const asked = await outside();
      both.resolve();
      return asked;
    }),
  ]);
  expect(answer[1]).toMatchObject({ action: 'cancel' });
  expect(heard.get('bob')).toEqual(['missed']);
});
