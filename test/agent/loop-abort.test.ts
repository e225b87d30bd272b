import { describe, expect, it } from 'vitest';
import { runAgent } from '../../src/agent/loop.ts';
import type { ModelNext } from '../../src/agent/middleware.ts';
import { agentRun, call, memoryJournal, reply, scriptedModel, tool } from './stage.ts';

/** Resolves never; rejects with the signal's reason. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

describe('an abort', () => {
  it('ends a model call in the middle of its words', async () => {
    const stop = new AbortController();
    const model: ModelNext = async function* (_request, signal) {
      yield { type: 'text', text: 'I was about to' };
      queueMicrotask(() => stop.abort(new Error('stopped by Bob')));
      await untilAborted(signal);
    };
    const journal = memoryJournal();
    await expect(runAgent(agentRun({ model, journal, signal: stop.signal }))).rejects.toThrow(
      'stopped by Bob',
    );
    expect(journal.steps).toEqual([]);
  });

  it('ends a tool, and waits for its sibling to end too', async () => {
    const stop = new AbortController();
    const ended: string[] = [];
    const hanging = (name: string) =>
      tool(name, async (_args, signal) => {
        if (name === 'second') queueMicrotask(() => stop.abort(new Error('stopped by Bob')));
        return await untilAborted(signal).finally(() => ended.push(name));
      });
    const model = scriptedModel(reply('', call('a', 'first'), call('b', 'second')));
    const run = agentRun({
      model: model.next,
      tools: [hanging('first'), hanging('second')],
      signal: stop.signal,
    });
    await expect(runAgent(run)).rejects.toThrow('stopped by Bob');
    expect(ended).toEqual(['first', 'second']);
  });

  it('prevents the next model call', async () => {
    const stop = new AbortController();
    const look = tool('look', async () => {
      stop.abort(new Error('stopped by Bob'));
      return { text: 'done', isError: false };
    });
    const model = scriptedModel(reply('', call('a')), reply('never said'));
    const journal = memoryJournal();
    await expect(
      runAgent(agentRun({ model: model.next, tools: [look], journal, signal: stop.signal })),
    ).rejects.toThrow('stopped by Bob');
    expect(model.requests).toHaveLength(1);
    expect(journal.steps.at(-1)).toMatchObject({ type: 'result', message: { text: 'done' } });
  });
});
