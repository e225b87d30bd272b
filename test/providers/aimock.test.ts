import { type Fixture, LLMock } from '@copilotkit/aimock';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Message } from '../../src/agent/messages.ts';
import { resilient } from '../../src/providers/resilient.ts';
import { about, graph, report } from './file-parts.ts';
import { ask, hear, messageOf } from './hear.ts';
import {
  anthropicMessages,
  azureChat,
  azureDeployment,
  azureResponses,
  customChat,
  ollamaNative,
  openaiChat,
  openaiResponses,
  type Subject,
} from './subjects.ts';

const tools = [
  {
    name: 'k8s__list_pods',
    description: 'Lists pods.',
    inputSchema: { type: 'object', properties: { ns: { type: 'string' } } },
  },
];

const fixtures: Fixture[] = [
  {
    match: { userMessage: 'pods', hasToolResult: false },
    response: {
      content: 'Checking. ',
      toolCalls: [
        { name: 'k8s__list_pods', arguments: '{"ns":"prod"}' },
        { name: 'k8s__list_pods', arguments: '{"ns":"test"}' },
      ],
      usage: { prompt_tokens: 111, completion_tokens: 22, total_tokens: 133 },
    },
  },
  { match: { userMessage: 'pods', hasToolResult: true }, response: { content: 'All pods are fine: ✅' } },
];

/** The same vendors against a server that somebody else wrote. */
function aimockScenarios(subject: Subject): void {
  describe(`${subject.name} on aimock`, () => {
    let mock: LLMock;
    beforeAll(async () => {
      mock = new LLMock({ port: 0, latency: 0, chunkSize: 5 });
      mock.addFixtures(fixtures);
      await mock.start();
    });
    afterEach(() => mock.clearChaos());
    afterAll(() => mock.stop());

    const open = async (retries = 2) =>
      resilient(await subject.open(mock.url), { retries, idleMs: 2_000, sleep: async () => undefined });

    it('asks for two tools, takes their results and answers', async () => {
      const provider = await open();
      const first = await hear(provider, ask('list pods', { tools }));
      expect(first.calls.map((call) => call.arguments)).toEqual([{ ns: 'prod' }, { ns: 'test' }]);
      expect(first).toMatchObject({ stops: ['tool_calls'], restarts: 0, error: undefined });
      const results = first.calls.map(
        ({ id, name }): Message => ({ role: 'tool', callId: id, name, text: 'two', isError: false }),
      );
      const messages: Message[] = [{ role: 'user', text: 'list pods' }, messageOf(first), ...results];
      const second = await hear(provider, ask('', { tools, messages }));
      expect(second).toMatchObject({ text: 'All pods are fine: ✅', stops: ['end'], error: undefined });
    });

    it('asks about an image and a PDF', async () => {
      mock.onMessage('What is this?', { content: 'A graph.' });
      const shown = subject.says.pdf ? [graph, report] : [graph];
      const heard = await hear(await open(), about(...shown));
      expect(heard).toMatchObject({ text: 'A graph.', stops: ['end'], error: undefined });
    });

    it('tries again after one refusal', async () => {
      mock.nextRequestError(429, { message: 'slow down', type: 'rate_limit_error' });
      const heard = await hear(await open(), ask('list pods', { tools }));
      expect(heard).toMatchObject({ restarts: 0, stops: ['tool_calls'], error: undefined });
    });

    it('names a server that drops every connection', async () => {
      mock.setChaos({ disconnectRate: 1 });
      const { error } = await hear(await open(1), ask('list pods'));
      expect(error).toMatchObject({ kind: 'network' });
    });

    it('does not take a truncated answer for a whole one', async () => {
      const content = 'a long text that is cut in the middle of its way';
      mock.onMessage('cut', { content }, { truncateAfterChunks: 8, latency: 5 });
      const heard = await hear(await open(1), ask('cut this'));
      expect(['network', 'protocol']).toContain(heard.error?.kind);
      expect(heard).toMatchObject({ restarts: 1, stops: [] });
    });
  });
}

aimockScenarios(openaiResponses);
aimockScenarios(openaiChat);
aimockScenarios(azureResponses);
aimockScenarios(azureChat);
aimockScenarios(azureDeployment);
aimockScenarios(customChat);
aimockScenarios(anthropicMessages);
aimockScenarios(ollamaNative);
