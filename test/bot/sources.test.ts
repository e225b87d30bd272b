import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from './stage.ts';

const chat = '/plugins/ai-ops/api/chat/';

describe('the sources of an answer', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({
      servers: [
        {
          name: 'wiki',
          isTrusted: true,
          define: (server) =>
            server.registerTool(
              'search',
              { description: 'Searches.', annotations: { readOnlyHint: true } },
              async () => ({
                content: [
                  { type: 'text', text: 'Two pages.' },
                  { type: 'resource_link', uri: 'https://wiki.example.com/disk', name: 'Disk\n runbook' },
                  { type: 'resource_link', uri: 'https://wiki.example.com/disk', name: 'Disk runbook' },
                  { type: 'resource_link', uri: 'file:///etc/passwd', name: 'a file' },
                  { type: 'resource_link', uri: 'javascript:alert(1)', name: 'a script' },
                ],
              }),
            ),
        },
      ],
    });
  });
  afterAll(() => stage.close());

  const post = async (message: string, thread: string) => {
    const body = JSON.stringify({ message, thread_id: thread });
    return await (await stage.bot.fetch(chat, { method: 'POST', body })).json();
  };

  it('are the web pages that its tools pointed to, each once, and stay with it', async () => {
    stage.llm.script({ calls: [{ name: 'wiki__search', arguments: '{}' }] }, { text: 'See the runbook.' });
    const sources = [{ title: 'Disk runbook', url: 'https://wiki.example.com/disk' }];
    expect(await post('what about the disk?', 'disk')).toMatchObject({ status: 'done', sources });
    const read: unknown = await (await stage.bot.fetch(`${chat}disk/`)).json();
    expect(read).toMatchObject({
      messages: expect.arrayContaining([expect.objectContaining({ role: 'assistant', sources })]),
    });
  });

  it('are not those of an earlier answer', async () => {
    stage.llm.script({ text: 'You are welcome.' });
    expect(await post('thanks', 'disk')).not.toHaveProperty('sources');
  });
});
