import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/agent/messages.ts';
import { anthropic } from '../../src/providers/anthropic.ts';
import { recordingLog } from '../fakes/recording-log.ts';
import { calling, type Options, ping, result, sent } from './anthropic-talk.ts';
import { ask } from './hear.ts';

const mark = { type: 'ephemeral' };

describe('what Anthropic gets', () => {
  it('holds a limit, shown thoughts and marks for its cache, and never a temperature', async () => {
    const { body, headers } = await sent(ask('Pods?', { temperature: 0.3, tools: [ping] }));
    expect(body).toEqual({
      model: 'claude-sonnet-5-5',
      stream: true,
      max_tokens: 32_000,
      system: [{ type: 'text', text: 'You help the people on call.', cache_control: mark }],
      tools: [
        {
          name: 'host__ping',
          description: 'Answers.',
          input_schema: { type: 'object', properties: {} },
          cache_control: mark,
        },
      ],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Pods?', cache_control: mark }] }],
      thinking: { type: 'adaptive', display: 'summarized' },
    });
    expect(headers?.['anthropic-version']).toMatch(/^\d{4}-\d\d-\d\d$/);
  });

  it.each<[string, Options, object]>([
    ['an unknown model', { model: 'claude-next' }, { max_tokens: 8_192, thinking: undefined }],
    ['a model with a budget', { model: 'claude-haiku-4-5' }, { max_tokens: 32_000, thinking: undefined }],
    [
      'a budget',
      { model: 'claude-haiku-4-5', config: { thinking: 2_048, thinking_display: 'omitted' } },
      { thinking: { type: 'enabled', budget_tokens: 2_048, display: 'omitted' } },
    ],
    [
      'a budget that is larger than the answer',
      { model: 'claude-haiku-4-5', config: { thinking: 2_048, max_tokens: 2_000 } },
      { max_tokens: 2_000, thinking: { type: 'enabled', budget_tokens: 1_999 } },
    ],
    [
      'no room for a budget',
      { model: 'claude-haiku-4-5', config: { thinking: 2_048, max_tokens: 1_000 } },
      { max_tokens: 1_000, thinking: undefined },
    ],
    ['no thoughts', { config: { thinking: 'disabled' } }, { thinking: { type: 'disabled' } }],
    ['an effort', { config: { effort: 'low' } }, { output_config: { effort: 'low' } }],
  ])('for %s is what it takes', async (_what, options, expected) => {
    const { body } = await sent(ask('Pods?'), options);
    expect({ thinking: undefined, ...body }).toMatchObject(expected);
  });

  it('has no marks when nothing is to be kept, and says when it is kept for an hour', async () => {
    const request = ask('Pods?', { tools: [ping] });
    const { body: off } = await sent(request, { config: { cache: 'off' } });
    expect(JSON.stringify(off)).not.toContain('cache_control');
    const { body: hour } = await sent(request, { config: { cache: '1h' } });
    expect(hour).toMatchObject({ system: [{ cache_control: { type: 'ephemeral', ttl: '1h' } }] });
    const { body: asked } = await sent({ ...request, promptCache: '1h' }, { config: { cache: 'off' } });
    expect(asked).toEqual(hour);
    const { body: none } = await sent({ ...request, promptCache: 'off' }, { config: { cache: '1h' } });
    expect(none).toEqual(off);
  });

  it('has one turn for each side, with all results first, and a mark where the last call ended', async () => {
    const messages: Message[] = [
      { role: 'user', text: 'Ping' },
      { role: 'user', text: 'both.' },
      calling('a', 'b'),
      result('a'),
      result('b', '', true),
      { role: 'user', text: 'And?' },
      calling('c'),
      result('c', ' '),
    ];
    const { body } = await sent(ask('', { messages }));
    const use = (id: string) => ({ type: 'tool_use', id, name: 'host__ping', input: {} });
    expect(body?.messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Ping' },
          { type: 'text', text: 'both.' },
        ],
      },
      { role: 'assistant', content: [use('a'), use('b')] },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: 'pong' },
          { type: 'tool_result', tool_use_id: 'b', content: 'It failed and said nothing.', is_error: true },
          { type: 'text', text: 'And?', cache_control: mark },
        ],
      },
      { role: 'assistant', content: [use('c')] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c', cache_control: mark }] },
    ]);
  });

  it('never holds an empty text, and begins with the user', async () => {
    const messages: Message[] = [
      { role: 'assistant', text: 'Hello.', calls: [] },
      { role: 'user', text: ' ' },
      { role: 'assistant', text: '', calls: [] },
      { role: 'user', text: 'Pods?' },
    ];
    const { body } = await sent(ask('', { system: '', messages }));
    expect(body).not.toHaveProperty('system');
    expect(body?.messages).toMatchObject([
      { role: 'user', content: [{ text: '(The beginning of this conversation is left out.)' }] },
      { role: 'assistant', content: [{ text: 'Hello.' }] },
      { role: 'user', content: [{ text: 'Pods?' }] },
    ]);
  });
});

describe('the settings of Anthropic', () => {
  it('need a key', async () => {
    await expect(anthropic.create({ model: 'm', config: {} })).rejects.toMatchObject({ kind: 'auth' });
  });

  it('are checked', () => {
    for (const wrong of [{ thinking: 100 }, { thinking: 'much' }, { base_url: 'file:///x' }, { cache: '2h' }])
      expect(anthropic.config.safeParse(wrong).success).toBe(false);
  });

  it('warn of a model that its vendor ends', async () => {
    const { log, entries } = recordingLog();
    const create = (model: string) => anthropic.create({ model, apiKey: 'key', config: {}, log });
    await create('claude-opus-5-5');
    expect(entries).toEqual([]);
    await create('claude-sonnet-4-5-20250929');
    expect(entries).toMatchObject([['model_ends', { ends_on: '2026-11-30' }]]);
  });

  it('know models by the longest beginning of their names', () => {
    expect(anthropic.contextWindow('claude-opus-4-5-20251101', {})).toBe(200_000);
    expect(anthropic.contextWindow('claude-opus-5-5', {})).toBe(1_000_000);
    expect(anthropic.contextWindow('claude-next', {})).toBeUndefined();
  });
});
