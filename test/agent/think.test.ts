import { describe, expect, it } from 'vitest';
import { type ModelEvent, ProviderError } from '../../src/agent/provider.ts';
import { type Listener, think } from '../../src/agent/think.ts';
import { call, deaf, reply, scriptedModel } from './stage.ts';

const request = { system: '', messages: [], tools: [] };

function hear(
  events: readonly ModelEvent[],
  { taken = [], listener = deaf }: { readonly taken?: readonly string[]; readonly listener?: Listener } = {},
) {
  const { signal } = new AbortController();
  const context = { modelName: 'test', takenIds: new Set(taken), listener, signal };
  return think(scriptedModel(events).next, request, context);
}

const usage = { input: 10, output: 5, cacheRead: 1, cacheWrite: 2, reasoning: 3 };
const opaque = { key: 'vendor', data: { thought: 1 } };

describe('a model call', () => {
  it('gathers text, calls, usage and state into one step', async () => {
    const step = await hear([
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'Let me ' },
      { type: 'text', text: 'look.' },
      { type: 'tool_call', call: call('a') },
      { type: 'opaque', opaque },
      { type: 'usage', usage },
      { type: 'stop', reason: 'tool_calls' },
    ]);
    expect(step).toMatchObject({ type: 'model', stop: 'tool_calls', usage, model: 'test' });
    expect(step.message).toEqual({ role: 'assistant', text: 'Let me look.', calls: [call('a')], opaque });
  });

  it('shows words as they come', async () => {
    const shown: string[] = [];
    const listener = {
      text: (text: string) => void shown.push(text),
      reasoning: (text: string) => void shown.push(`(${text})`),
      restart: (reason: string) => void shown.push(`restart: ${reason}`),
    };
    const events: readonly ModelEvent[] = [
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'wrong' },
      { type: 'restart', reason: 'cut' },
      ...reply('right'),
    ];
    await hear(events, { listener });
    expect(shown).toEqual(['(hm)', 'wrong', 'restart: cut', 'right']);
  });

  it('forgets everything but the cost when it restarts', async () => {
    const step = await hear([
      { type: 'text', text: 'wrong' },
      { type: 'tool_call', call: call('a') },
      { type: 'opaque', opaque },
      { type: 'usage', usage },
      { type: 'restart', reason: 'cut' },
      ...reply('right'),
    ]);
    expect(step.message).toEqual({ role: 'assistant', text: 'right', calls: [] });
    expect(step.usage).toEqual(usage);
  });

  it('fails when the stream ends without saying why', async () => {
    const broken = hear([{ type: 'text', text: 'half an ans' }]);
    await expect(broken).rejects.toBeInstanceOf(ProviderError);
    await expect(broken).rejects.toMatchObject({ kind: 'protocol' });
  });
});

it('keeps arguments that can be stored and shown as they will run', async () => {
  const odd = { 'a\u0000b': ['x\ud800', { y: 'z\u0000' }], n: 1, nothing: null };
  const step = await hear(reply('', call('a', 'look', odd)));
  expect(step.message.calls[0]?.arguments).toEqual({ ab: ['x\ufffd', { y: 'z' }], n: 1, nothing: null });
});

describe('ids of calls', () => {
  const ids = async (events: readonly ModelEvent[], taken: readonly string[] = []) =>
    (await hear(events, { taken })).message.calls.map((item) => item.id);

  it('stay what the vendor says', async () => {
    expect(await ids(reply('', call('a'), call('b')), ['c'])).toEqual(['a', 'b']);
  });

  it('become unique when the vendor repeats one', async () => {
    const [first, second] = await ids(reply('', call('a'), call('a')));
    expect(first).toBe('a');
    expect(second).not.toBe('a');
  });

  it('become unique even when the substitute is taken', async () => {
    const taken = ['a', 'a-2'];
    const [id] = await ids(reply('', call('a')), taken);
    expect(taken).not.toContain(id);
  });

  it('void the vendor’s state when one is changed, because it names them', async () => {
    const events: readonly ModelEvent[] = [{ type: 'opaque', opaque }, ...reply('', call('a'))];
    expect((await hear(events)).message.opaque).toEqual(opaque);
    expect((await hear(events, { taken: ['a'] })).message.opaque).toBeUndefined();
  });
});
