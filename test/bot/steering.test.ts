import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { opsServer } from './ops-server.ts';
import { openPeople, type People } from './people.ts';
import { conversationOf, onDatabases, openStage, type Stage, until } from './stage.ts';

const look = { calls: [{ name: 'ops__look', arguments: '{}' }] };

describe.each(Object.entries(onDatabases))('what is said while a turn runs, on %s', (_name, env) => {
  let finishLook: () => void = () => undefined;
  const ops = opsServer({
    look: () => new Promise((resolve) => (finishLook = () => resolve('three hosts'))),
  });
  let people: People;
  let stage: Stage;
  beforeAll(async () => {
    people = await openPeople();
    stage = await openStage({ servers: [ops], adapters: people.adapters, env: await env() });
  });
  afterAll(async () => {
    await stage.close();
    await people.platform.close();
  });

  /** Acts while the tool of a turn runs, and then lets the tool end. */
  async function whileLooking(act: () => Promise<unknown>): Promise<void> {
    const looks = ops.looks();
    await until(() => ops.looks() > looks);
    await act();
    finishLook();
  }

  it('by the asker reaches the model at its next step, and both requests get the same turn', async () => {
    stage.llm.script(look, { text: 'Only db1 then.' });
    let second: ReturnType<Stage['ask']> | undefined;
    const [first] = await Promise.all([
      stage.ask('Look at all hosts', 'steered'),
      whileLooking(async () => {
        second = stage.ask('No, only db1', 'steered');
        await until(async () => (await stored('steered')) === 2);
      }),
    ]);
    expect(first).toMatchObject({ http: 200, response: 'Only db1 then.' });
    expect(await second).toEqual(first);
    expect(conversationOf(stage.llm.requests.at(-1))).toEqual([
      'user: Look at all hosts',
      'assistant: (calls)',
      'tool: three hosts',
      'user: No, only db1',
    ]);
    const { messages } = await stage.thread('steered');
    expect(messages.map(({ role }) => role)).toEqual(['user', 'tool', 'user', 'assistant']);
  });

  /** How many messages of the thread are stored: two turns are shown until one steers the other. */
  async function stored(thread: string): Promise<number> {
    return (await stage.thread(thread)).messages.filter(({ role }) => role === 'user').length;
  }

  it('by somebody else waits for a turn of its own, in order', async () => {
    stage.llm.script(look, { text: 'To Ada.' }, { text: 'To Bob.' }, { text: 'To Cleo.' });
    await people.say(stage, 'ada', 'Look');
    await whileLooking(async () => {
      await people.say(stage, 'bob', 'And my question?');
      await people.say(stage, 'cleo', 'Mine too');
      await people.say(stage, 'ada', 'only mine');
    });
    expect(await people.heard(3)).toEqual(['To Ada.', 'To Bob.', 'To Cleo.']);
    const [, ada, bob, cleo] = stage.llm.requests.slice(-4).map(conversationOf);
    expect(ada?.at(-1)).toBe('user: ada: only mine');
    expect(bob?.at(-1)).toBe('user: bob: And my question?');
    expect(bob).toContain('user: ada: only mine');
    expect(cleo?.at(-1)).toBe('user: cleo: Mine too');
  });

  it('keeps its order, however much it is', async () => {
    stage.llm.script(look, { text: 'All heard.' });
    await people.say(stage, 'ada', 'Look', 'many');
    await whileLooking(async () => {
      for (let n = 0; n < 8; n += 1) await people.say(stage, 'ada', `word ${n}`, 'many');
    });
    expect(await people.heard(1, 'many')).toEqual(['All heard.']);
    const said = conversationOf(stage.llm.requests.at(-1)).slice(3);
    expect(said).toEqual(Array.from({ length: 8 }, (_unused, n) => `user: ada: word ${n}`));
  });

  it('does not steer a command, which nobody could tell of it', async () => {
    stage.llm.script({ text: 'I am the model.' });
    await people.say(stage, 'ada', 'run ops__look', 'command');
    await whileLooking(() => people.say(stage, 'ada', 'And what do you think?', 'command'));
    const [result, answer] = await people.heard(2, 'command');
    expect(result).toContain('three hosts');
    expect(answer).toBe('I am the model.');
  });
});
