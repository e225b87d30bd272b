import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program } from '../tools/mcp/helpers.ts';
import { opsServer, restartCalls } from './ops-server.ts';
import { onDatabases, openStage, type Stage, until } from './stage.ts';

/** `silent` never answers; `cancelled` tells which calls it was told to give up. */
const args = [program('server.ts')];
const hand = { name: 'hand', protocol: 'stdio', command: process.execPath, args, is_trusted: true };

describe.each(Object.entries(onDatabases))('stop, on %s', (_name, env) => {
  let begun = false;
  const ops = opsServer({
    async beforeRestart(host) {
      begun = true;
      if (host === 'slow') await new Promise(() => undefined);
    },
  });
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ servers: [ops], rows: [hand], env: await env() });
  });
  afterAll(() => stage.close());

  it('says that there is nothing to stop', async () => {
    expect(await stage.stopThread('nothing')).toBe(false);
    stage.llm.script({ text: 'done' });
    await stage.ask('hello', 'over');
    expect(await stage.stopThread('over')).toBe(false);
  });

  it('ends a model call in the middle of its words', async () => {
    stage.llm.script({ text: ['I was ', 'about to'], fault: { type: 'stall', afterFrames: 3 } });
    const before = stage.llm.requests.length;
    const asking = stage.ask('tell me a story', 'streaming');
    await until(() => stage.llm.requests.length > before);
    expect(await stage.stopThread('streaming')).toBe(true);
    expect(await asking).toMatchObject({
      http: 200,
      status: 'stopped',
      response: 'Stopped by Admin token.',
    });
    expect(await stage.llm.requests.at(-1)?.closed).toBe('gone');
  });

  it('cancels a tool that runs', async () => {
    stage.llm.script({ calls: [{ name: 'hand__silent', arguments: '{}' }] });
    const asking = stage.ask('wait for ever', 'tool');
    await until(async () => (await stage.thread('tool')).messages.some(({ role }) => role === 'tool'));
    expect(await stage.stopThread('tool')).toBe(true);
    expect(await asking).toMatchObject({ status: 'stopped', response: 'Stopped by Admin token.' });
    const { response } = await stage.ask('run hand__cancelled', 'asks');
    expect(response).toMatch(/\[\d+\]/);
  });

  it('says which change may have taken effect', async () => {
    stage.llm.script(restartCalls('slow'));
    const { approval_ids } = await stage.ask('restart slow', 'doubt');
    await stage.decide(approval_ids[0], 'approve');
    await until(() => begun);
    expect(await stage.stopThread('doubt')).toBe(true);
    expect((await stage.settled('doubt')).messages.at(-1)).toMatchObject({
      kind: 'stopped',
      text: 'Stopped by Admin token. ops__restart had begun and may have taken effect.',
    });
  });

  it('ends a turn that waits for approval, and its question', async () => {
    stage.llm.script(restartCalls('db1'));
    const { approval_ids } = await stage.ask('restart db1', 'waiting');
    expect(await stage.stopThread('waiting')).toBe(true);
    await until(async () => (await stage.thread('waiting')).turn.status === 'stopped');
    const { turn, messages } = await stage.thread('waiting');
    expect(turn.approvals).toMatchObject([{ state: 'cancelled' }]);
    expect(messages.at(-1)).toMatchObject({ kind: 'stopped', text: 'Stopped by Admin token.' });
    expect(await stage.decide(approval_ids[0], 'approve')).toMatchObject({
      http: 409,
      approval: { state: 'cancelled' },
    });
    expect(ops.restarted).toEqual([]);
  });

  it('leaves a thread whose next turn is right', async () => {
    for (const thread of ['streaming', 'tool', 'doubt', 'waiting']) {
      stage.llm.script({ text: 'Still here.' });
      expect(await stage.ask('Are you there?', thread)).toMatchObject({ http: 200, status: 'done' });
    }
  });
});
