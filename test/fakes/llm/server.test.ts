import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StrictLlm, startStrictLlm } from './server.ts';

let llm: StrictLlm;
beforeAll(async () => {
  llm = await startStrictLlm({ reply: () => ({ text: 'fine' }) });
});
afterAll(() => llm.close());

async function post(path: string, body: object) {
  const response = await fetch(llm.url + path, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, text: await response.text() };
}

const user = { role: 'user', content: 'hi' };
const call = (call_id: string) => ({ type: 'function_call', call_id, name: 'f', arguments: '{}' });
const output = (call_id: string) => ({ type: 'function_call_output', call_id, output: 'x' });
const thought = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'enc:1' };
const parameters = { type: 'object', properties: {} };

describe('the Responses API', () => {
  const base = { model: 'gpt-6.1-sol', stream: true, store: false };
  const send = (body: object) => post('/v1/responses', { ...base, ...body });

  it('answers what is right', async () => {
    const input = [user, thought, { ...call('a'), id: 'fc_r1_0' }, call('b'), output('b'), output('a')];
    const { status, text } = await send({ input, tools: [{ type: 'function', name: 'f', parameters }] });
    expect(status, text).toBe(200);
    expect(text).toContain('response.completed');
  });

  it.each<[string, object, RegExp]>([
    ['no model', { model: '', input: [user] }, /Missing required parameter: 'model'/],
    ['no input', { input: [] }, /Missing required parameter: 'input'/],
    [
      'an output without its call',
      { input: [user, output('a')] },
      /No tool call found for function call output/,
    ],
    ['a call without its output', { input: [user, call('a')] }, /No tool output found for function call a/],
    ['an output after the next question', { input: [call('a'), user, output('a')] }, /No tool output found/],
    ['the same call twice', { input: [call('a'), output('a'), call('a'), output('a')] }, /Duplicate item/],
    ['a thought without what follows', { input: [thought, user] }, /without its required following item/],
    [
      'a call without its thought',
      { input: [{ ...call('a'), id: 'fc_r7_0' }, output('a')] },
      /required 'reasoning'/,
    ],
    ['a stored thought', { input: [{ type: 'reasoning', id: 'rs_9' }, call('a')] }, /not found/],
    [
      "another account's thought",
      { input: [{ ...thought, encrypted_content: 'x' }] },
      /could not be verified/,
    ],
    ['arguments that are an object', { input: [{ ...call('a'), arguments: {} }] }, /expected a string/],
    ['a role of another API', { input: [{ role: 'tool', content: 'x' }] }, /Invalid value: 'tool'/],
    ['a long name', { input: [user], tools: [{ name: 'x'.repeat(65), parameters }] }, /maximum length 64/],
    ['a bad name', { input: [user], tools: [{ name: 'a.b', parameters }] }, /does not match pattern/],
    [
      'no properties',
      { input: [user], tools: [{ name: 'a', parameters: { type: 'object' } }] },
      /missing properties/,
    ],
    [
      'temperature for a reasoning model',
      { input: [user], temperature: 1 },
      /'temperature' is not supported/,
    ],
    [
      'thoughts of a model without any',
      { model: 'gpt-4.1', input: [user], include: ['x'] },
      /Encrypted content/,
    ],
    ['max_tokens', { input: [user], max_tokens: 1 }, /Unknown parameter: 'max_tokens'/],
  ])('refuses %s', async (_name, body, words) => {
    const { status, text } = await send(body);
    expect([400, 404]).toContain(status);
    expect(JSON.parse(text).error.message).toMatch(words);
  });
});

describe('Chat Completions', () => {
  const send = (body: object) => post('/v1/chat/completions', { model: 'gpt-4.1', stream: true, ...body });
  const asks = (...ids: string[]) => ({
    role: 'assistant',
    content: null,
    tool_calls: ids.map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })),
  });
  const result = (tool_call_id: string) => ({ role: 'tool', tool_call_id, content: 'x' });

  it('answers what is right', async () => {
    const { status, text } = await send({ messages: [user, asks('a', 'b'), result('b'), result('a')] });
    expect(status, text).toBe(200);
    expect(text).toContain('[DONE]');
  });

  it.each<[string, object, RegExp]>([
    ['no model', { model: '', messages: [user] }, /'model'/],
    ['no messages', { messages: [] }, /'messages'/],
    ['an orphan result', { messages: [user, result('a')] }, /must be a response to a preceeding message/],
    [
      'a call without its result',
      { messages: [asks('a', 'b'), result('a')] },
      /did not have response messages: b/,
    ],
    ['a message between', { messages: [asks('a'), user, result('a')] }, /must be followed by tool messages/],
    ['the same id twice', { messages: [asks('a', 'a'), result('a')] }, /Duplicate value/],
    ['a long id', { messages: [asks('x'.repeat(41)), result('x')] }, /at most 40/],
    ['no content', { messages: [{ role: 'assistant', content: null }] }, /expected a string, got null/],
    [
      'a bad name',
      { messages: [user], tools: [{ function: { name: 'a b', parameters } }] },
      /does not match pattern/,
    ],
    ['max_tokens of a reasoning model', { model: 'o3', messages: [user], max_tokens: 1 }, /'max_tokens'/],
  ])('refuses %s', async (_name, body, words) => {
    const { status, text } = await send(body);
    expect(status).toBe(400);
    expect(JSON.parse(text).error.message).toMatch(words);
  });
});

describe('Ollama', () => {
  const base = { model: 'm', stream: true, options: { num_ctx: 4096 } };
  const send = (body: object) => post('/api/chat', { ...base, ...body });
  const asks = { role: 'assistant', content: '', tool_calls: [{ function: { name: 'f', arguments: {} } }] };
  const result = { role: 'tool', tool_name: 'f', content: 'x' };

  it('answers what is right', async () => {
    const { status, text } = await send({ messages: [user, asks, result] });
    expect(status, text).toBe(200);
    expect(text).toContain('"done":true');
  });

  it.each<[string, object, RegExp]>([
    ['no model', { model: '', messages: [user] }, /model is required/],
    ['no num_ctx', { options: {}, messages: [user] }, /num_ctx missing/],
    ['a result without its name', { messages: [asks, { role: 'tool', content: 'x' }] }, /without tool_name/],
    ['an orphan result', { messages: [user, result] }, /orphan result of tool f/],
    ['a call without its result', { messages: [asks, user] }, /no result for tool f/],
    [
      'arguments that are text',
      { messages: [{ ...asks, tool_calls: [{ function: { name: 'f', arguments: '{}' } }] }] },
      /cannot unmarshal string/,
    ],
  ])('refuses %s', async (_name, body, words) => {
    const { status, text } = await send(body);
    expect(status).toBe(400);
    expect(JSON.parse(text).error).toMatch(words);
  });
});

describe('the script', () => {
  it('comes before the function, in order, and everything is recorded', async () => {
    const own = await startStrictLlm({ reply: ({ body }) => ({ text: `about ${body.model}` }) });
    own.script({ text: 'first' }, { fault: { type: 'http', refusal: 'rate_limited', retryAfter: '3' } });
    const send = () =>
      fetch(`${own.url}/api/chat`, {
        method: 'POST',
        body: JSON.stringify({ model: 'm', stream: true, options: { num_ctx: 1 }, messages: [user] }),
      });
    expect(await (await send()).text()).toContain('first');
    expect((await send()).headers.get('retry-after')).toBe('3');
    expect(await (await send()).text()).toContain('about m');
    await own.close();
    expect(own.requests.map((request) => request.wire)).toEqual(['ollama', 'ollama', 'ollama']);
  });
});
