import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdminAnswer } from '../../../src/chat/admin/answer.ts';
import { settingsSchema } from '../../../src/resources/settings.ts';
import { caller } from '../../fakes/world.ts';
import { type AdminStage, ada, openAdminStage, viewer, wordsOf } from './stage.ts';

let at: AdminStage;
beforeAll(async () => {
  at = await openAdminStage();
  for (const name of Object.keys(settingsSchema.shape))
    await sql`insert into settings (name) values (${name})`.execute(at.database.db);
  for (const line of [
    'providers add ollama',
    'providers add openai',
    'models add gpt-6.1-sol provider=openai',
    'models add gpt-4o-mini provider=openai',
    'servers add host url=http://host.up.test',
  ])
    await at.admin.run(line, ada);
}, 120_000);
afterAll(async () => await at.close());

const bob = caller(undefined, 'Bob');
const run = (line: string, by = ada) => at.admin.run(line, by);
const words = async (line: string, by = ada) => wordsOf(await run(line, by));
const buttonsOf = (answer: AdminAnswer | undefined) =>
  answer !== undefined && answer.type !== 'form' ? answer.buttons : [];
const press = async (line: string, label: string, by = ada) =>
  buttonsOf(await run(line, by)).find((button) => button.label === label)?.line ?? `(no button ${label})`;

describe('an exact message', () => {
  it.each([
    ['models add provider=openai name=by-label', '**by-label** is made.'],
    ['servers list enabled=yes', 'host'],
    ['models list provider=openai', 'gpt-6.1-sol'],
    ['models edit gpt-6.1-sol enabled=yes', 'is so already'],
  ])('may call fields as people do: “%s”', async (line, said) => {
    expect(wordsOf(await at.admin.hear(line, ada))).toContain(said);
  });

  it.each([
    'models list colour=red',
    'models add the provider=openai',
    'servers stop the=deployment',
    'test gpt-6.1-sol',
    'docter',
    'make gpt-4o-mini the default model',
    'disabled models',
  ])('“%s” is talk', async (line) => {
    expect(await at.admin.hear(line, ada)).toBeUndefined();
    expect(await at.admin.isCommand(line, ada)).toBe(false);
  });
});

describe('a new model', () => {
  it('is asked for its provider, with the name filled in', async () => {
    expect(await run('models add nowhere')).toMatchObject({
      type: 'form',
      values: { name: 'nowhere' },
      text: expect.stringContaining('Still needed: Provider.'),
    });
    expect(await words('models show nowhere')).toContain('There is no LLM model');
  });

  it('or a changed one says when it answers from now on', async () => {
    const follows = 'Threads without a model of their own are answered by it from now on.';
    expect(await words('models add a-first provider=openai')).not.toContain('from now on');
    expect(await words('models edit gpt-6.1-sol is_default=no')).toContain('answered by a-first from now on');
    expect(await words('models add a-aft provider=openai enabled=no')).not.toContain('from now on');
    expect(await words('models enable a-aft')).toContain(follows);
    await run('models add z-last provider=openai');
    expect(await words('models set-default z-last')).toContain(follows);
    expect(await words('models edit z-last temperature=1')).not.toContain('from now on');
    expect(await words('models disable z-last')).toContain('are answered by a-aft from now on');
    expect(await words('models enable z-last')).toContain(follows);
    await run('models delete a-aft confirm=yes');
  });

  it('says before the default is deleted which one answers then', async () => {
    await run('models set-default z-last');
    const asked = await words('models delete z-last');
    expect(asked).toContain('It is the default model now.');
    expect(asked).toContain('Threads without a model of their own are answered by a-first then.');
    expect(await words('models delete gpt-4o-mini')).not.toContain('answered by');
    await run('models delete z-last confirm=yes');
    expect(await words('models delete a-first')).toContain('It answers now where no other is chosen.');
    await run('models delete a-first confirm=yes');
  });
});

describe('a word that is nearly one', () => {
  it.each([
    ['docter', 'doctor'],
    ['docter please', 'doctor'],
    ['usge', 'usage'],
    ['usge week', 'usage week'],
    ['undoo last', 'undo last'],
    ['aprovals', 'approvals'],
    ['hepl models', 'help models'],
  ])('%s: %s is offered, privately', async (line, meant) => {
    expect(await run(line)).toMatchObject({ type: 'text', isPublic: false, buttons: [{ line: meant }] });
  });

  it.each([
    'version',
    'docter who is on call',
    'is the docter in',
    'usge of the disk on web',
    'the docter said so',
    'held up deployments',
  ])('%s is talk', async (line) => {
    expect(await run(line)).toBeUndefined();
  });
});

describe('what is to be done, in natural order', () => {
  it.each([
    ['set-default gpt-6.1-sol', 'models set-default gpt-6.1-sol'],
    ['test gpt-6.1-sol', 'models test gpt-6.1-sol'],
    ['gpt-6.1-sol test', 'models test gpt-6.1-sol'],
    ['make gpt-4o-mini the default', 'models set-default gpt-4o-mini'],
    ['turn off host', 'servers disable host'],
    ['models edit gpt-6.1-sol temperature 0.5', 'models edit gpt-6.1-sol temperature=0.5'],
    ['models edit gpt-6.1-so temprature 0.5', 'models edit gpt-6.1-sol temperature=0.5'],
    ['models gpt-6.1-sol temperature 0.5', 'models edit gpt-6.1-sol temperature=0.5'],
    ['settings edit agent_recursion_limit 40', 'settings edit agent_recursion_limit value=40'],
    ['settings set agent_recursion_limit to 40', 'settings edit agent_recursion_limit value=40'],
    ['model ad name=x provider=opnai', 'models add name=x provider=openai'],
    ['models list provder=openai', 'models list provider=openai'],
    ['models edit gpt-6.1-sol provder=opnai', 'models edit gpt-6.1-sol provider=openai'],
    ['disabled models', 'models list enabled=no'],
    ['models disabled', 'models list enabled=no'],
    ['list the enabled servers', 'servers list enabled=yes'],
  ])('%s: %s is offered', async (line, meant) => {
    const before = await at.everything();
    expect(await run(line)).toMatchObject({ type: 'text', buttons: [{ label: meant, line: meant }] });
    expect(await at.everything()).toBe(before);
  });

  it.each([
    ['make gpt-4o-mini the default model', 'gpt-4o-mini is the default now'],
    ['make the model gpt-6.1-sol the default', 'gpt-6.1-sol is the default now'],
    ['delete the gpt-4o-mini model', 'Delete the LLM model **gpt-4o-mini**?'],
    ['disable host server', '**host** is disabled.'],
  ])('%s is understood where it says all', async (line, said) => {
    expect(await words(line)).toContain(said);
  });

  it('offers nothing that the person may not do, and is talk where nothing is called so', async () => {
    expect(await run('set-default gpt-6.1-sol', viewer)).toBeUndefined();
    for (const line of ['test the new model', 'make it the default model', 'test prod', 'add more detail'])
      expect(await run(line), line).toBeUndefined();
  });
});

describe('undo', () => {
  const minute = 60_000;

  it('lists one’s own changes with what, how long they can be undone, and how', async () => {
    at.clock.ms += 11 * minute;
    expect(await words('undo')).toContain('You changed nothing in the last ten minutes');
    await run('models edit gpt-4o-mini temperature=1');
    at.clock.ms += 4 * minute;
    await run('prompts add Mine prompt_text="You help."');
    await run('prompts add Other prompt_text="You help."', bob);
    const listed = await run('undo');
    const said = wordsOf(listed);
    const [prompt, model] = buttonsOf(listed);
    expect(said).toContain(
      `the system prompt Mine v1 (Approved) was made: 10 min 0 s left. \`${prompt?.line}\``,
    );
    expect(said).toContain(`the LLM model gpt-4o-mini was changed: 6 min 0 s left. \`${model?.line}\``);
    expect(said).not.toContain('Other');
    expect(buttonsOf(listed)).toHaveLength(2);
  });

  it('last takes back the newest of one’s own, whatever others did since', async () => {
    expect(await words('undo my last change')).toContain('Undone: the system prompt Mine');
    expect(await words('prompts show Other')).toContain('You help.');
    expect(await words('undo last')).toContain('Undone: the LLM model gpt-4o-mini');
    expect(await words('undo last')).toBe('You changed nothing in the last ten minutes that can be undone.');
  });

  it('says truly why it cannot', async () => {
    const undo = await press('models edit gpt-4o-mini temperature=1.5', 'Undo');
    await run(undo);
    expect(await words(undo)).toContain('that was undone already');
    const late = await press('models edit gpt-4o-mini temperature=1.25', 'Undo');
    at.clock.ms += 11 * minute;
    expect(await words(late)).toContain('more than ten minutes passed');
    expect(await words('undo 00000000-0000-4000-8000-000000000000')).toContain('There is no such change');
  });

  it('is heard in a message only where there is something to undo', async () => {
    expect(await at.admin.isCommand('undo', viewer)).toBe(false);
    expect(await at.admin.hear('undo last', viewer)).toBeUndefined();
    await run('models edit gpt-4o-mini temperature=1');
    expect(wordsOf(await at.admin.hear('undo', ada))).toContain('gpt-4o-mini was changed');
    expect(wordsOf(await at.admin.hear('undo last', ada))).toContain('Undone');
  });

  it('names who changed it since, and one’s own later change to undo first', async () => {
    const older = await press('models edit gpt-4o-mini temperature=1.1', 'Undo');
    at.clock.ms += 1000;
    const newer = await press('models edit gpt-4o-mini temperature=1.2', 'Undo');
    const said = await words(older);
    expect(said).toMatch(/you changed the LLM model gpt-4o-mini again at \d\d:\d\d UTC; undo that first: /);
    expect(said).toContain(`\`${newer}\``);
    expect(await words(newer)).toContain('Undone');
    const mine = await press('models edit gpt-4o-mini temperature=1.3', 'Undo');
    await run('models edit gpt-4o-mini temperature=1.4', bob);
    expect(await words(mine)).toMatch(/token:bob changed the LLM model gpt-4o-mini at \d\d:\d\d UTC\./);
    at.clock.ms += 1000;
    await run('models delete gpt-4o-mini confirm=yes', bob);
    expect(await words(mine)).toMatch(/token:bob deleted the LLM model gpt-4o-mini at/);
    expect(await words('undo last', bob)).toContain('Undone');
  });

  it('counts one dependent as one', async () => {
    const made = await press('roles add night permissions=chat', 'Undo');
    await run('grants add role=night principal=group:sre');
    expect(await words(made)).toContain('1 grant (night → group:sre) depends on it by now.');
    await run('grants add role=night principal=group:dev');
    expect(await words(made)).toContain('2 Grants');
    expect(await words(made)).toContain('depend on it by now.');
  });
});

describe('deleting', () => {
  it('with all that goes along is undone together, under the same ids', async () => {
    await run('prompts add Kept prompt_text="You help."');
    await run('models edit gpt-4o-mini system_prompt=Kept');
    await run('middleware add model=gpt-4o-mini type=ModelCallLimitMiddleware');
    const before = await words('models show gpt-4o-mini');
    const [model] = await at.desk.find('llm-models', ada, 'gpt-4o-mini');
    const asked = await run('providers delete openai');
    expect(wordsOf(asked)).toContain('Undo brings all of that back, for ten minutes.');
    const undo = await press(buttonsOf(asked)[0]?.line ?? '', 'Undo');
    expect(await words('models show gpt-4o-mini')).toContain('There is no LLM model');
    expect(await words(undo)).toContain('Undone: the LLM provider openai');
    expect(await words('models show gpt-4o-mini')).toBe(before);
    expect(await at.desk.find('llm-models', ada, 'gpt-4o-mini')).toMatchObject([{ id: model?.id }]);
    expect(await words('middleware')).toContain('ModelCallLimitMiddleware on gpt-4o-mini');
    const gone = await press('prompts delete Kept', 'Delete');
    expect(await words('models show gpt-4o-mini')).toContain('Kept');
    const back = await press(gone, 'Undo');
    expect(await words('models show gpt-4o-mini')).not.toContain('| System prompt |');
    expect(await words(back)).toContain('Undone');
    expect(await words('models show gpt-4o-mini')).toContain('| System prompt | Kept |');
  });

  it('brings back all or nothing', async () => {
    const undo = await press(await press('providers delete openai', 'Delete'), 'Undo');
    await run('providers add openai');
    await run('models add gpt-6.1-sol provider=openai');
    expect(await words(undo)).toContain('already');
    expect(await words('models show gpt-4o-mini')).toContain('There is no LLM model');
    await run('providers delete openai confirm=yes');
    expect(await words(undo)).toContain('Undone');
    expect(await words('models show gpt-4o-mini')).toContain('**gpt-4o-mini');
  });

  it('says so where it cannot be undone', async () => {
    await run('tokens add ci permissions=chat');
    const asked = await run('tokens delete ci');
    expect(wordsOf(asked)).toContain('This cannot be undone.');
    expect(buttonsOf(await run(buttonsOf(asked)[0]?.line ?? ''))).toEqual([]);
  });

  it('is of what was seen: what somebody changed between question and click is shown and kept', async () => {
    await run('prompts add Runbook prompt_text="You help."');
    const asked = await press('prompts delete Runbook', 'Delete');
    await run('prompts edit Runbook prompt_text="You help at night."', bob);
    const again = await run(asked);
    expect(again).toMatchObject({ type: 'confirm' });
    expect(wordsOf(again)).toMatch(
      /Nothing was deleted, because it changed .* token:bob changed it at \d\d:/,
    );
    expect(wordsOf(again)).toContain('You help at night.');
    expect(await words('prompts show Runbook')).toContain('at night');
    expect(await words(buttonsOf(again)[0]?.line ?? '')).toContain('is deleted');
  });
});

describe('an entry of an object', () => {
  it('is written by its whole path, and joins what there is', async () => {
    await run('servers edit host tool_overrides.disk.effect=write');
    const said = await words('servers edit host tool_overrides.cpu_load.effect=read');
    expect(said).toContain('{"disk":{"effect":"write"},"cpu_load":{"effect":"read"}}');
    await run('servers edit host tool_overrides.cpu_load.enabled=no');
    expect(await words('servers edit host tool_overrides.disk.effect=""')).toContain('is changed');
    const shown = await words('servers show host');
    expect(shown).toContain('"cpu_load"');
    expect(shown).not.toContain('"disk"');
  });

  it('has its mistakes at the whole path', async () => {
    const answer = await run('servers edit host tool_overrides.cpu_load.effect=sometimes');
    expect(wordsOf(answer)).toContain('`tool_overrides.cpu_load.effect`: ');
    expect(await words('servers edit host url.path=x')).toContain('`url.path`');
  });

  it('keeps a key that has a dot of its own', async () => {
    await run(`servers edit host tool_overrides='{"disk.usage":{"effect":"read"}}'`);
    expect(await words('servers edit host tool_overrides.disk.usage.effect=write')).toContain(
      '{"disk.usage":{"effect":"write"}}',
    );
  });
});

describe('a setting', () => {
  it('is shown with its default, its description and what it may be', async () => {
    const said = await words('settings show agent_recursion_limit');
    expect(said).toContain('| Default | 25 |');
    expect(said).toContain('| Description | How many model calls one turn may make. |');
    expect(said).toContain('| Allowed | whole numbers from 5 to 100 |');
  });
});
