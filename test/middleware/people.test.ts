import { describe, expect, it } from 'vitest';
import { acting, answers, call, calls, openRig, type RigOptions, tool } from './harness.ts';

const type = 'HumanInTheLoopMiddleware';
const asking = (...ids: readonly (readonly [string, string])[]) =>
  acting(calls(...ids.map(([id, name]) => call(id, name))), answers('Done.'));
const tools = [
  tool('look'),
  tool('look_up'),
  { ...tool('write', undefined, 'write'), approval: 'auto' as const },
];
const open = (config: object, more: Partial<RigOptions> = {}) =>
  openRig({ rows: [{ type, config }], models: { main: asking(['a', 'look']) }, tools, ...more });

describe(type, () => {
  it.each([
    ['true asks', { look: true }, 'paused'],
    ['options ask', { look: { allowedDecisions: ['approve', 'reject'] } }, 'paused'],
    ['false leaves it to policy', { look: false }, 'done'],
    ['what is not named is left to policy', { write: true }, 'done'],
    ['a name with a star', { 'lo*': true }, 'paused'],
    ['the own name counts first', { 'lo*': true, look: false }, 'done'],
    ['nothing', {}, 'done'],
  ])('%s', async (_what, interrupt_on, status) => {
    expect((await (await open({ interrupt_on })).turn()).status).toBe(status);
  });

  it('asks for what policy would let run by itself, and takes nothing from what it asks', async () => {
    const main = () => asking(['a', 'write']);
    expect(
      (await (await open({ interrupt_on: { write: true } }, { models: { main: main() } })).turn()).status,
    ).toBe('paused');
    const asks = { models: { main: main() }, asks: ['write'] };
    expect((await (await open({ interrupt_on: { write: false } }, asks)).turn()).status).toBe('paused');
  });

  it('an approved call runs, a denied one does not and is not asked for again, and each is on its own', async () => {
    const main = asking(['a', 'look'], ['b', 'look_up'], ['c', 'write']);
    const rig = await open({ interrupt_on: { '*': true } }, { models: { main } });
    const paused = await rig.turn();
    expect(paused.status).toBe('paused');
    const decided = await rig.turn({
      steps: paused.steps,
      state: paused.state,
      activation: 'resume',
      approved: ['a', 'c'],
      denied: ['b'],
    });
    expect(decided).toMatchObject({ status: 'done', text: 'Done.' });
    const results = decided.steps.flatMap((step) =>
      step.type === 'result' ? [[step.message.callId, step.ran]] : [],
    );
    expect(results.sort()).toEqual([
      ['a', true],
      ['b', false],
      ['c', true],
    ]);
  });
});
