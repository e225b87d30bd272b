import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openStage, type Stage } from './stage.ts';

const patience = 60_000;
const fake = (name: string) => fileURLToPath(new URL(`../fakes/mcp/${name}.ts`, import.meta.url));
const row = (name: string, args: readonly string[]) => ({
  ...{ name, protocol: 'stdio', command: process.execPath, args, is_trusted: true },
});

describe('servers in a whole turn', { timeout: patience }, () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({
      rows: [row('lib', [fake('library')]), row('bad', [fake('faulty'), 'exits in mid-call'])],
    });
    await vi.waitFor(async () => expect(await say('tools')).toMatch(/bad__ill[\s\S]*lib__get_prompt/), {
      timeout: patience,
      interval: 200,
    });
  }, patience);
  afterAll(() => stage.close(), patience);

  const say = async (text: string) => (await stage.ask(text)).response;
  const requests = () => stage.llm.requests.length;

  it('people read resources by commands, without the model', async () => {
    const before = requests();
    expect(await say('resources lib')).toContain('`book://0` (text/plain): Book 0');
    expect(await say('read lib book://3')).toContain('text of 3');
    expect(await say('prompts lib')).toContain('`review`: Reviews a book');
    expect(await say('help')).toContain('`prompt <server> <name> arg=value …`');
    expect(requests()).toBe(before);
  });

  it('only complete commands for servers that have such things are commands', async () => {
    for (const text of [
      'resources nowhere',
      'read lib the book',
      'prompts lib please',
      'prompt lib review it',
    ]) {
      const before = requests();
      stage.llm.script({ text: 'Talk.' });
      expect(await say(text)).toBe('Talk.');
      expect(requests()).toBe(before + 1);
    }
  });

  it('a prompt of a server is put to the model as the person’s question', async () => {
    stage.llm.script({ text: 'It is a fine book.' });
    expect(await say('prompt lib review book="War and Peace"')).toBe('It is a fine book.');
    const sent = JSON.stringify(stage.llm.requests.at(-1)?.body);
    expect(sent).toContain('Review War and Peace for me.');
    expect(sent).not.toContain('prompt lib review');
    const before = requests();
    expect(await say('prompt lib missing')).toBe(
      'The prompt could not be got. get_prompt failed: there is no prompt missing.',
    );
    expect(requests()).toBe(before);
  });

  it('a server that dies in mid-call costs its call, and neither the turn nor the other servers', async () => {
    stage.llm.script(
      {
        calls: [
          { name: 'bad__ill', arguments: '{}' },
          { name: 'lib__bot_read_resource', arguments: '{"uri":"book://4"}' },
        ],
      },
      { text: 'One of them failed.' },
    );
    expect(await say('Look at both.')).toBe('One of them failed.');
    const sent = JSON.stringify(stage.llm.requests.at(-1)?.body);
    expect(sent).toContain('its program ended with exit code 7; it last said: out of disk');
    expect(sent).toContain('text of 4');
  });
});
