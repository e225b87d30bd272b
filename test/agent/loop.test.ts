import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { exchange } from '../../src/agent/budget.ts';
import { runAgent } from '../../src/agent/loop.ts';
import { ProviderError } from '../../src/agent/provider.ts';
import { agentRun, call, memoryJournal, ok, reply, scriptedModel, tool } from './stage.ts';

describe('the agent loop', () => {
  it('answers at once when no tool is needed, and leaves the last step to be stored with the reply', async () => {
    const journal = memoryJournal();
    const ending = await runAgent(agentRun({ model: scriptedModel(reply('All is well.')).next, journal }));
    expect(ending).toMatchObject({ type: 'answer', step: { message: { text: 'All is well.' } } });
    expect(journal.steps).toEqual([]);
  });

  it('gives the model what its tools found', async () => {
    const model = scriptedModel(reply('Looking.', call('a')), reply('Found.'));
    const tools = [tool('look', async () => ok('42 °C'))];
    const ending = await runAgent(agentRun({ model: model.next, tools }));
    expect(ending).toMatchObject({ type: 'answer', step: { message: { text: 'Found.' } } });
    expect(model.requests[1]?.messages.map(({ role, text }) => [role, text])).toEqual([
      ['user', 'How are things?'],
      ['assistant', 'Looking.'],
      ['tool', '42 °C'],
    ]);
  });

  it('runs parallel calls at the same time', async () => {
    let running = 0;
    let most = 0;
    const slow = tool('look', async () => {
      running += 1;
      most = Math.max(most, running);
      await sleep(20);
      running -= 1;
      return ok('done');
    });
    const model = scriptedModel(reply('', call('a'), call('b'), call('c', 'look', { x: 1 })), reply('ok'));
    await runAgent(agentRun({ model: model.next, tools: [slow] }));
    expect(most).toBe(3);
  });

  it('keeps the result of a call whose sibling fails', async () => {
    const journal = memoryJournal();
    const failing = tool('fail', () => Promise.reject(new Error('lease lost')));
    const slow = tool('look', async () => {
      await sleep(20);
      return ok('precious');
    });
    const model = scriptedModel(reply('', call('a', 'fail'), call('b')));
    const run = agentRun({ model: model.next, tools: [failing, slow], journal });
    await expect(runAgent(run)).rejects.toThrow('lease lost');
    expect(journal.steps.at(-1)).toMatchObject({
      type: 'result',
      message: { callId: 'b', text: 'precious' },
    });
  });

  it('tells the model which tools there are when it asks for one that is not', async () => {
    const model = scriptedModel(reply('', call('a', 'host__disc')), reply('ok'));
    await runAgent(agentRun({ model: model.next, tools: [tool('host__disk'), tool('web__get')] }));
    expect(model.requests[1]?.messages.at(-1)).toMatchObject({
      isError: true,
      text: 'There is no tool host__disc. Available: host__disk.',
    });
  });

  it('tells the model what is wrong with its arguments instead of running the call', async () => {
    let ran = false;
    const look = tool('look', async () => {
      ran = true;
      return ok('');
    });
    const invalid = { ...call('a'), invalid: 'Unexpected end of JSON input' };
    const model = scriptedModel(reply('', invalid), reply('ok'));
    await runAgent(agentRun({ model: model.next, tools: [look] }));
    expect(model.requests[1]?.messages.at(-1)?.text).toContain('Unexpected end of JSON input');
    expect(ran).toBe(false);
  });

  it('ends when it has called the model as often as it may', async () => {
    const replies = Array.from({ length: 5 }, (_unused, n) => reply('', call(`c${n}`, 'look', { n })));
    const journal = memoryJournal();
    const run = agentRun({
      model: scriptedModel(...replies).next,
      tools: [tool('look')],
      journal,
      maxSteps: 5,
    });
    expect(await runAgent(run)).toEqual({ type: 'step_limit', maxSteps: 5 });
    expect(journal.steps.filter((step) => step.type === 'result')).toHaveLength(5);
  });

  it('shows the model a long result clipped', async () => {
    const model = scriptedModel(reply('', call('a')), reply('ok'));
    const tools = [tool('look', async () => ok('long text'))];
    await runAgent(
      agentRun({ model: model.next, tools, keepResult: ({ text }) => ({ text: text.slice(0, 4) }) }),
    );
    expect(model.requests[1]?.messages.at(-1)?.text).toBe('long');
  });

  it('names the speakers where several people write', async () => {
    const model = scriptedModel(reply('Hello Ada.'));
    const question = { role: 'user', text: 'hi', name: 'Ada' } as const;
    await runAgent(agentRun({ model: model.next, question }));
    expect(model.requests[0]?.messages).toEqual([{ role: 'user', text: 'Ada: hi' }]);
  });

  it('gives the model at its next step what the asker said meanwhile', async () => {
    const waiting: { role: 'user'; text: string }[] = [];
    const look = tool('look', async () => {
      waiting.push({ role: 'user', text: 'only on db1' });
      return ok('all hosts');
    });
    const model = scriptedModel(reply('', call('a')), reply('ok'));
    await runAgent(agentRun({ model: model.next, tools: [look], journal: memoryJournal([], waiting) }));
    expect(model.requests[1]?.messages.at(-1)).toEqual({ role: 'user', text: 'only on db1' });
  });
});

describe('a conversation that is too long', () => {
  const overflow = () => new ProviderError('context_overflow', 'too long');
  const history = Array.from({ length: 10 }, (_unused, n) =>
    exchange([{ role: 'user', text: `${n}`.repeat(4000) }]),
  );

  it('is tried once more with less of it, and people are told', async () => {
    const restarts: string[] = [];
    const listener = {
      text: () => undefined,
      reasoning: () => undefined,
      restart: (reason: string) => void restarts.push(reason),
    };
    const model = scriptedModel(overflow(), reply('It fits.'));
    const ending = await runAgent(agentRun({ model: model.next, history, listener, room: 12_000 }));
    expect(ending).toMatchObject({ type: 'answer' });
    const [first, second] = model.requests.map((request) => request.messages.length);
    expect(first).toBe(11);
    expect(second).toBeLessThan(8);
    expect(model.requests[1]?.messages.at(-1)?.text).toBe('How are things?');
    expect(restarts).toHaveLength(1);
  });

  it('fails when even that is too long', async () => {
    const run = agentRun({ model: scriptedModel(overflow(), overflow()).next, history });
    await expect(runAgent(run)).rejects.toMatchObject({ kind: 'context_overflow' });
  });

  it('counts the arguments of calls when it makes room for history', async () => {
    const argument = { text: 'x'.repeat(32_000) };
    const model = scriptedModel(reply('', call('a', 'look', argument)), reply('ok'));
    await runAgent(agentRun({ model: model.next, tools: [tool('look')], history, room: 12_000 }));
    const sent = JSON.stringify(model.requests[1]?.messages).length / 4;
    expect(sent).toBeLessThan(12_500);
  });
});
