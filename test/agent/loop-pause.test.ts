import { describe, expect, it } from 'vitest';
import { runAgent } from '../../src/agent/loop.ts';
import type { ToolNext } from '../../src/agent/middleware.ts';
import { agentRun, call, memoryJournal, ok, reply, scriptedModel, tool } from './stage.ts';

describe('a call that needs approval', () => {
  const ran: string[] = [];
  const tools = ['look', 'restart'].map((name) =>
    tool(name, async () => {
      ran.push(name);
      return ok(`${name} ran`);
    }),
  );
  /** Asks before every restart that nobody has approved. */
  const gated: ToolNext = async ({ call: asked, tool: item, approved }, signal) => {
    if (item.name === 'restart' && !approved) return { type: 'ask', reason: 'It restarts things.' };
    return { type: 'result', ran: true, outcome: await item.run(asked.arguments, signal) };
  };
  const model = scriptedModel(
    reply('Both.', call('a', 'look'), call('b', 'restart', { host: 'db' })),
    reply('Done.'),
  );
  const journal = memoryJournal();
  const run = agentRun({ model: model.next, tools, tool: gated, journal });

  it('pauses the turn once its siblings have run', async () => {
    expect(await runAgent(run)).toMatchObject({
      type: 'paused',
      questions: [{ reason: 'It restarts things.', open: { call: { id: 'b', arguments: { host: 'db' } } } }],
    });
    expect(ran).toEqual(['look']);
  });

  it('pauses again while nobody has decided, and runs nothing twice', async () => {
    expect(await runAgent(run)).toMatchObject({ type: 'paused' });
    expect(ran).toEqual(['look']);
    expect(model.requests).toHaveLength(1);
  });

  it('goes on from the stored steps when it is approved', async () => {
    const resumed = { ...run, journal: memoryJournal(journal.steps), approved: (id: string) => id === 'b' };
    expect(await runAgent(resumed)).toMatchObject({ type: 'answer', step: { message: { text: 'Done.' } } });
    expect(ran).toEqual(['look', 'restart']);
    expect(model.requests[1]?.messages.map((message) => message.text).slice(1)).toEqual([
      'Both.',
      'look ran',
      'restart ran',
    ]);
  });
});

describe('a call that a person changed', () => {
  const seen: unknown[] = [];
  const restart = tool('restart', async (args) => {
    seen.push(args);
    return ok('restarted');
  });
  const asked = { name: 'restart', arguments: { host: 'db1' } };
  const edited = { arguments: { host: 'db2' }, by: 'Ada', reason: 'db1 is gone' };

  it.each([
    ['as it is', call('a', asked.name, asked.arguments)],
    ['through another', call('a', 'call_tool', asked)],
  ])('runs so, called %s, while the history keeps what the model asked', async (_how, made) => {
    seen.length = 0;
    const model = scriptedModel(reply('', made), reply('Done.'));
    const run = agentRun({ model: model.next, tools: [restart], edited: () => edited });
    expect(await runAgent(run)).toMatchObject({ type: 'answer' });
    expect(seen).toEqual([{ host: 'db2' }]);
    const [call_, result] = model.requests[1]?.messages.slice(1) ?? [];
    expect(call_).toMatchObject({ role: 'assistant', calls: [{ id: 'a', arguments: made.arguments }] });
    expect(result).toMatchObject({
      role: 'tool',
      name: made.name,
      personsLength: expect.any(Number),
      text: 'Ada changed the arguments when they approved this call. It ran with {"host":"db2"} and not with yours. Their reason: “db1 is gone”.\n\nrestarted',
    });
  });

  it('says nothing of it where it was changed back', async () => {
    const made = call('a', 'restart', edited.arguments);
    const model = scriptedModel(reply('', made), reply('Done.'));
    await runAgent(agentRun({ model: model.next, tools: [restart], edited: () => edited }));
    expect(model.requests[1]?.messages.at(-1)?.text).toBe('restarted');
  });

  it.each([
    ['refused', { ran: false, outcome: { text: 'Not run: no.', isError: true } }],
    ['answered', { ran: false, isPersons: true, outcome: { text: 'Not run: no.', isError: false } }],
    ['made up', { ran: false, outcome: { text: 'Not run: no.', isError: false } }],
  ])('says nothing of it where it did not run after all, but was %s', async (_how, answer) => {
    const model = scriptedModel(reply('', call('a', 'restart', { host: 'db1' })), reply('Done.'));
    const refuses: ToolNext = async () => ({ type: 'result', ...answer });
    const run = agentRun({ model: model.next, tools: [restart], tool: refuses, edited: () => edited });
    await runAgent(run);
    expect(model.requests[1]?.messages.at(-1)?.text).toBe('Not run: no.');
  });
});
