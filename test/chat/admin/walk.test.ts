import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DeskKind, deskVerbs } from '../../../src/chat/desk.ts';
import { resources } from '../../../src/resources/index.ts';
import { type AdminStage, ada, openAdminStage, stranger, wordsOf } from './stage.ts';

let at: AdminStage;
beforeAll(async () => {
  at = await openAdminStage();
  await at.admin.run('providers add ollama', ada);
  await at.admin.run('providers add azure_ai', ada);
  await at.admin.run('models add gpt-4o provider=ollama', ada);
}, 120_000);
afterAll(async () => await at.close());

const kindOf = (path: string): DeskKind => {
  const kind = at.desk.kinds(ada).find((one) => one.path === path);
  if (kind === undefined) throw new Error(path);
  return kind;
};

describe.each(resources.map((resource) => [resource.path, resource] as const))('%s', (path, resource) => {
  it('is reached by its words, in any case and number', async () => {
    const { word, one, many } = kindOf(path);
    for (const words of [
      word,
      path,
      word.toUpperCase(),
      many,
      `list ${many}`,
      `show ${one}`,
      `${word} list`,
    ]) {
      const answer = await at.admin.run(words, ada);
      expect(answer, words).toMatchObject({ type: 'list', title: many });
    }
    expect(wordsOf(await at.admin.run(`help ${word}`, ada))).toContain(many);
    expect(wordsOf(await at.admin.run('help', ada))).toContain(`\`${word}\``);
  });

  it('has every verb of its definition, and says so of the others', async () => {
    const kind = kindOf(path);
    for (const verb of deskVerbs) {
      const answer = await at.admin.run(`${kind.word} ${verb}`, ada);
      if (kind.verbs.has(verb)) {
        expect(answer, verb).toBeDefined();
        expect(wordsOf(await at.admin.run(`help ${kind.word} ${verb}`, ada))).toContain(
          `${kind.word} ${verb}`,
        );
      } else expect(wordsOf(answer), verb).toContain(`have no \`${verb}\``);
    }
    const changes = { create: 'add', change: 'edit', delete: 'delete' } as const;
    for (const change of resource.changes) expect(kind.verbs.has(changes[change])).toBe(true);
  });

  it('offers every action of its definition', async () => {
    const kind = kindOf(path);
    const names = Object.keys(resource.actions ?? {});
    expect(kind.actions.map(({ name }) => name)).toEqual(names);
    for (const { name, label, fields } of kind.actions) {
      expect(resource.actions?.[name]?.input === undefined || fields.length > 0, name).toBe(true);
      const help = wordsOf(await at.admin.run(`help ${kind.word} ${name}`, ada));
      expect(help).toContain(`${kind.word} ${name} <name>`);
      for (const words of [`${kind.word} ${name}`, `${label} ${kind.one}`])
        expect(wordsOf(await at.admin.run(words, ada)), words).toMatch(/Which|There are no/);
      expect(wordsOf(await at.admin.run(`${kind.word} ${name} nothing-so-called`, ada))).toContain(
        'There is no',
      );
    }
  });

  it('is shown to nobody without the right', async () => {
    const kind = kindOf(path);
    for (const line of [kind.word, `${kind.word} add`, `${kind.word} delete x`]) {
      const said = wordsOf(await at.admin.run(line, stranger));
      if (resource.isOpen !== true) expect(said, line).toMatch(/You may not do that|have no/);
    }
  });
});

/** What its example makes anew; the providers are there already. */
const makeable = resources.filter(
  ({ path, changes }) => changes.includes('create') && path !== 'llm-providers',
);

describe.each(makeable.map((resource) => [resource.path, resource] as const))('%s', (path, resource) => {
  it('is made, shown and can be undone', async () => {
    const kind = kindOf(path);
    // Older names of settings are written in the settings.
    const older = ['azure_endpoint', 'api_version'];
    const pairs = Object.entries(resource.example)
      .filter(([key]) => !older.includes(key))
      .map(
        ([key, value]) =>
          `${key}=${typeof value === 'string' ? JSON.stringify(value) : JSON.stringify(value)}`,
      )
      .join(' ');
    // What a line must say although the example leaves it out, because programs need not say it.
    const asked = kind.asks({}).map((field) => `${field}=azure_ai`);
    const made = await at.admin.run([kind.word, 'add', pairs, ...asked].join(' '), ada);
    expect(wordsOf(made), wordsOf(made)).toContain('is made');
    const undo = made?.type === 'text' ? made.buttons.find(({ label }) => label === 'Undo') : undefined;
    const list = await at.admin.run(kind.word, ada);
    const [row] = list?.type === 'list' ? list.rows.slice(-1) : [];
    expect(row?.buttons.map(({ label }) => label)).toContain('Show');
    for (const { line } of row?.buttons ?? []) expect(await at.admin.run(line, ada), line).toBeDefined();
    expect(undo).toBeDefined();
  });
});
