import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ScriptedReply, type StrictLlm, startStrictLlm } from './server.ts';

let llm: StrictLlm;
beforeAll(async () => {
  llm = await startStrictLlm({ reply: () => ({ text: 'fine' }) });
});
afterAll(() => llm.close());

const headers = { 'x-api-key': 'k', 'anthropic-version': '2026-10-21' };
const base = { model: 'claude-sonnet-5-5', max_tokens: 9, stream: true };

async function send(body: object, own: Record<string, string> = headers) {
  const init = { method: 'POST', headers: own, body: JSON.stringify({ ...base, ...body }) };
  const response = await fetch(`${llm.url}/v1/messages`, init);
  return { status: response.status, text: await response.text() };
}

const says = (text: string) => ({ type: 'text', text });
const user = (...content: object[]) => ({ role: 'user', content });
const assistant = (...content: object[]) => ({ role: 'assistant', content });
const hi = { role: 'user', content: 'hi' };
const use = (id: string) => ({ type: 'tool_use', id, name: 'f', input: {} });
const result = (tool_use_id: string) => ({ type: 'tool_result', tool_use_id, content: 'x' });
const tool = (name: string) => ({ name, input_schema: { type: 'object' } });
const thinking = { type: 'adaptive', display: 'summarized' };
const marked = { ...says('x'), cache_control: { type: 'ephemeral' } };

describe('the Messages API', () => {
  it('answers what is right', async () => {
    const messages = [hi, assistant(use('a'), use('b')), user(result('b'), result('a'), says('And?'))];
    const { status, text } = await send({ messages, system: [marked], tools: [tool('f')] });
    expect(status, text).toBe(200);
    expect(text).toContain('message_stop');
  });

  it.each<[string, object, RegExp]>([
    ['no model', { model: '' }, /model: Field required/],
    ['no max_tokens', { max_tokens: undefined }, /max_tokens: Field required/],
    ['no messages', { messages: [] }, /at least one message/],
    ['a temperature', { temperature: 1 }, /temperature: Extra inputs/],
    ['a role of another API', { messages: [hi, { role: 'tool', content: 'x' }, hi] }, /Unexpected role/],
    ['an assistant first', { messages: [assistant(says('x')), hi] }, /first message/],
    ['an assistant last', { messages: [hi, assistant(says('x'))] }, /prefill/],
    ['an empty message', { messages: [user()] }, /non-empty content/],
    ['an empty text', { messages: [user(says(''))] }, /must be non-empty/],
    ['a blank text', { messages: [user(says(' \n'))] }, /non-whitespace/],
    ['an orphan result', { messages: [user(result('a'))] }, /unexpected `tool_use_id`/],
    [
      'a call without its result',
      { messages: [hi, assistant(use('a'), use('b')), user(result('a'))] },
      /without `tool_result` blocks immediately after: b/,
    ],
    [
      'a text before the result',
      { messages: [hi, assistant(use('a')), user(says('x'), result('a'))] },
      /immediately after: a/,
    ],
    [
      'results in two messages',
      { messages: [hi, assistant(use('a'), use('b')), user(result('a')), user(result('b'))] },
      /immediately after: b/,
    ],
    [
      'the same id twice',
      { messages: [hi, assistant(use('a')), user(result('a')), assistant(use('a')), user(result('a'))] },
      /must be unique/,
    ],
    [
      'an id of another vendor',
      { messages: [hi, assistant(use('a.b')), user(result('a.b'))] },
      /tool_use\.id/,
    ],
    [
      'arguments that are text',
      { messages: [hi, assistant({ ...use('a'), input: '{}' }), user(result('a'))] },
      /valid dictionary/,
    ],
    [
      'a failure that says nothing',
      { messages: [hi, assistant(use('a')), user({ ...result('a'), content: '', is_error: true })] },
      /cannot be empty/,
    ],
    ['a bad name', { tools: [tool('a b')] }, /should match pattern/i],
    ['the same tool twice', { tools: [tool('a'), tool('a')] }, /must be unique/],
    ['a tool without a schema', { tools: [{ name: 'a', input_schema: {} }] }, /input_schema.type/],
    ['five marks', { messages: [user(marked, marked, marked, marked, marked)] }, /maximum of 4/],
    ['a budget for a new model', { thinking: { type: 'enabled', budget_tokens: 2000 } }, /not supported/],
    ['adaptive thinking of an old one', { model: 'claude-haiku-4-5', thinking }, /not supported/],
    [
      'an effort of an old one',
      { model: 'claude-haiku-4-5', output_config: { effort: 'low' } },
      /effort parameter/,
    ],
    [
      'a budget that is no less than the answer',
      { model: 'claude-haiku-4-5', max_tokens: 2000, thinking: { type: 'enabled', budget_tokens: 2000 } },
      /must be greater than/,
    ],
    [
      'a small budget',
      { model: 'claude-haiku-4-5', thinking: { type: 'enabled', budget_tokens: 5 } },
      /at least 1024/,
    ],
    [
      'calls without thoughts, with a budget',
      {
        model: 'claude-haiku-4-5',
        max_tokens: 3000,
        thinking: { type: 'enabled', budget_tokens: 2000 },
        messages: [hi, assistant(use('a')), user(result('a'))],
      },
      /must start with a thinking block/,
    ],
  ])('refuses %s', async (_name, body, words) => {
    const { status, text } = await send({ messages: [hi], ...body });
    expect(status, text).toBe(400);
    expect(JSON.parse(text)).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
    expect(JSON.parse(text).error.message).toMatch(words);
  });

  it('wants a version and a key', async () => {
    const { 'anthropic-version': _, ...unversioned } = headers;
    expect(await send({ messages: [hi] }, unversioned)).toMatchObject({ status: 400 });
    const { 'x-api-key': __, ...keyless } = headers;
    expect(await send({ messages: [hi] }, keyless)).toMatchObject({ status: 401 });
    const bearer = { ...keyless, authorization: 'Bearer k' };
    expect(await send({ messages: [hi] }, bearer)).toMatchObject({ status: 200 });
  });
});

describe('the thoughts of the Messages API', () => {
  const reply: ScriptedReply = {
    reasoning: 'Hm.',
    redacted: 'hidden',
    calls: [{ name: 'f', arguments: '{}' }],
  };

  /** The blocks of an answer to `hi`. */
  async function answered(): Promise<readonly [object, object, { id: string }]> {
    llm.script(reply);
    const { text } = await send({ messages: [hi], thinking });
    const value = (pattern: RegExp) => pattern.exec(text)?.[1] ?? '';
    const signature = value(/"signature_delta","signature":"([^"]+)"/);
    return [
      { type: 'thinking', thinking: 'Hm.', signature },
      { type: 'redacted_thinking', data: value(/"data":"([^"]+)"/) },
      use(value(/"id":"(toolu_[^"]+)"/)),
    ];
  }

  it('come back as they went', async () => {
    const [thought, hidden, call] = await answered();
    const messages = [hi, assistant(thought, hidden, call), user(result(call.id))];
    expect(await send({ messages, thinking })).toMatchObject({ status: 200 });
  });

  it.each<[string, (blocks: readonly [object, object, object]) => object[], object, RegExp]>([
    ['another text', ([a, b, c]) => [{ ...a, thinking: 'Ha.' }, b, c], {}, /Invalid `signature`/],
    ['another signature', ([a, b, c]) => [{ ...a, signature: 'sig' }, b, c], {}, /Invalid `signature`/],
    ['other hidden data', ([a, b, c]) => [a, { ...b, data: 'red' }, c], {}, /`redacted_thinking` block/],
    ['another system prompt', ([a, b, c]) => [a, b, c], { system: 'x' }, /different conversation/],
    ['nothing', ([, , c]) => [c], {}, /must start with a thinking block/],
  ])('are refused with %s', async (_name, change, body, words) => {
    const blocks = await answered();
    const messages = [hi, assistant(...change(blocks)), user(result(blocks[2].id))];
    const { status, text } = await send({ messages, thinking, ...body });
    expect(status).toBe(400);
    expect(JSON.parse(text).error.message).toMatch(words);
  });

  it('are not shown unless they are asked for', async () => {
    llm.script(reply);
    const { text } = await send({ messages: [hi] });
    expect(text).not.toContain('Hm.');
    expect(text).toContain('signature_delta');
  });
});
