import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/agent/messages.ts';
import { resilient } from '../../src/providers/resilient.ts';
import { startStrictLlm } from '../fakes/llm/server.ts';
import { ask, hear, messageOf } from './hear.ts';
import { anthropicMessages, openaiResponses } from './subjects.ts';

const spec = (name: string, isDeferred = false) => ({
  ...{ name, description: `Does ${name}.`, inputSchema: { type: 'object', properties: {} } },
  ...(isDeferred ? { isDeferred } : {}),
});
const tools = [spec('read_result'), spec('k8s__pods', true), spec('k8s__logs', true)];

/** Two calls: the first finds a tool and calls it, the second gets its result. */
async function twoCalls(subject: typeof openaiResponses, model?: string) {
  const llm = await startStrictLlm();
  const call = { name: 'k8s__pods', arguments: '{}' };
  llm.script({ finds: ['k8s__pods'], calls: [call] }, { text: 'All run.' });
  const options = model === undefined ? {} : { model };
  const provider = resilient(await subject.open(llm.url, options), { retries: 0 });
  const first = await hear(provider, ask('Pods?', { tools }));
  const made = first.calls[0];
  const result: Message = {
    ...{ role: 'tool', callId: made?.id ?? '', name: 'k8s__pods', text: '3 pods', isError: false },
  };
  const messages: Message[] = [{ role: 'user', text: 'Pods?' }, messageOf(first), result];
  const second = await hear(provider, ask('Pods?', { tools, messages }));
  await llm.close();
  expect([first.error?.message, second.error?.message]).toEqual([undefined, undefined]);
  expect(made).toMatchObject({ name: 'k8s__pods' });
  expect(second.text).toBe('All run.');
  return llm.requests.map(({ body }) => body);
}

describe('tools that the vendor searches', () => {
  it.each([['gpt-6.1-sol'], ['gpt-4.1']])(
    'OpenAI gets them deferred, and what it found back with the call: %s',
    async (model) => {
      const [first, second] = await twoCalls(openaiResponses, model);
      expect(first?.tools).toMatchObject([
        { type: 'tool_search' },
        { name: 'read_result' },
        { name: 'k8s__pods', defer_loading: true },
        { name: 'k8s__logs', defer_loading: true },
      ]);
      expect(first?.tools).not.toMatchObject([{}, { defer_loading: true }]);
      const items = (second?.input ?? []) as readonly { readonly type?: string }[];
      const types = items.map(({ type }) => type);
      expect(types).toEqual([
        undefined,
        ...['tool_search_call', 'tool_search_output', 'function_call', 'function_call_output'],
      ]);
    },
  );

  it('Anthropic gets them deferred, without a mark of the cache, and what it found back with the call', async () => {
    const [first, second] = await twoCalls(anthropicMessages);
    expect(first?.tools).toMatchObject([
      { name: 'k8s__pods', defer_loading: true },
      { name: 'k8s__logs', defer_loading: true },
      { name: 'read_result' },
      { type: 'tool_search_tool_bm25_20251119', cache_control: { type: 'ephemeral' } },
    ]);
    expect(JSON.stringify(second?.messages)).toContain('"tool_name":"k8s__pods"');
    expect(second?.tools).toEqual(first?.tools);
  });
});
