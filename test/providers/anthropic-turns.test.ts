import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/agent/json.ts';
import type { AssistantMessage, Message } from '../../src/agent/messages.ts';
import type { ModelRequest } from '../../src/agent/provider.ts';
import { calling, ping, result, sent, talk, turnsOf } from './anthropic-talk.ts';
import { ask } from './hear.ts';

/** As a store gives it back: the keys of every object in another order. */
function restored<T>(value: T): T {
  return JSON.parse(canonicalJson(value), (_key, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).reverse())
      : inner,
  );
}

describe('the thoughts of Claude', () => {
  const thinking = {
    reasoning: 'Ping first.',
    redacted: 'hidden',
    text: ['', 'I look.'],
    calls: [{ name: 'host__ping', arguments: '{"b":{"d":1,"c":2},"a":[{"z":1,"y":2}]}' }],
  };
  const question: Message = { role: 'user', text: 'Ping?' };
  const followedBy = (answers: readonly AssistantMessage[]): Message[] => [
    question,
    ...answers.flatMap((answer) => [answer, ...answer.calls.map(({ id }) => result(id))]),
  ];

  it('go back as they came, also from a store, and the prefix of the prompt stays the same', async () => {
    const { bodies, answers } = await talk({}, [thinking, thinking, { text: 'Done.' }], (known) =>
      ask('', { tools: [ping], messages: followedBy(restored(known)) }),
    );
    expect(answers[0]?.text).toBe('I look.');
    const unmarked = (body: unknown) =>
      JSON.stringify(body, (key, value) => (key === 'cache_control' ? undefined : value));
    const [, second, third] = bodies.map(turnsOf);
    expect(third?.[1]?.content.map(({ type }) => type)).toEqual([
      'thinking',
      'redacted_thinking',
      'text',
      'tool_use',
    ]);
    expect(unmarked(third?.[1]?.content.at(-1))).toContain('"input":{"a":[{"y":2,"z":1}],"b":{"c":2,"d":1}}');
    expect(unmarked(third).startsWith(unmarked(second).slice(0, -1))).toBe(true);
  });

  it.each<[string, Partial<ModelRequest>]>([
    ['the system prompt', { system: 'It is another day.' }],
    ['a tool', { tools: [{ ...ping, description: 'Pongs.' }] }],
    ['an earlier message', { messages: [{ role: 'user', text: 'Shortened.' }] }],
  ])('stay behind when %s changed, and only those', async (_what, change) => {
    const { messages: [first = question] = [] } = change;
    const { bodies } = await talk({}, [thinking, thinking, { text: 'Done.' }], (known) => {
      const messages = known.length === 0 ? [question] : [first, ...followedBy(known).slice(1)];
      return ask('', { tools: [ping], ...(known.length === 0 ? {} : change), messages });
    });
    const types = turnsOf(bodies[2]).map(({ content }) => content.map(({ type }) => type).join(' '));
    expect(types).toEqual([
      'text',
      'text tool_use',
      'tool_result',
      'thinking redacted_thinking text tool_use',
      'tool_result',
    ]);
  });

  it('stay behind when the account changes', async () => {
    const { answers } = await talk({}, [thinking], () => ask('', { tools: [ping], messages: [question] }));
    // This server knows by the id of a call that it had thoughts, and no accounts.
    const [answer] = answers.map((known) => ({ ...known, calls: calling('a').calls }));
    const messages = followedBy(answer === undefined ? [] : [answer]);
    const { body } = await sent(ask('', { tools: [ping], messages }));
    expect(answers[0]?.opaque?.key).toMatch(/^anthropic:claude-sonnet-5-5:[0-9a-f]{8}$/);
    expect(turnsOf(body)[1]?.content.map(({ type }) => type)).toEqual(['text', 'tool_use']);
  });

  it('are not asked for with a budget while calls wait that came without them', async () => {
    const options = { model: 'claude-haiku-4-5', config: { thinking: 2_048 } };
    const { body: waiting } = await sent(
      ask('', { messages: [question, calling('a'), result('a')] }),
      options,
    );
    expect(waiting).not.toHaveProperty('thinking');
    const later: Message[] = [
      question,
      calling('a'),
      result('a'),
      { role: 'assistant', text: 'Up.', calls: [] },
    ];
    const { body } = await sent(ask('', { messages: [...later, question] }), options);
    expect(body).toHaveProperty('thinking');
  });

  it('go back with a budget whatever changed, as they must', async () => {
    const { bodies } = await talk(
      { model: 'claude-haiku-4-5', config: { thinking: 2_048 } },
      [thinking, { text: 'Done.' }],
      (known) => ask('', { tools: [ping], messages: followedBy(known) }),
    );
    expect(bodies[1]).toMatchObject({
      thinking: { type: 'enabled' },
      messages: [{}, { content: [{ type: 'thinking', thinking: 'Ping first.' }, {}, {}, {}] }, {}],
    });
  });
});
