import { describe, expect, it } from 'vitest';
import { type Asked, type Clearance, dispatchWith } from '../../src/agent/dispatch.ts';
import type { Need, NeedAnswer, Tool, ToolOutcome } from '../../src/agent/tool.ts';
import { call, tool } from './stage.ts';

/** Dispatches one call and writes down what happens, in order. */
function stage(
  clearance: Clearance,
  begin: () => Promise<void> = async () => undefined,
  asked: Asked = said(),
) {
  const events: string[] = [];
  const dispatch = dispatchWith({
    clear: () => clearance,
    asked: () => asked,
    needed: async (_input, { need, approvalId }) => {
      events.push(`needed ${need.type} ${approvalId ?? ''}`.trim());
    },
    begin: async (_input, approvalId) => {
      events.push(`begin ${approvalId ?? 'by itself'}`);
      await begin();
    },
    toolStart: ({ name }) => events.push(`start ${name}`),
    toolProgress: ({ name }, text) => events.push(`${name} is at ${text}`),
  });
  const run = (item: Tool, signal = new AbortController().signal) =>
    dispatch({ call: call('a', item.name), tool: item, begun: [], approved: false }, signal);
  return { events, run };
}

/** What the asker has said so far, and what they are still asked. */
function said(answers: readonly NeedAnswer[] = [], open?: Need): Asked {
  return { context: { asker: 'web:ada', answers }, ...(open === undefined ? {} : { open }) };
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
    expect(events).toEqual(['start probe', 'run']);
    expect(answer).toEqual({ type: 'result', ran: true, outcome: { text: 'ran', isError: false } });
  });

  it('shows how far a tool says it is', async () => {
    const { events, run } = stage({ type: 'run' });
    const slow = tool('probe', async () => ({ text: 'ran', isError: false }), 'read');
    await run({
      ...slow,
      run: async (args, signal, context) => {
        context?.progress?.('3/10 copying');
        return await slow.run(args, signal, context);
      },
    });
    expect(events).toEqual(['start probe', 'probe is at 3/10 copying']);
  });

  it('stores the beginning of a write and spends its approval before it runs', async () => {
    const { events, run } = stage({ type: 'run', approvalId: 'yes' });
    await run(running('write', events));
    expect(events).toEqual(['begin yes', 'start probe', 'run']);
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
    expect(events).toEqual(['start broken']);
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

describe('a call that needs something of its asker', () => {
  const signIn: Need = { type: 'sign_in', server: 'github', serverId: 'g' };
  const form: Need = { type: 'form', server: 'cafe', message: 'How many?', schema: {} };
  const needing = (events: string[], outcome: Partial<ToolOutcome> = {}, need?: Need): Tool => ({
    ...tool(
      'probe',
      async (_args, _signal, context) => {
        events.push(`run with ${context?.answers.length ?? 'no'} answers`);
        return { text: 'ran', isError: false, ...outcome };
      },
      'write',
    ),
    needs: async ({ answers }) => (answers.some(({ action }) => action === 'accept') ? undefined : need),
  });

  it('asks them to sign in before it asks for approval', async () => {
    const { events, run } = stage({ type: 'ask', reason: 'It writes.' });
    expect(await run(needing(events, {}, signIn))).toEqual({ type: 'ask', reason: '', need: signIn });
    expect(events).toEqual([]);
  });

  it('is not run while they are still asked', async () => {
    const { events, run } = stage({ type: 'run', approvalId: 'yes' }, undefined, said([], form));
    expect(await run(needing(events))).toEqual({ type: 'ask', reason: '', need: form });
    expect(events).toEqual([]);
  });

  it('stores that a run ended in a need and gives back its approval', async () => {
    const { events, run } = stage({ type: 'run', approvalId: 'yes' });
    expect(await run(needing(events, { need: form }))).toEqual({ type: 'ask', reason: '', need: form });
    expect(events).toEqual(['begin yes', 'start probe', 'run with 0 answers', 'needed form yes']);
  });

  it('is run with what they have answered', async () => {
    const answer = { need: form, action: 'accept', content: { count: 2 } } as const;
    const { events, run } = stage({ type: 'run' }, undefined, said([answer]));
    expect(await run(needing(events, {}, signIn))).toMatchObject({ type: 'result', ran: true });
    expect(events).toContain('run with 1 answers');
  });

  it('is a result for the model once they did not want to sign in', async () => {
    const answer = { need: signIn, action: 'decline' } as const;
    const { events, run } = stage({ type: 'run' }, undefined, said([answer]));
    expect(await run(needing(events, {}, signIn))).toMatchObject({
      ran: false,
      outcome: { isError: true, text: expect.stringContaining('did not want to sign in to github') },
    });
    expect(events).toEqual([]);
  });

  it('is given up when it asks again and again', async () => {
    const answers = Array.from({ length: 10 }, (_, at) => {
      return { need: { ...form, message: `${at}` }, action: 'accept' } as const;
    });
    const { events, run } = stage({ type: 'run' }, undefined, said(answers));
    expect(await run(needing(events, { need: form }))).toMatchObject({
      ran: true,
      outcome: { isError: true, text: expect.stringContaining('10 times') },
    });
  });

  it('is given up when signing in does not help', async () => {
    const answers = Array.from({ length: 3 }, () => ({ need: signIn, action: 'accept' }) as const);
    const { events, run } = stage({ type: 'run' }, undefined, said(answers));
    expect(await run(needing(events, { need: signIn }))).toMatchObject({
      outcome: { isError: true, text: expect.stringContaining('still asks for it') },
    });
  });

  it('makes a result of a look that fails', async () => {
    const { events, run } = stage({ type: 'run' });
    const broken = { ...needing(events), needs: () => Promise.reject(new Error('no database')) };
    expect(await run(broken)).toMatchObject({ ran: false, outcome: { text: 'probe failed: no database' } });
  });
});
