import { describe, expect, it } from 'vitest';
import { answerDialog, answerMessages, drawAnswer, opensForm } from '../../../adapters/teams/admin-cards.ts';
import { inputId } from '../../../adapters/teams/filled.ts';
import { drawForm, type FormPlace } from '../../../adapters/teams/forms.ts';
import { bytesOfCard } from '../../../adapters/teams/sizes.ts';
import { createTrying } from '../../../adapters/teams/trying.ts';
import { verbs } from '../../../adapters/teams/verbs.ts';
import { type AdminAnswer, type Button, say } from '../../../src/chat/admin/answer.ts';
import type { Form } from '../../../src/chat/form.ts';
import { at, isRecord, type Json, records } from '../../../src/chat/json.ts';
import { lineOf } from '../../../src/chat/line.ts';
import { strictlyCheckCard, strictlyCheckMessage } from './card-check.ts';

const id = '00000000-0000-4000-8000-000000000000';
const undo = `undo ${id}`;

function whole(answer: AdminAnswer): readonly Json[] {
  for (const message of answerMessages(answer)) strictlyCheckMessage(message);
  const { content } = answerDialog(answer).card;
  if (!isRecord(content)) throw new Error('A dialog has a card.');
  strictlyCheckCard(content);
  for (const card of [...drawAnswer(answer), content]) expect(bytesOfCard(card)).toBeLessThan(25_000);
  return drawAnswer(answer);
}

const listOf = (rows: number, facts: number, text: string, buttons: readonly Button[]): AdminAnswer => ({
  type: 'list',
  title: 'LLM models',
  rows: Array.from({ length: rows }, (_unused, n) => ({
    icon: '🟢',
    title: `Model ${n}`,
    facts: Array.from({ length: facts }, (_none, m) => ({ label: `Fact ${m}`, text })),
    buttons,
  })),
  note: '10 models, page 1 of 3',
  buttons: [{ label: 'More', line: 'models list page=2' }],
  isPublic: false,
});

const deeds = ['Show', 'Edit', 'Test', 'Disable', 'Delete', 'Other', 'Last'];
const buttons = deeds.map((label) => ({ label, line: `models ${label.toLowerCase()} ${id}` }));

describe('a card of administration', () => {
  it('runs lines by its buttons, and opens forms at once', () => {
    const answer = say('**Done.**', [
      { label: 'Undo', line: undo },
      { label: 'Test', line: `models test ${id}` },
      { label: 'Edit', line: `models edit ${id}` },
      { label: 'Delete', line: 'models delete x confirm=yes', style: 'danger' },
    ]);
    const [first, test, edit, remove] = records(whole(answer)[0]?.actions);
    expect(first).toMatchObject({ type: 'Action.Execute', verb: verbs.runLine, data: { line: undo } });
    expect(at(first, 'fallback', 'data')).toEqual({ line: undo, verb: verbs.runLine });
    expect(test?.data).toEqual({ line: `models test ${id}`, undo });
    expect(edit?.data).toMatchObject({ verb: verbs.runLine, msteams: { type: 'task/fetch' } });
    expect(remove?.style).toBe('destructive');
  });

  it.each([
    ['models add', true],
    ['models add provider=openai form=yes', true],
    [`models edit ${id}`, true],
    ['models edit x temperature=1', false],
    ['models delete x confirm=yes', false],
    ['models add name=x provider=y', false],
  ])('“%s” asks for a form whatever there is: %s', (line, expected) => {
    expect(opensForm(line)).toBe(expected);
  });

  it('is one of several where one is too small, and loses nothing', () => {
    const words = Array.from({ length: 3000 }, (_unused, n) => `wörd${n}`);
    const text = [words.slice(0, 1500), words.slice(1500)].map((half) => half.join(' ')).join('\n\n');
    const code = `\`\`\`\n${'日本語 '.repeat(4000)}\n\`\`\``;
    const cards = whole(say(`${text}\n\n${code}`, buttons));
    expect(cards.length).toBeGreaterThan(2);
    for (const word of words) expect(JSON.stringify(cards)).toContain(word);
    expect(cards.flatMap(({ actions }) => records(actions))).toHaveLength(buttons.length);
    expect(records(cards.at(-1)?.actions)).toHaveLength(buttons.length);
  });

  it('holds many buttons behind “…”, and none that is too long', () => {
    const many = Array.from({ length: 40 }, (_unused, n) => ({ label: `B${n}`, line: `models show ${n}` }));
    const actions = records(whole(say('Which?', many))[0]?.actions);
    expect(actions).toHaveLength(20);
    expect(actions.filter(({ mode }) => mode !== 'secondary')).toHaveLength(5);
    expect(whole(say('Which?', [{ label: 'x', line: `models show ${'日'.repeat(2000)}` }]))[0]?.actions).toBe(
      undefined,
    );
  });

  it('offers an empty form where what was given is too long for a button', () => {
    const form = (line: string): AdminAnswer => ({
      type: 'form',
      asked: { path: 'system-prompts' },
      values: {},
      errors: {},
      text: 'New',
      button: { label: 'Open the form', line, style: 'primary' },
      isPublic: false,
    });
    expect(JSON.stringify(whole(form('prompts add name=x form=yes')))).toContain('name=x');
    const long = JSON.stringify(whole(form(`prompts add prompt_text=${'日'.repeat(5000)} form=yes`)));
    expect(long).toContain('Open an empty form');
    expect(long).toContain('system-prompts add form=yes');
  });
});

describe('a list', () => {
  it('shows each row with its icon, its facts and what can be done with it', () => {
    const [card] = whole(listOf(2, 2, 'yes', buttons));
    const rows = records(
      at(
        records(card?.body).find(({ type }) => type === 'Table'),
        'rows',
      ),
    );
    expect(rows).toHaveLength(2);
    for (const words of ['🟢', 'Model 1', 'Fact 1: yes', ...deeds])
      expect(JSON.stringify(rows[1])).toContain(words);
    expect(JSON.stringify(card)).toContain('page 1 of 3');
  });

  it.each([
    ['of usual rows', 10, 8, 'a usual text'],
    ['of long rows', 10, 20, 'x'.repeat(300)],
    ['of wide characters', 10, 30, '日'.repeat(300)],
    ['of far too many rows', 200, 30, '🟢'.repeat(300)],
  ])('%s fits one card, with the first thing that can be done with each', (_name, count, facts, text) => {
    const [card] = whole(listOf(count, facts, text, buttons));
    const rows = records(
      at(
        records(card?.body).find(({ type }) => type === 'Table'),
        'rows',
      ),
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(JSON.stringify(row)).toContain('models show');
    if (rows.length < count) expect(JSON.stringify(card)).toContain(`the first ${rows.length} of this page`);
  });

  it('of nothing says so', () => {
    expect(JSON.stringify(whole(listOf(0, 0, '', [])))).toContain('page 1 of 3');
  });
});

describe('a form that is tried and sent', () => {
  const text = { type: 'paragraph' } as const;
  const field = (name: string, isRequired: boolean) => ({
    ...{ name, label: name, help: '', widget: text, isRequired, isNullable: false, isReadOnly: false },
  });
  const form: Form = { title: 'New', submit: 'Create', fields: [field('name', true), field('text', true)] };
  const place: FormPlace = { path: 'system-prompts' };

  it('gives back what was written and does not fit, even where it is needed', () => {
    const long = 'word '.repeat(10_000);
    const data = { [inputId('name')]: 'x', [inputId('text')]: long };
    const { dialog, unshown } = drawForm(form, place, { data, notice: '- a\n'.repeat(9000), canTry: true });
    const { content } = dialog.card;
    if (!isRecord(content)) throw new Error('A dialog has a card.');
    strictlyCheckCard(content);
    expect(bytesOfCard(content)).toBeLessThan(25_000);
    expect(unshown).toEqual({ [inputId('text')]: long });
    expect(JSON.stringify(content)).toContain('kept as it is: text');
    expect(records(content.actions).map(({ title }) => title)).toEqual(['Create', 'Test before saving']);
  });

  it('is reviewed before it changes something', () => {
    const titleOf = (more: Partial<FormPlace>) =>
      records(at(drawForm(form, { ...place, ...more }).dialog.card, 'content', 'actions'))[0]?.title;
    expect(titleOf({})).toBe('Create');
    expect(titleOf({ id })).toBe('Review');
    expect(titleOf({ id, seen: 'x' })).toBe('Create');
    expect(titleOf({ id, action: 'preview' })).toBe('Create');
  });

  it('is tried once, however long that takes', async () => {
    const { promise, resolve } = Promise.withResolvers<{ ok: boolean; message: string }>();
    let tries = 0;
    const tryOut = async () => {
      tries += 1;
      return await promise;
    };
    const trying = createTrying({ tryOut }, 5);
    const person = {
      ...{ tenant: 't', aadObjectId: 'a', userId: '29:a', author: { principal: 'teams:t:a', name: 'A' } },
      ...{ permissions: new Set(['chat']), source: 'teams' },
    };
    const sent = { asked: { path: 'llm-models' }, values: { name: 'x' } };
    expect(await trying.words(sent, person)).toContain('still being tested');
    expect(await trying.words(sent, person)).toContain('still being tested');
    resolve({ ok: false, message: 'Refused.' });
    expect(await trying.words(sent, person)).toContain('❌ Refused.');
    expect(tries).toBe(1);
    expect(await trying.words(sent, person)).toContain('❌ Refused.');
    expect(tries).toBe(2);
  });
});

describe('a message', () => {
  it.each([
    ['models', { text: 'models', isCommand: false }],
    ['/aiops modles', { text: 'modles', isCommand: true }],
    ['  /AIOPS\n models add\nprompt', { text: 'models add\nprompt', isCommand: true }],
    ['/aiops', { text: 'help', isCommand: true }],
    ['/aiops health', { text: 'status', isCommand: true }],
    ['/aiops ask why?', { text: 'why?', isCommand: false }],
    ['/aiops run host__disk', { text: 'run host__disk', isCommand: false }],
    ['/aiopsish', { text: '/aiopsish', isCommand: false }],
    ['see /aiops models', { text: 'see /aiops models', isCommand: false }],
  ])('“%s” is read', (text, said) => {
    expect(lineOf(text)).toEqual(said);
  });
});
