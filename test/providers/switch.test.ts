import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/agent/messages.ts';
import { resilient } from '../../src/providers/resilient.ts';
import { startStrictLlm } from '../fakes/llm/server.ts';
import { ask, hear, messageOf } from './hear.ts';
import {
  anthropicMessages,
  azureChat,
  azureDeployment,
  azureResponses,
  customChat,
  huggingfaceRouter,
  ollamaNative,
  openaiChat,
  openaiResponses,
} from './subjects.ts';

const subjects = [
  openaiResponses,
  openaiChat,
  anthropicMessages,
  azureResponses,
  azureChat,
  azureDeployment,
  huggingfaceRouter,
  ollamaNative,
  customChat,
];
const pairs = subjects.flatMap((from) => subjects.map((to) => [from, to] as const));
const tools = [{ name: 'host__ping', description: 'Answers.', inputSchema: { type: 'object' } }];

describe('a conversation that changes its model', () => {
  it.each(pairs)('from $0.name goes on with $1.name, without the state of the first', async (from, to) => {
    const llm = await startStrictLlm();
    const call = { name: 'host__ping', arguments: '{}' };
    llm.script(
      { reasoning: 'secret thought', text: 'I look. ', calls: [call, call] },
      { text: 'Both answer.' },
    );
    const first = await hear(resilient(await from.open(llm.url)), ask('Ping?', { tools }));
    const results = first.calls.map(
      ({ id, name }): Message => ({ role: 'tool', callId: id, name, text: 'pong', isError: false }),
    );
    const messages: Message[] = [{ role: 'user', text: 'Ping?' }, messageOf(first), ...results];
    const next = await to.open(llm.url, { model: 'another-model' });
    const second = await hear(resilient(next), ask('', { tools, messages }));
    await llm.close();
    expect(second).toMatchObject({ text: 'Both answer.', stops: ['end'], error: undefined });
    const sent = JSON.stringify(llm.requests[1]?.body);
    expect(sent).toContain('I look. ');
    expect(sent).not.toMatch(/secret thought|enc:|sig\./);
  });

  it('drops encrypted thoughts when the account changes', async () => {
    const llm = await startStrictLlm();
    llm.script({ reasoning: 'secret thought', text: 'One.' }, { text: 'Two.' });
    const first = await hear(resilient(await openaiResponses.open(llm.url)), ask('?'));
    const elsewhere = await startStrictLlm();
    elsewhere.script({ text: 'Two.' });
    const messages: Message[] = [messageOf(first), { role: 'user', text: 'And?' }];
    const second = await hear(resilient(await openaiResponses.open(elsewhere.url)), ask('', { messages }));
    await Promise.all([llm.close(), elsewhere.close()]);
    expect(first.opaque).toBeDefined();
    expect(second).toMatchObject({ text: 'Two.', error: undefined });
    expect(JSON.stringify(elsewhere.requests[0]?.body)).not.toContain('enc:');
  });
});
