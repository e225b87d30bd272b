import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidError } from '../../../src/chat/errors.ts';
import { impliedBy } from '../../../src/middleware/chain.ts';
import { type AdminStage, ada, openAdminStage, stranger, viewer, wordsOf } from './stage.ts';

let at: AdminStage;
/** As in the bot. */
const defaultLayers = (types: readonly string[]) => impliedBy(types.map((type) => ({ type })));
beforeAll(async () => {
  at = await openAdminStage({ defaultLayers });
  for (const name of ['ollama', 'openai']) await at.admin.run(`providers add ${name}`, ada);
  // The first one is the default.
  await at.admin.run('models add standing provider=openai', ada);
}, 120_000);
afterAll(async () => await at.close());

const run = (line: string, by = ada) => at.admin.run(line, by);
const words = async (line: string, by = ada) => wordsOf(await run(line, by));
const undoOf = async (line: string) => {
  const answer = await run(line);
  return answer?.type === 'text' ? answer.buttons.find(({ label }) => label === 'Undo')?.line : undefined;
};

describe('a command with all that it needs', () => {
  it('acts at once, and says what it did', async () => {
    const said = await words(
      'models add gpt-4o provider=openai model_config.base_url=https://up.test temperature=0.5',
    );
    expect(said).toContain('**gpt-4o** is made.');
    expect(said).toContain('- Temperature: `0.5`');
    expect(await words('show model GPT-4O')).toContain('{"base_url":"https://up.test"}');
  });

  it('changes what is given, shows the difference, and the change can be undone once', async () => {
    await run('models add m-undo provider=openai');
    expect(await words('models edit m-undo temperature=1.5 description="two words"')).toContain(
      '- Description: — → `two words`',
    );
    const undo = await undoOf('models edit m-undo temperature=1.25');
    expect(await words('models show m-undo')).toContain('1.25');
    expect(await words(undo ?? '')).toContain('Undone');
    expect(await words('models show m-undo')).not.toContain('1.25');
    expect(await words(undo ?? '')).toContain('nothing to undo');
    expect((await at.audit()).filter(({ action }) => action === 'llm-models.change').length).toBeGreaterThan(
      1,
    );
  });

  it('is undone on another replica too, but not after ten minutes', async () => {
    const undo = (await undoOf('models add m-late provider=openai')) ?? '';
    expect(wordsOf(await at.another().run(undo, ada))).toContain('Undone');
    expect(await words('models show m-late')).toContain('There is no LLM model');
    const late = (await undoOf('models add m-later provider=openai')) ?? '';
    at.clock.ms += 600_001;
    expect(await words(late)).toContain('more than ten minutes passed');
  });

  it('is not undone when somebody changed it since, when something depends on it, or without the right', async () => {
    const changed = (await undoOf('models add m-kept provider=openai')) ?? '';
    await run('models disable m-kept');
    expect(await words(changed)).toContain('you changed the LLM model m-kept again');
    const needed = (await undoOf('prompts add Team prompt_text="You help."')) ?? '';
    await run('models edit m-kept system_prompt=Team');
    expect(await words(needed)).toContain('depends on it');
    const denied = (await undoOf('models enable m-kept')) ?? '';
    expect(await words(denied, viewer)).toContain('ai_ops.change_llmmodel');
    expect(await words(denied)).toContain('Undone');
  });

  it('brings back what was deleted, where nothing went along', async () => {
    await run('prompts add Gone prompt_text="You help."');
    const asked = await run('delete the prompt Gone');
    expect(asked).toMatchObject({
      type: 'confirm',
      text: expect.stringContaining('Delete the system prompt'),
    });
    const undo = (await undoOf(asked?.type === 'confirm' ? (asked.buttons[0]?.line ?? '') : '')) ?? '';
    expect(await words('prompts show Gone')).toContain('There is no system prompt');
    expect(await words(undo)).toContain('Undone');
    expect(await words('prompts show Gone')).toContain('You help.');
  });

  it('makes a model the default, and undoes that for both models', async () => {
    await run('models add one provider=openai');
    await run('models add two provider=openai');
    await run('models set-default one');
    const undo = (await undoOf('models set-default two')) ?? '';
    expect(await words('models show two')).toContain('| Default | yes |');
    expect(await words(undo)).toContain('Undone');
    expect(await words('models show one')).toContain('| Default | yes |');
  });
});

describe('a command that lacks something', () => {
  it('opens the form with what was given filled in', async () => {
    expect(await run('prompts add name=Half status=Testing')).toMatchObject({
      type: 'form',
      errors: { prompt_text: ['Write the prompt, or name a file.'] },
    });
    const answer = await run('grants add role=viewer');
    expect(answer).toMatchObject({
      type: 'form',
      asked: { path: 'grants' },
      values: { role: 'viewer' },
      text: expect.stringContaining('Still needed: To.'),
    });
  });

  it('names what is wrong at its field, and keeps the rest', async () => {
    expect(await run('models add wrong provider=openai warmth=1')).toMatchObject({
      type: 'form',
      values: { name: 'wrong' },
      errors: { warmth: [expect.stringContaining('There is no such field. There are name,')] },
    });
    expect(await run('models add wrong provider=openai temperature=9')).toMatchObject({
      type: 'form',
      errors: { temperature: ['At most 2.'] },
    });
  });

  it('asks which one is meant where several are, and where none is named', async () => {
    await run('grants add role=viewer principal=group:sre');
    await run('grants add role=operator principal=group:sre');
    const answer = await run('grants delete group:sre');
    expect(answer).toMatchObject({ type: 'text', text: expect.stringContaining('Which one?') });
    expect(answer?.type === 'text' ? answer.buttons.map(({ label }) => label) : []).toHaveLength(2);
    expect(await words('models delete')).toContain('Which LLM model?');
  });
});

describe('a list', () => {
  it('takes what is chosen in any letters', async () => {
    await run('prompts add Listed prompt_text="You help."');
    expect(await words('prompts list status=approved name=Listed')).toContain('Listed');
    await run('models add listed provider=OpenAI');
    expect(await words('models list provider=OPENAI name=listed')).toContain('Provider: openai');
  });

  it('shows its last page where there are no more', async () => {
    expect(await words('prompts list name=Listed page=9')).toMatch(/🟢 Listed/);
  });
});

describe('what is shown of a thing', () => {
  it('has units, the labels of choices, and nothing twice', async () => {
    await run('models add shown provider=openai');
    expect(await words('models show shown')).toContain('| Cache time | 300 s |');
    expect(await words('models edit shown cache_ttl=600')).toContain('Cache time: `300 s` → `600 s`');
    await run('servers add shown url=http://up.test');
    const server = await words('servers show shown');
    expect(server.match(/Healthy|Unhealthy/g)).toHaveLength(1);
    expect(server.match(/\d{4}-\d\d-\d\d/g)?.length ?? 0).toBeLessThan(2);
    const schedule = 'schedules add name=nightly kind=report cron="0 3 * * *" target=web:ops';
    const made = await run(schedule);
    expect(wordsOf(made)).not.toMatch(/next message|Flaps|Confirmations/);
    expect(JSON.stringify(made)).toContain('Run now');
    expect(await words('schedules show nightly')).toMatch(/Kind \| Health report[\s\S]*Run once, late/);
    expect(await words('schedules')).toContain('Kind: Health report');
  });

  it('a schedule says how it stands, and when it runs first and next', async () => {
    const made = 'schedules add name=hourly kind=report cron="0 * * * *" target=web:ops';
    expect(await words(made)).toContain('It runs first on Tue, 1 Dec 2026, 08:00 UTC');
    expect(await words('schedules')).toContain('🟢');
    await run('schedules disable hourly');
    expect(await words('schedules')).toContain('⚪');
    expect(await words('schedules enable hourly')).toContain('It runs next on');
  });
});

describe('a layer of middleware', () => {
  it('lies where its type recommends it unless a line says where', async () => {
    await run('models add layered provider=openai');
    expect(await words('middleware add model=layered type=modelcalllimitmiddleware')).toContain(
      'Priority: `5`',
    );
    await run('middleware delete "ModelCallLimitMiddleware on layered" confirm=yes');
    expect(await words('middleware add model=layered type=ModelCallLimitMiddleware priority=7')).toContain(
      'Priority: `7`',
    );
  });

  it('is found by a part of its name, and says at once what keeps it from working', async () => {
    const said = await words('middleware add model=layered type=TodoListMiddleware');
    expect(said).toContain('⚠️ There is no middleware of this type; it is left out.');
    expect(await words('middleware show TodoList')).toContain(
      'Did you mean `middleware show "TodoListMiddleware on layered"`?',
    );
    expect(await words('middleware edit "TodoListMiddleware on layered" type=ModelCallLimit')).toContain(
      'type=ModelCallLimitMiddleware',
    );
  });

  it('that stood in the place of a default one says that it is there again, before and after', async () => {
    await run('models add standing provider=openai');
    for (const type of ['RetryMiddleware', 'ModelCallLimitMiddleware'])
      await run(`middleware add model=standing type=${type}`);
    const line = 'middleware delete "RetryMiddleware on standing"';
    const again = 'In its place standing has the default RetryMiddleware again, at priority 60.';
    const asked = await words(line);
    for (const said of [again, 'For none at all, disable it instead.']) expect(asked).toContain(said);
    await run('middleware disable "RetryMiddleware on standing"');
    expect(await words(line)).toContain('For none at all, leave it as it is, disabled.');
    expect(await words(`${line} confirm=yes`)).toContain(`is deleted. ${again}`);
    const other = 'middleware delete "ModelCallLimitMiddleware on standing"';
    for (const said of [await words(other), await words(`${other} confirm=yes`)])
      expect(said).not.toContain('In its place');
    await run('models edit standing default_layers=no');
    await run('middleware add model=standing type=RetryMiddleware');
    expect(await words(`${line} confirm=yes`)).not.toContain('In its place');
  });

  it('has options that are listed, each with its default', async () => {
    expect(await words('middleware-types options ModelCallLimitMiddleware')).toMatch(
      /\| `run_limit` \| `25` \|/,
    );
  });
});

describe('words that are not right', () => {
  it.each([
    ['models ad wrong provider=openai', 'models add wrong provider=openai'],
    ['models gpt-4o delte', 'models delete gpt-4o'],
    ['modles edt gpt-4i temprature=1', 'models edit gpt-4o temperature=1'],
    ['models edit gpt-4o temprature=1', 'models edit gpt-4o temperature=1'],
    ['models add wrong provider=opnai', 'models add wrong provider=openai'],
    ['models list enabeld=yes', 'models list is_enabled=yes'],
    ['servers add web2 protocol=stdoi command=x', 'servers add web2 protocol=stdio command=x'],
    ['dissable model gpt-4i', 'models disable gpt-4o'],
    ['models add gpt-5 openai', 'models add gpt-5 llm_provider=openai'],
    ['new model gpt-5 with provider openai', 'models add gpt-5 llm_provider=openai'],
    ['prompts add Night shift prompt_text=x', 'prompts add "Night shift" prompt_text=x'],
    ['servers add web2 http://up.test', 'servers add web2 url=http://up.test'],
    ['grants add operator slack:T1:UALICE', 'grants add slack:T1:UALICE role=operator'],
    ['delete gpt-4o', 'models delete gpt-4o'],
  ])('%s: the whole line is offered', async (line, meant) => {
    const before = await at.everything();
    const answer = await run(line);
    expect(answer).toMatchObject({ type: 'text', buttons: [{ label: meant, line: meant }] });
    expect(await at.everything()).toBe(before);
  });

  it('get a suggestion', async () => {
    expect(await words('modles')).toContain('Did you mean `models`?');
    expect(await words('models show gpt-4i')).toContain('Did you mean `models show gpt-4o`?');
    expect(await words('models delte gpt-4o')).toContain('Did you mean `models delete gpt-4o`?');
    expect(await words('settings delete timezone')).toContain('Settings have no `delete`');
  });

  it('that hold a key are refused, and not repeated', async () => {
    const key = 'sk-abcdefghijklmnopqrstuvwx';
    const said = await words(`models edit gpt-4o description=${key}`);
    expect(said).toContain('looks like a key');
    expect(said).not.toContain(key);
    await expect(
      at.admin.send({ asked: { path: 'llm-models' }, values: { name: 'k', description: key } }, ada),
    ).rejects.toBeInstanceOf(InvalidError);
  });
});

describe('a kind and a verb that there is not', () => {
  it.each([
    ['models frobnicate gpt-4o', 'frobnicate'],
    ['models gpt-4o frobnicate', 'frobnicate'],
    ['models frobnicate gpt-4i', 'frobnicate'],
    ['models frobnicate gpt-4o temperature=1', 'frobnicate'],
  ])('“%s” gets the verbs, and what was perhaps meant one press away', async (line, verb) => {
    const answer = await run(line);
    const said = wordsOf(answer);
    expect(answer).toMatchObject({ type: 'text', isPublic: false });
    expect(said).toContain(`LLM models have no \`${verb}\`.`);
    for (const known of ['`list`', '`show`', '`delete`', '`set-default`']) expect(said).toContain(known);
    expect(said).toContain('Did you mean `models show gpt-4o`');
    const [first] = answer?.type === 'text' ? answer.buttons : [];
    expect(await words(first?.line ?? '')).toContain('**gpt-4o');
  });

  it('gets help where it names nothing either, and a single word is a name', async () => {
    expect(await words('servers frobnicate wildly')).toContain('Did you mean `help servers`?');
    expect(await words('servers frobnicate')).toMatch(/There is no MCP server `frobnicate`.*`help servers`/);
  });

  it('offers nothing that the person may not do', async () => {
    const answer = await run('models frobnicate gpt-4o', viewer);
    expect(wordsOf(answer)).toContain('There is `list`, `show`');
    expect(JSON.stringify(answer)).not.toMatch(/edit|delete|set-default|`add`/);
    expect(JSON.stringify(await run('models delte gpt-4o', viewer))).not.toContain('models delete');
    expect(await words('models frobnicate gpt-4o', stranger)).toContain('You may not do that');
  });

  it.each([
    'models are slow today, why?',
    'models slow, again',
    'servers of db1 were down',
    "models don't answer",
    'servers down?',
    'models from the other team gone since monday morning',
  ])('“%s” is a question all the same', async (line) => {
    expect(await words(line)).toBe('(talk)');
    expect(await words(line, stranger)).toBe('(talk)');
  });
});

describe('what somebody may not do', () => {
  it('is not offered, and asking gets the name of who can grant it', async () => {
    const list = await run('models', viewer);
    expect(JSON.stringify(list)).not.toMatch(/Edit|Delete|Add LLM/);
    const said = await words('models delete gpt-4o', viewer);
    expect(said).toContain('ai_ops.delete_llmmodel');
    expect(said).toContain('Ask Bob (slack:T1:UBOB)');
    expect(await words('roles', stranger)).toContain('You may not do that');
    expect(await words('help', viewer)).not.toContain('`roles`');
  });
});

describe('a message', () => {
  const hear = async (text: string, by = ada) => wordsOf(await at.admin.hear(text, by));
  it.each([
    'stop the deployment',
    'delete the model gpt-4o',
    'models are slow',
    'servers show errors',
    'why are the models slow?',
    'models show nothing-like-it',
    'roles add value',
    'prompts host',
    'model',
    'models delete gpt-4o now',
    'models edit gpt-4o temprature=1',
    'we should disable servers web',
  ])('“%s” is talk', async (text) => {
    expect(await hear(text)).toBe('(talk)');
  });

  it.each([
    ['models', 'LLM models'],
    ['Models list', 'LLM models'],
    ['models show gpt-4o', '**gpt-4o**'],
    ['models edit gpt-4o temperature=0.25', '0.25'],
    ['models delete gpt-4o', 'Delete the LLM model'],
    ['llm-models test gpt-4o', 'It answered'],
    ['help models', 'LLM models'],
    ['usage', 'period'],
  ])('“%s” is a command', async (text, said) => {
    expect(await hear(text)).toContain(said);
  });
});

describe('an answer', () => {
  it('is private unless it is to be shown, and what is shown once always is', async () => {
    expect(await run('models')).toMatchObject({ isPublic: false });
    expect(await run('models public')).toMatchObject({ isPublic: true });
    expect(await run('models delete gpt-4o share')).toMatchObject({ type: 'confirm', isPublic: false });
    const token = await run('tokens add ci permissions=chat public');
    expect(token).toMatchObject({ isPublic: false, text: expect.stringContaining('shown this once') });
  });
});

describe('a form that was sent', () => {
  it('shows what changes before it is saved', async () => {
    await run('models add m-form provider=openai');
    const { form, revision } = await at.desk.form('llm-models', ada, 'm-form');
    expect(form.title).toBe('m-form');
    const { rows } = await at.desk.board('llm-models', ada, { limit: 5, offset: 0, words: 'm-form' });
    const asked = { path: 'llm-models', id: rows[0]?.id ?? '' };
    const sent = { asked, values: { temperature: 0.75 }, ...(revision === undefined ? {} : { revision }) };
    const check = await at.admin.send(sent, ada);
    expect(check).toMatchObject({ type: 'check', text: expect.stringContaining('`0` → `0.75`') });
    expect(await words('models show m-form')).not.toContain('0.75');
    if (check.type !== 'check') throw new Error('no check');
    const again = { ...sent, seen: check.seen };
    await run('models edit m-form description=meanwhile');
    const stale = await at.admin.send(again, ada);
    expect(stale).toMatchObject({ type: 'check', text: expect.stringContaining('Somebody changed it') });
    if (stale.type !== 'check' || stale.revision === undefined) throw new Error('no check');
    const last = await at.admin.send({ ...sent, seen: stale.seen, revision: stale.revision }, ada);
    expect(last).toMatchObject({ type: 'answer', answer: { text: expect.stringContaining('is changed') } });
  });

  it('can be tried before it is saved, and a broken one is saved disabled', async () => {
    const asked = { path: 'llm-models' };
    const values = { name: 'm-try', llm_provider: 'openai' };
    expect(await at.admin.tryOut({ asked, values }, ada)).toMatchObject({ ok: true });
    expect(await words('models show m-try')).toContain('There is no LLM model');
    await expect(at.admin.tryOut({ asked, values: {} }, ada)).rejects.toBeInstanceOf(InvalidError);
    expect(await words('models add m-try provider=openai enabled=no')).toContain('is made');
  });
});
