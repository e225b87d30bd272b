import { describe, expect, it } from 'vitest';
import { exchange } from '../../src/agent/budget.ts';
import { chooseFiles, type FileRef, type LoadFiles } from '../../src/agent/files.ts';
import { runAgent } from '../../src/agent/loop.ts';
import type { Message } from '../../src/agent/messages.ts';
import { ProviderError } from '../../src/agent/provider.ts';
import { agentRun, call, memoryJournal, ok, reply, scriptedModel, tool } from './stage.ts';

const image = (id: string): FileRef => ({ id, name: `${id}.png`, mediaType: 'image/png', bytes: 1000 });
const paper = (id: string, bytes = 1000): FileRef => ({
  ...{ id, name: `${id}.pdf`, bytes },
  mediaType: 'application/pdf',
});
const says = (...files: readonly FileRef[]): Message => ({ role: 'user', text: 'Look.', files });
const ids = (room: number, ...messages: readonly Message[]) => [...chooseFiles(messages, room).ids];

describe('the files of a request', () => {
  it('are the newest that its room has place for', () => {
    expect(ids(100_000, says(image('a')), says(image('b')))).toEqual(['b', 'a']);
    expect(ids(5000, says(image('a')), says(image('b')))).toEqual(['b']);
    const many = Array.from({ length: 12 }, (_, n) => says(image(`${n}`)));
    expect(ids(1_000_000, ...many)).toEqual(['11', '10', '9', '8', '7', '6', '5', '4', '3', '2']);
  });

  it('have one at least, however large, and half of the room at most', () => {
    expect(ids(4000, says(paper('a', 9_000_000)))).toEqual(['a']);
    expect(chooseFiles([says(paper('a', 9_000_000))], 4000).tokens).toBe(2000);
    expect(ids(1_000_000, says(paper('a', 9_000_000)), says(paper('b', 9_000_000)))).toEqual(['b']);
  });
});

describe('the agent', () => {
  const bytes = new Map([
    ['a', 'QQ=='],
    ['b', 'Qg=='],
  ]);
  const load: LoadFiles = async () => bytes;

  it('shows files of the question and of the history, and names one that is gone', async () => {
    const model = scriptedModel(reply('Seen.'));
    const history = [
      exchange([says(image('a'), image('gone')), { role: 'assistant', text: 'A.', calls: [] }]),
    ];
    const question = { role: 'user', text: 'And this?', name: 'Ada', files: [paper('b')] } as const;
    await runAgent({ ...agentRun({ model: model.next }), history, question, loadFiles: load });
    expect(model.requests[0]?.messages).toEqual([
      {
        role: 'user',
        text: 'Look.\n\n[image a.png]\n[image gone.png, no longer shown]',
        shown: [{ ...image('a'), data: 'QQ==' }],
      },
      { role: 'assistant', text: 'A.', calls: [] },
      {
        role: 'user',
        text: 'Ada: And this?\n\n[PDF b.pdf]',
        shown: [{ ...paper('b'), data: 'Qg==' }],
      },
    ]);
  });

  it('shows what came with words that steer it, at its next step', async () => {
    const model = scriptedModel(reply('', call('1')), reply('Seen.'));
    const journal = memoryJournal([], [{ role: 'user', text: 'With this.', files: [image('a')] }]);
    const tools = [tool('look', async () => ok('fine'))];
    await runAgent({ ...agentRun({ model: model.next, journal, tools }), loadFiles: load });
    expect(
      model.requests.at(-1)?.messages.some((item) => item.role === 'user' && item.shown?.length === 1),
    ).toBe(true);
    expect(JSON.stringify(journal.steps)).not.toContain('QQ==');
  });

  it('shows fewer when the request was too long', async () => {
    const tooLong = new ProviderError('context_overflow', 'too long');
    const model = scriptedModel(tooLong, reply('Seen.'));
    const question = { role: 'user', text: 'Look.', files: [image('a'), image('b')] } as const;
    await runAgent({ ...agentRun({ model: model.next }), room: 8000, question, loadFiles: load });
    const shown = model.requests.map(({ messages }) =>
      messages.flatMap((item) => (item.role === 'user' ? (item.shown ?? []) : [])).map(({ id }) => id),
    );
    expect(shown).toEqual([['a', 'b'], ['b']]);
  });
});
