import { describe, expect, it } from 'vitest';
import { resilient } from '../../src/providers/resilient.ts';
import { type ScriptedReply, startStrictLlm } from '../fakes/llm/server.ts';
import { ping, turnsOf } from './anthropic-talk.ts';
import { ask, hear } from './hear.ts';
import { anthropicMessages } from './subjects.ts';

describe('an answer of Claude', () => {
  /** What is heard of one scripted answer. */
  async function heardOf(...replies: ScriptedReply[]) {
    const llm = await startStrictLlm();
    llm.script(...replies);
    const provider = resilient(await anthropicMessages.open(llm.url), { retries: 0 });
    const heard = await hear(provider, ask('Pods?', { tools: [ping] }));
    await llm.close();
    return { heard, bodies: llm.requests.map(({ body }) => body) };
  }
  const call = { name: 'host__ping', arguments: '{}' };

  it('that was paused is asked to go on, and counts as one', async () => {
    const { heard, bodies } = await heardOf(
      { text: 'Search', stop: 'pause', usage: { input: 10, output: 1, cached: 4 } },
      { text: 'ing, done.', usage: { input: 20, output: 2, cached: 8 } },
    );
    expect(heard).toMatchObject({ text: 'Searching, done.', stops: ['end'], restarts: 0, error: undefined });
    expect(heard.usage).toMatchObject({ input: 30, output: 3, cacheRead: 12 });
    expect(heard.events.filter(({ type }) => type === 'usage')).toHaveLength(2);
    expect(turnsOf(bodies[1]).at(-1)).toMatchObject({
      role: 'assistant',
      content: [{ text: 'Search' }, { type: 'server_tool_use', input: { query: 'x' } }],
    });
  });

  it('that is paused again and again is cut', async () => {
    const { heard } = await heardOf(...Array(6).fill({ text: '.', stop: 'pause' }));
    expect(heard).toMatchObject({ text: '......', stops: ['length'], error: undefined });
  });

  it('that filled the context window says so', async () => {
    expect((await heardOf({ text: 'Long', stop: 'window' })).heard.stops).toEqual(['context_overflow']);
  });

  it('that was refused calls nothing, keeps no thoughts and gives the reason when it said nothing', async () => {
    const { heard } = await heardOf({ reasoning: 'Hm.', calls: [call], stop: 'refusal' });
    expect(heard).toMatchObject({ text: 'This request may enable cyber harm.', stops: ['refusal'] });
    expect(heard).toMatchObject({ calls: [], opaque: undefined });
  });

  it('that was cut never runs a call whose arguments had not come', async () => {
    const { heard } = await heardOf({ calls: [call, { ...call, arguments: '' }], stop: 'length' });
    expect(heard.stops).toEqual(['length']);
    expect(heard.calls.map(({ invalid }) => invalid)).toEqual([undefined, expect.stringContaining('cut')]);
  });

  it('that a filter blocked is named', async () => {
    const fault = { type: 'http', refusal: 'content_filter' } as const;
    expect((await heardOf({ fault })).heard.error).toMatchObject({ kind: 'content_filtered', status: 400 });
  });

  it('that broke off says in the error what the vendor said', async () => {
    const fault = { type: 'stream_error', afterFrames: 3, message: 'Overloaded' } as const;
    const { error } = (await heardOf({ text: 'One', fault })).heard;
    expect(error).toMatchObject({ kind: 'overloaded', status: undefined });
    expect(error?.message).toContain('overloaded_error: Overloaded.');
  });
});
