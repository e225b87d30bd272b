import { expect, it } from 'vitest';
import { addImages, estimateImageTokens, withImages } from '../../src/agent/images.ts';
import { keepLarge } from '../../src/agent/keep.ts';
import { runAgent } from '../../src/agent/loop.ts';
import type { Image } from '../../src/agent/tool.ts';
import { agentRun, call, memoryJournal, ok, reply, resultStep, scriptedModel, tool } from './stage.ts';

const image = (data: string): Image => ({ mimeType: 'image/png', data });

it('shows the model the newest four images of the turn', () => {
  const messages = ['a', 'b', 'c'].map((id) => resultStep(id).message);
  const images = new Map([
    ['a', [image('a1'), image('a2')]],
    ['b', [image('b1'), image('b2')]],
    ['c', [image('c1')]],
  ]);
  const shown = withImages(messages, images).map((message) =>
    message.role === 'tool' ? message.images?.map(({ data }) => data) : [],
  );
  expect(shown).toEqual([['a1'], ['b1', 'b2'], ['c1']]);
  expect(estimateImageTokens(images)).toBe(4 * estimateImageTokens(new Map([['c', [image('c1')]]])));
});

it('holds the images of no more results than can be shown', () => {
  const images = new Map<string, readonly Image[]>();
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) addImages(images, id, [image(id)]);
  expect([...images.keys()]).toEqual(['c', 'd', 'e', 'f']);
});

it('keeps an image beside the result that it came with, and stores none with the step', async () => {
  const model = scriptedModel(reply('', call('a')), reply('A graph.'));
  const journal = memoryJournal();
  const tools = [tool('look', async () => ({ ...ok('[image]'), images: [image('aGk=')] }))];
  const keepResult = (result: Parameters<typeof keepLarge>[0]) =>
    keepLarge(result, { maxCharacters: 1000, newId: () => 'r1' });
  await runAgent(agentRun({ model: model.next, tools, journal, keepResult }));
  expect(model.requests[1]?.messages.at(-1)).toMatchObject({ text: '[image]', images: [image('aGk=')] });
  const [stored] = journal.steps.filter((step) => step.type === 'result');
  expect(stored?.message).toEqual({
    ...{ role: 'tool', callId: 'a', name: 'look', text: '[image]', isError: false },
    kept: { id: 'r1', characters: 7 },
  });
});
