import { describe, expect, it, type RunnerTask } from 'vitest';
import type { Message } from '../../src/agent/messages.ts';
import type { ModelEvent, ModelRequest, Provider } from '../../src/agent/provider.ts';
import { faultScenarios } from './fault-scenarios.ts';
import { about, fileParts, graph, report } from './file-parts.ts';
import { ask, hear, messageOf } from './hear.ts';
import { rows } from './provider-table.ts';
import { useStage } from './stage.ts';
import type { Subject } from './subjects.ts';

const listPods = {
  name: 'k8s__list_pods',
  description: 'Lists pods.',
  inputSchema: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: { ns: { type: 'string' } },
  },
};
const ping = { name: 'host__ping', description: 'Answers.', inputSchema: { type: 'object' } };
const withTools = { tools: [listPods, ping] };

/** What every vendor must do; each runs this with one line. */
export function providerScenarios(subject: Subject): void {
  describe(`${subject.name} on a strict server`, () => {
    const stage = useStage(subject);
    const { llm, open } = stage;

    it('streams plain text and says once why it stopped', async () => {
      llm().script({ text: ['All ', 'pods ', 'run.'], usage: { input: 10, output: 3 } });
      const heard = await hear(await open(), ask('How are the pods?'));
      expect(heard).toMatchObject({ text: 'All pods run.', stops: ['end'], restarts: 0, error: undefined });
      expect(heard.events.at(-1)?.type).toBe('stop');
      expect(heard.usage).toMatchObject({ input: 10, output: 3 });
    });

    it('says what has come before more of it comes', async () => {
      const first = Promise.withResolvers<void>();
      const before = (frame: string) => (frame.includes('"pods run."') ? first.promise : undefined);
      llm().script({ text: ['All ', 'pods run.'], before });
      const said: string[] = [];
      const on = (event: ModelEvent) => {
        if (event.type === 'text') said.push(event.text);
        if (event.type === 'text') first.resolve();
      };
      await hear(await open(), ask('How are the pods?'), { on });
      expect(said).toEqual(['All ', 'pods run.']);
    });

    it('asks for a tool, takes its result and answers', async () => {
      llm().script(
        { text: 'I look. ', calls: [{ name: 'k8s__list_pods', arguments: '{"ns":"prod"}' }] },
        { text: 'All fine.' },
      );
      const provider = await open();
      const { heard, messages } = await answered(provider, ask('Pods?', withTools));
      expect(heard.calls).toMatchObject([{ name: 'k8s__list_pods', arguments: { ns: 'prod' } }]);
      expect(heard.stops).toEqual(['tool_calls']);
      const second = await hear(provider, ask('', { ...withTools, messages }));
      expect(second).toMatchObject({ text: 'All fine.', stops: ['end'], error: undefined });
    });

    it('shows an image that came with a message', async () => {
      llm().script({ text: 'A graph.' });
      const heard = await hear(await open(), about(graph));
      expect(heard).toMatchObject({ text: 'A graph.', error: undefined });
      expect(JSON.stringify(llm().requests[0]?.body)).toContain(fileParts[subject.wire].image);
    });

    if (subject.says.pdf)
      it('shows a PDF that came with a message', async () => {
        llm().script({ text: 'A report.' });
        const heard = await hear(await open(), about(report));
        expect(heard).toMatchObject({ text: 'A report.', error: undefined });
        expect(JSON.stringify(llm().requests[0]?.body)).toContain(fileParts[subject.wire].pdf);
      });

    it('tells two parallel calls apart and takes both results', async () => {
      const calls = [
        { name: 'k8s__list_pods', arguments: '{"ns":"a"}' },
        { name: 'k8s__list_pods', arguments: '{"ns":"b"}' },
      ];
      llm().script({ calls }, { text: 'Both fine.' });
      const provider = await open();
      const { heard, messages } = await answered(provider, ask('Pods?', withTools));
      expect(heard.calls.map((call) => call.arguments)).toEqual([{ ns: 'a' }, { ns: 'b' }]);
      expect(new Set(heard.calls.map((call) => call.id)).size).toBe(2);
      expect(await hear(provider, ask('', { ...withTools, messages }))).toMatchObject({
        text: 'Both fine.',
        error: undefined,
      });
    });

    it('calls a tool without arguments', async () => {
      llm().script({ calls: [{ name: 'host__ping', arguments: '' }] });
      const heard = await hear(await open(), ask('Ping?', withTools));
      expect(heard.calls).toMatchObject([{ name: 'host__ping', arguments: {} }]);
      expect(heard.calls[0]).not.toHaveProperty('invalid');
    });

    if (subject.says.invalidArguments)
      it('marks arguments that are no JSON object', async () => {
        llm().script({
          calls: [
            { name: 'k8s__list_pods', arguments: '{"ns":' },
            { name: 'k8s__list_pods', arguments: '["prod"]' },
          ],
        });
        const { calls } = await hear(await open(), ask('Pods?', withTools));
        expect(calls.map((call) => call.arguments)).toEqual([{}, {}]);
        expect(calls[0]?.invalid).toMatch(/not valid JSON/);
        expect(calls[1]?.invalid).toMatch(/an array/);
      });

    it('keeps thoughts apart from text', async () => {
      llm().script({ reasoning: 'Pods first.', text: 'All fine.' });
      const heard = await hear(await open(), ask('Pods?'));
      expect(heard).toMatchObject({ reasoning: 'Pods first.', text: 'All fine.' });
    });

    if (subject.says.replay)
      it('gives the thoughts back with the calls they led to', async () => {
        llm().script(
          { reasoning: 'Pods first.', calls: [{ name: 'host__ping', arguments: '{}' }] },
          { text: 'Done.' },
        );
        const provider = await open();
        const { heard, messages } = await answered(provider, ask('Ping?', withTools));
        expect(heard.opaque?.key).toMatch(/^[a-z_]+:(gpt-6.1-sol|qwen3:8b|claude-sonnet-5-5):[0-9a-f]{8}$/);
        expect(await hear(provider, ask('', { ...withTools, messages }))).toMatchObject({ text: 'Done.' });
        expect(JSON.stringify(llm().requests[1]?.body)).toContain(
          subject.wire === 'responses' ? 'enc:1:' : '"thinking":"Pods first."',
        );
      });

    it('drops the state of another model, with ids and names it made up', async () => {
      const id = `toolu_${'x'.repeat(80)}.1`;
      const foreign: Message[] = [
        { role: 'user', text: 'Pods?' },
        {
          role: 'assistant',
          text: 'I look.',
          calls: [{ id, name: 'k8s.list pods', arguments: { ns: 'prod' } }],
          opaque: { key: 'anthropic:opus:1', data: [{ type: 'thinking', signature: 'secret-state' }] },
        },
        { role: 'tool', callId: id, name: 'k8s.list pods', text: 'No such tool.', isError: true },
      ];
      llm().script({ text: 'I see.' });
      const heard = await hear(await open(), ask('', { ...withTools, messages: foreign }));
      expect(heard).toMatchObject({ text: 'I see.', error: undefined });
      const sent = JSON.stringify(llm().requests[0]?.body);
      expect(sent).not.toContain('secret-state');
      expect(sent).toContain(subject.wire === 'messages' ? '"is_error":true' : 'Error: No such tool.');
    });

    it('counts tokens the same way as every vendor', async () => {
      const usage = { input: 1000, output: 200, cached: 800, cacheWrite: 50, reasoning: 120 };
      llm().script({ text: 'x', usage });
      const heard = await hear(await open(), ask('Count.'));
      expect(heard.usage).toMatchObject({ input: 1000, output: 200 });
      expect(heard.events.filter((event) => event.type === 'usage')).toHaveLength(1);
      if (!subject.says.cache)
        expect(heard.usage).toMatchObject({ cacheRead: 0, cacheWrite: 0, reasoning: 0 });
    });

    if (subject.says.cache)
      it('counts tokens of its cache and of its thoughts', async () => {
        const usage = { input: 1000, output: 200, cached: 800, cacheWrite: 50, reasoning: 120 };
        llm().script({ text: 'x', usage });
        const heard = await hear(await open(), ask('Count.'));
        expect(heard.usage).toMatchObject({ cacheRead: 800, cacheWrite: 50, reasoning: 120 });
      });

    it('reads characters that are cut in two on the way', async () => {
      const text = 'Grüße 👩‍🚒 日本語 – fertig';
      llm().script({ text, bytesPerWrite: 7 });
      expect(await hear(await open(), ask('Say.'))).toMatchObject({ text, restarts: 0 });
    });

    it('says that the answer was cut at its greatest length', async () => {
      llm().script({ text: 'It is lon', stop: 'length' });
      expect(await hear(await open(), ask('Say.'))).toMatchObject({ text: 'It is lon', stops: ['length'] });
    });

    if (subject.says.refusal)
      it('says that the model refused', async () => {
        llm().script({ text: 'I cannot help.', stop: 'refusal' });
        const heard = await hear(await open(), ask('Say.'));
        expect(heard).toMatchObject({ text: 'I cannot help.', stops: ['refusal'] });
      });

    if (subject.says.contentFilter)
      it('says that a filter stopped the answer', async () => {
        llm().script({ text: 'It', stop: 'content_filter' });
        expect(await hear(await open(), ask('Say.'))).toMatchObject({ stops: ['content_filtered'] });
      });

    it('sends limits and temperature in the words of the vendor', async () => {
      llm().script({ text: 'x' });
      const heard = await hear(await open(), ask('Say.', { temperature: 0.2, maxOutputTokens: 77 }));
      expect(heard.error).toBeUndefined();
      expect(JSON.stringify(llm().requests[0]?.body)).toMatch(
        /"(max_output_tokens|max_completion_tokens|max_tokens|num_predict)":77/,
      );
    });

    it('uses connections again for calls that follow each other', async () => {
      const provider = await open();
      for (const text of ['one', 'two', 'three', 'four', 'five', 'six']) {
        llm().script({ text });
        expect(await hear(provider, ask('Next.'))).toMatchObject({ text });
      }
      expect(llm().connections()).toBeLessThanOrEqual(2);
    });

    faultScenarios(stage);

    it('does all that the table says, and nothing that it says cannot be done', ({ task }) => {
      const run = new Set(namesIn(task.suite?.tasks ?? []));
      const lacking = rows.filter(({ lacks }) => lacks?.(subject) !== undefined);
      const doing = rows.filter((row) => !lacking.includes(row));
      expect(doing.flatMap(({ tests }) => tests).filter((name) => !run.has(name))).toEqual([]);
      expect(lacking.flatMap(({ tests }) => tests).filter((name) => run.has(name))).toEqual([]);
    });
  });
}

/** The names of all tests below that are not skipped. */
function namesIn(tasks: readonly RunnerTask[]): readonly string[] {
  return tasks.flatMap((task) => {
    if (task.type === 'suite') return namesIn(task.tasks);
    return task.mode === 'skip' || task.mode === 'todo' ? [] : [task.name];
  });
}

/** Hears one call and answers every tool call in it. */
async function answered(provider: Provider, request: ModelRequest) {
  const heard = await hear(provider, request);
  const results = heard.calls.map(({ id, name }) => ({
    role: 'tool' as const,
    callId: id,
    name,
    text: `result of ${name}`,
    isError: false,
  }));
  return { heard, messages: [...request.messages, messageOf(heard), ...results] as Message[] };
}
