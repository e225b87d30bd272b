import { describe, expect, it } from 'vitest';
import { humanInTheLoop } from '../../src/middleware/human-in-the-loop.ts';
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

  const asked = async (rules: readonly object[]) => {
    const rows = rules.map((interrupt_on) => ({ type, config: { interrupt_on } }));
    return (await (await open({}, { rows })).turn()).questions[0];
  };
  const host = { type: 'object', properties: { host: { type: 'string', maxLength: 3 } } };

  it.each([
    ['all, of true', [{ look: true }], ['approve', 'edit', 'deny', 'respond']],
    ['all, where nothing else is said', [{ look: {} }], ['approve', 'edit', 'deny', 'respond']],
    ['what it names', [{ look: { allowed_decisions: ['edit', 'reject'] } }], ['edit', 'deny']],
    ['what it names, as LangChain writes it', [{ look: { allowedDecisions: ['respond'] } }], ['respond']],
    [
      'what two layers have in common',
      [
        { look: { allowed_decisions: ['approve', 'edit'] } },
        { look: { allowed_decisions: ['edit', 'reject'] } },
      ],
      ['edit'],
    ],
    [
      'no, where they have nothing in common',
      [{ look: { allowed_decisions: ['approve'] } }, { look: { allowed_decisions: ['edit'] } }],
      ['deny'],
    ],
  ])('people may say %s', async (_what, rules, allows) => {
    expect((await asked(rules))?.allows).toEqual(allows);
  });

  it.each([{ args_schema: host }, { argsSchema: host }])(
    'arguments that people write must fit %o',
    async (rule) => {
      expect((await asked([{ look: rule }]))?.argsSchemas).toEqual([host]);
    },
  );

  it('is not saved with an args_schema that checks nothing, and asks all the same where one is stored', async () => {
    const rule = { args_schema: { properties: { host: { pattern: '^(?!prod)' } } } };
    const read = humanInTheLoop.config.safeParse({ interrupt_on: { look: rule } });
    expect(read.error?.issues).toMatchObject([
      {
        path: ['interrupt_on', 'look', 'args_schema'],
        message: expect.stringContaining('no JSON Schema that can be checked'),
      },
    ]);
    expect(humanInTheLoop.config.safeParse({ interrupt_on: { look: { args_schema: host } } }).success).toBe(
      true,
    );
    expect((await asked([{ look: rule }]))?.argsSchemas).toEqual([rule.args_schema]);
  });

  it('says on the card why it asks', async () => {
    expect((await asked([{ look: { description: 'Looks at everything.' } }]))?.reason).toBe(
      'Looks at everything.',
    );
    expect((await asked([{ look: true }]))?.reason).toBe('Tool execution requires approval.');
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
