import { describe, expect, it } from 'vitest';
import { type Clearance, dispatchWith } from '../../src/agent/dispatch.ts';
import type { Tool } from '../../src/agent/tool.ts';
import { call, tool } from './stage.ts';

/** Dispatches one call and writes down what happens, in order. */
function stage(clearance: Clearance, begin: () => Promise<void> = async () => undefined) {
  const events: string[] = [];
  const dispatch = dispatchWith({
    clear: () => clearance,
    begin: async (_input, approvalId) => {
      events.push(`begin ${approvalId ?? 'by itself'}`);
      await begin();
    },
    toolStart: ({ name }) => events.push(`start ${name}`),
    toolEnd: ({ name, ok }) => events.push(`end ${name} ${ok ? 'well' : 'badly'}`),
  });
  const run = (item: Tool, signal = new AbortController().signal) =>
    dispatch({ call: call('a', item.name), tool: item, begun: [], approved: false }, signal);
  return { events, run };
}

const running = (effect: Tool['effect'], events: string[]) =>
  tool(
    'probe',
    async () => {
      events.push('run');
      return { text: 'ran', isError: false };
    },
    effect,
  );

describe('the innermost layer of a tool call', () => {
  it('runs a read without storing its beginning', async () => {
    const { events, run } = stage({ type: 'run' });
    const answer = await run(running('read', events));
    expect(events).toEqual(['start probe', 'run', 'end probe well']);
    expect(answer).toEqual({ type: 'result', ran: true, outcome: { text: 'ran', isError: false } });
  });

  it('stores the beginning of a write and spends its approval before it runs', async () => {
    const { events, run } = stage({ type: 'run', approvalId: 'yes' });
    await run(running('write', events));
    expect(events).toEqual(['begin yes', 'start probe', 'run', 'end probe well']);
  });

  it('does not run a write whose beginning could not be stored', async () => {
    const { events, run } = stage({ type: 'run' }, () => Promise.reject(new Error('lease lost')));
    await expect(run(running('write', events))).rejects.toThrow('lease lost');
    expect(events).not.toContain('run');
  });

  it('does not run a write that was stopped while its beginning was stored', async () => {
    const stop = new AbortController();
    const { events, run } = stage({ type: 'run' }, async () => stop.abort(new Error('stopped')));
    await expect(run(running('write', events), stop.signal)).rejects.toThrow('stopped');
    expect(events).not.toContain('run');
  });

  it('asks without running', async () => {
    const { events, run } = stage({ type: 'ask', reason: 'It writes.' });
    expect(await run(running('write', events))).toEqual({ type: 'ask', reason: 'It writes.' });
    expect(events).toEqual([]);
  });

  it('refuses with a result for the model', async () => {
    const { events, run } = stage({ type: 'refuse', text: 'Bob denied it.' });
    expect(await run(running('write', events))).toEqual({
      type: 'result',
      ran: false,
      outcome: { text: 'Bob denied it.', isError: true },
    });
    expect(events).toEqual([]);
  });

  it('makes a result of a tool that throws', async () => {
    const { events, run } = stage({ type: 'run' });
    const answer = await run(tool('broken', () => Promise.reject(new Error('no route'))));
    expect(answer).toMatchObject({ ran: true, outcome: { text: 'broken failed: no route', isError: true } });
    expect(events).toEqual(['start broken', 'end broken badly']);
  });

  it('passes an abort on', async () => {
    const stop = new AbortController();
    const { run } = stage({ type: 'run' });
    const hanging = tool('slow', (_args, signal) => {
      stop.abort(new Error('stopped'));
      return Promise.reject(signal.reason);
    });
    await expect(run(hanging, stop.signal)).rejects.toThrow('stopped');
  });
});
