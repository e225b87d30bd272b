import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { opsServer, restartCalls } from './ops-server.ts';
import { conversationOf, onDatabases, openStage, type Stage, until } from './stage.ts';

/** The strict model refuses a history in which a call has no result or two. */
describe.each(Object.entries(onDatabases))('a thread with a waiting turn, on %s', (_name, env) => {
  const ops = opsServer();
  let stage: Stage;
  let approvalId: string | undefined;
  beforeAll(async () => {
    stage = await openStage({ servers: [ops], env: await env() });
  });
  afterAll(() => stage.close());

  it('answers other questions meanwhile, and the model knows what waits', async () => {
    stage.llm.script(restartCalls('db1'), { text: 'Paris.' });
    const waiting = await stage.ask('restart db1', 't');
    approvalId = waiting.approval_ids[0];
    const other = await stage.ask('And the capital of France?', 't');
    expect(other).toMatchObject({ http: 200, response: 'Paris.' });
    expect(other.turn_id).not.toBe(waiting.turn_id);
    expect(conversationOf(stage.llm.requests.at(-1))).toEqual([
      'user: restart db1',
      'assistant: (calls)',
      expect.stringContaining(`waiting for approval ${approvalId}`),
      'user: And the capital of France?',
    ]);
  });

  it('resumes the waiting turn behind what was said meanwhile', async () => {
    stage.llm.script({ text: 'It is up.' });
    await stage.decide(approvalId, 'approve');
    await until(async () => (await stage.thread('t')).messages.some(({ text }) => text === 'It is up.'));
    expect(conversationOf(stage.llm.requests.at(-1))).toEqual([
      'user: And the capital of France?',
      'assistant: Paris.',
      'user: restart db1',
      'assistant: (calls)',
      'tool: restarted db1',
    ]);
  });

  it('remembers each turn once afterwards', async () => {
    stage.llm.script({ text: 'You are welcome.' });
    await stage.ask('Thanks', 't');
    expect(conversationOf(stage.llm.requests.at(-1))).toEqual([
      'user: And the capital of France?',
      'assistant: Paris.',
      'user: restart db1',
      'assistant: (calls)',
      'tool: restarted db1',
      'assistant: It is up.',
      'user: Thanks',
    ]);
  });

  it('remembers a turn once that paused twice', async () => {
    stage.llm.script(restartCalls('a', 'b'), { text: 'Twice.' }, { text: 'Yes.' });
    const { approval_ids } = await stage.ask('restart a and b', 'twice');
    for (const id of approval_ids) {
      await stage.decide(id, 'approve');
      await stage.settled('twice');
    }
    await stage.ask('Did you?', 'twice');
    expect(conversationOf(stage.llm.requests.at(-1))).toEqual([
      'user: restart a and b',
      'assistant: (calls)',
      'tool: restarted a',
      'tool: restarted b',
      'assistant: Twice.',
      'user: Did you?',
    ]);
  });
});
