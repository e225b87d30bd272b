import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordedRequest } from '../fakes/llm/server.ts';
import { conversationOf, onDatabases, openStage, type Stage, until } from './stage.ts';

/** Repeats the last thing that it was told, after a while. */
async function echo(request: RecordedRequest) {
  await sleep(5 + Math.random() * 20);
  return { text: `heard ${conversationOf(request).at(-1)?.replace('user: ', '')}` };
}

describe.each(Object.entries(onDatabases))('many messages at once, on %s', (_name, env) => {
  let stage: Stage;
  let isSlow = false;
  beforeAll(async () => {
    const reply = async (request: RecordedRequest) => {
      while (isSlow) await sleep(20);
      return await echo(request);
    };
    stage = await openStage({ env: await env(), reply });
  });
  afterAll(() => stage.close());

  it('of several threads are answered side by side and never mixed', async () => {
    const threads = Array.from({ length: 12 }, (_unused, n) => `side-${n}`);
    const answers = await Promise.all(
      threads.map(async (thread) => {
        const first = await stage.ask(`${thread} one`, thread);
        const second = await stage.ask(`${thread} two`, thread);
        return [first.response, second.response];
      }),
    );
    expect(answers).toEqual(threads.map((thread) => [`heard ${thread} one`, `heard ${thread} two`]));
    for (const request of stage.llm.requests) {
      const names = conversationOf(request).map((line) => /side-\d+/.exec(line)?.[0]);
      expect(new Set(names).size).toBe(1);
    }
  });

  it('of one thread are all answered or steered: none is lost, and the order is kept', async () => {
    const words = Array.from({ length: 40 }, (_unused, n) => `word ${n}.`);
    const answers = await Promise.all(words.map((word) => stage.ask(word, 'crowd')));
    expect(answers.map((answer) => answer.http)).toEqual(words.map(() => 200));
    const { messages } = await stage.thread('crowd');
    const said = messages.filter(({ role }) => role === 'user').map(({ text }) => text);
    expect(said.toSorted()).toEqual(words.toSorted());

    await stage.ask('the end', 'crowd');
    const sent = conversationOf(stage.llm.requests.at(-1)).filter((line) => line.startsWith('user: word'));
    expect(sent).toEqual(said.map((word) => `user: ${word}`));
  });

  it('of one thread are refused from the fifty-first on, until there is room', async () => {
    isSlow = true;
    const before = stage.llm.requests.length;
    const waiting = [stage.ask('first', 'full')];
    await until(() => stage.llm.requests.length > before);
    waiting.push(...Array.from({ length: 49 }, (_unused, n) => stage.ask(`waiting ${n}`, 'full')));
    const asked = async () =>
      (await stage.thread('full')).messages.filter(({ role }) => role === 'user').length;
    await until(async () => (await asked()) === 50);
    expect(await stage.ask('one too many', 'full')).toMatchObject({ http: 429, code: 'busy' });
    isSlow = false;
    const answers = await Promise.all(waiting);
    expect(answers.every((answer) => answer.http === 200)).toBe(true);
    expect(await stage.ask('and now?', 'full')).toMatchObject({ http: 200, response: 'heard and now?' });
  });
});
