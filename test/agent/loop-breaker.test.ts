import { expect, it } from 'vitest';
import { runAgent } from '../../src/agent/loop.ts';
import { agentRun, call, memoryJournal, ok, reply, scriptedModel, tool } from './stage.ts';

function stage(count: number, args: (n: number) => { readonly [key: string]: number }) {
  let runs = 0;
  const look = tool('look', async () => {
    runs += 1;
    return ok('the same');
  });
  const asks = Array.from({ length: count }, (_unused, n) => reply('', call(`c${n}`, 'look', args(n))));
  const model = scriptedModel(...asks, reply('I give up.'));
  const journal = memoryJournal();
  const run = agentRun({ model: model.next, tools: [look], journal, maxSteps: 20 });
  return { run, model, journal, runs: () => runs };
}

it('runs the same call three times and refuses the fourth', async () => {
  const { run, model, runs } = stage(4, () => ({ port: 1 }));
  expect(await runAgent(run)).toMatchObject({ type: 'answer' });
  expect(runs()).toBe(3);
  expect(model.requests[4]?.messages.at(-1)?.text).toMatch(/^Not run: look was already called 3 times/);
});

it('ends the turn when the model asks a fifth time', async () => {
  const { run, runs } = stage(5, () => ({ port: 1 }));
  expect(await runAgent(run)).toEqual({ type: 'loop', tool: 'look' });
  expect(runs()).toBe(3);
});

it('does not mind the same tool with other arguments', async () => {
  const { run, runs } = stage(8, (n) => ({ port: n }));
  expect(await runAgent(run)).toMatchObject({ type: 'answer' });
  expect(runs()).toBe(8);
});

it('refuses the surplus among parallel calls and goes on', async () => {
  const same = ['a', 'b', 'c', 'd', 'e'].map((id) => call(id, 'look'));
  const journal = memoryJournal();
  const model = scriptedModel(reply('', ...same), reply('Fine.'));
  const run = agentRun({ model: model.next, tools: [tool('look')], journal });
  expect(await runAgent(run)).toMatchObject({ type: 'answer' });
  const results = journal.steps.filter((step) => step.type === 'result');
  expect(results.filter((step) => step.ran)).toHaveLength(3);
});
