import { expect, it } from 'vitest';
import type { Message, ToolMessage } from '../../src/agent/messages.ts';
import { resilient } from '../../src/providers/resilient.ts';
import { startStrictLlm } from '../fakes/llm/server.ts';
import { ask, hear } from './hear.ts';
import {
  anthropicMessages,
  azureResponses,
  ollamaNative,
  openaiChat,
  openaiResponses,
  type Subject,
} from './subjects.ts';

const image = { mimeType: 'image/png', data: 'iVBORw0KGgo=' } as const;
const tool = { name: 'grafana__render', description: 'Renders.', inputSchema: { type: 'object' } };

/** What a vendor's strict double was sent of a result with an image. */
async function sent(subject: Subject, more: Partial<ToolMessage> = {}): Promise<string> {
  const llm = await startStrictLlm();
  llm.script({ text: 'A graph.' });
  const messages: readonly Message[] = [
    { role: 'user', text: 'Show me.' },
    { role: 'assistant', text: '', calls: [{ id: 'call_1', name: tool.name, arguments: {} }] },
    {
      role: 'tool',
      callId: 'call_1',
      name: tool.name,
      text: '[image]',
      isError: false,
      images: [image],
      ...more,
    },
  ];
  const heard = await hear(resilient(await subject.open(llm.url, {})), ask('', { messages, tools: [tool] }));
  await llm.close();
  expect(heard.error).toBeUndefined();
  return JSON.stringify(llm.requests[0]?.body);
}

it.each([
  ['OpenAI', openaiResponses],
  ['Azure', azureResponses],
])('%s sees the image in the output of the call', async (_name, subject) => {
  const url = `data:image/png;base64,${image.data}`;
  const part = JSON.stringify({ type: 'input_image', image_url: url, detail: 'auto' });
  expect(await sent(subject)).toContain(`[{"type":"input_text","text":"[image]"},${part}]`);
});

it('Claude sees the image in the result, but not in a failure, which may hold text alone', async () => {
  const source = { type: 'base64', media_type: 'image/png', data: image.data };
  const blocks = [
    { type: 'text', text: '[image]' },
    { type: 'image', source },
  ];
  expect(await sent(anthropicMessages)).toContain(JSON.stringify(blocks).slice(0, -2));
  expect(await sent(anthropicMessages, { isError: true })).not.toContain(image.data);
});

it.each([
  ['Chat Completions', openaiChat],
  ['Ollama', ollamaNative],
])('%s is told that it cannot see it', async (_name, subject) => {
  const body = await sent(subject);
  expect(body).not.toContain(image.data);
  expect(body).toContain("[This model's API cannot see images in results.]");
});
