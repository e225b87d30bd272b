import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deskVerbs } from '../../../src/chat/desk.ts';
import { numbers, oddWords } from '../../scenarios/nonsense.ts';
import { type AdminStage, ada, openAdminStage, stranger, viewer, wordsOf } from './stage.ts';

let at: AdminStage;
beforeAll(async () => {
  at = await openAdminStage();
  await at.admin.run('providers add openai', ada);
  await at.admin.run('models add gpt-4o provider=openai', ada);
  await at.admin.run('servers add web url=http://up.test', ada);
  await at.admin.run('prompts add Team prompt_text="You help."', ada);
}, 120_000);
afterAll(async () => await at.close());

describe('200 lines of nonsense', () => {
  const next = numbers(7);
  const pick = <T>(from: readonly T[]): T => {
    const one = from[Math.floor(next() * from.length)];
    if (one === undefined) throw new Error('nothing to pick');
    return one;
  };
  const lines = Array.from({ length: 200 }, () => ({ length: 1 + Math.floor(next() * 5), seed: next() }));

  it('change nothing for those who may not, and always get a sentence', async () => {
    const words = at.desk
      .kinds(ada)
      .flatMap(({ word, path, one, actions }) => [word, path, one, ...actions.map(({ name }) => name)]);
    const all = [
      ...words,
      ...words,
      ...deskVerbs,
      ...deskVerbs,
      ...deskVerbs,
      ...oddWords,
      'undo',
      'usage',
      'help',
    ];
    const before = await at.everything();
    for (const { length } of lines) {
      const line = Array.from({ length }, () => pick(all)).join(' ');
      for (const by of [viewer, stranger]) {
        const answer = await at.admin.run(line, by);
        if (answer !== undefined) expect(wordsOf(answer).trim(), line).not.toBe('');
        await at.admin.hear(line, by);
      }
    }
    expect(await at.everything()).toBe(before);
  }, 120_000);

  it('get a sentence, or are talk, for those who may do everything', async () => {
    const words = at.desk.kinds(ada).map(({ word }) => word);
    for (const { length } of lines) {
      const line = [pick(words), pick(deskVerbs), ...Array.from({ length }, () => pick(oddWords))].join(' ');
      const answer = await at.admin.run(line, ada);
      if (answer !== undefined) expect(wordsOf(answer).trim(), line).not.toBe('');
    }
  }, 120_000);
});

describe('forms that are forged', () => {
  it.each([
    ['an unknown kind', { path: 'no-such' }],
    ['a kind from the prototype', { path: 'constructor' }],
    ['an unknown row', { path: 'llm-models', id: '00000000-0000-4000-8000-000000000000' }],
    ['a row that is no id', { path: 'llm-models', id: "x' or 1=1" }],
    [
      'an unknown action',
      { path: 'mcp-servers', id: '00000000-0000-4000-8000-000000000000', action: 'constructor' },
    ],
  ])('%s gets a sentence', async (_name, asked) => {
    const before = await at.everything();
    for (const work of [
      () => at.admin.open(asked, viewer),
      () => at.admin.send({ asked, values: { name: 'x' } }, ada),
      () => at.admin.tryOut({ asked, values: { name: 'x' } }, ada),
    ]) {
      const error = await work().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (error !== undefined) expect(error).toMatchObject({ message: expect.stringMatching(/\w+ \w+/) });
    }
    expect(await at.everything()).toBe(before);
  });

  it('with a stale revision is shown again, and by somebody else refused', async () => {
    const [row] = await at.desk.find('llm-models', ada, 'gpt-4o');
    const asked = { path: 'llm-models', id: row?.id ?? '' };
    const sent = { asked, values: { temperature: 2 }, revision: '1', seen: 'forged' };
    expect(await at.admin.send(sent, ada)).toMatchObject({ type: 'check' });
    await expect(at.admin.send(sent, viewer)).rejects.toThrow('who can grant it');
  });
});
