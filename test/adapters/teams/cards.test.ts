import { describe, expect, it } from 'vitest';
import {
  approvalCard,
  approvalIn,
  approvalMessage,
  detailsDialog,
  needDialog,
} from '../../../adapters/teams/approval-cards.ts';
import { type Dialog, sayingDialog } from '../../../adapters/teams/card-parts.ts';
import { filledOf, inputId } from '../../../adapters/teams/filled.ts';
import { drawForm, type FormPlace, type FormState, placeIn } from '../../../adapters/teams/forms.ts';
import { verbs } from '../../../adapters/teams/verbs.ts';
import { privateNotice, welcomeMessage } from '../../../adapters/teams/welcome.ts';
import type { Form, FormField } from '../../../src/chat/form.ts';
import { at, isRecord, type Json, records, textOf } from '../../../src/chat/json.ts';
import type { ApprovalCard } from '../../../src/chat/reply.ts';
import { strictlyCheckCard, strictlyCheckMessage } from './card-check.ts';

const call: ApprovalCard = {
  id: 'a-1',
  tool: 'host__restart',
  effect: 'write',
  arguments: '{\n  "service": "nginx"\n}',
  askedBy: 'Alice *Ops*',
  state: 'pending',
  expiresAt: '2027-01-01T00:00:00.000Z',
};

function checked(dialog: Dialog): Json {
  const { content } = dialog.card;
  if (!isRecord(content)) throw new Error('A dialog has a card.');
  strictlyCheckCard(content);
  expect(dialog.title).not.toBe('');
  return content;
}

describe('an approval', () => {
  it('can be approved, denied with a reason, and looked at, each by its id alone', () => {
    const card = approvalCard(call);
    strictlyCheckCard(card);
    const [approve, deny, details] = records(card.actions);
    expect(approve).toMatchObject({ verb: verbs.approve, data: { approvalId: 'a-1' } });
    expect(at(approve, 'fallback', 'data')).toEqual({ approvalId: 'a-1', verb: verbs.approve });
    expect(records(at(deny, 'card', 'body'))).toMatchObject([{ type: 'Input.Text', id: 'reason' }]);
    expect(records(at(deny, 'card', 'actions'))).toMatchObject([{ verb: verbs.deny }]);
    expect(details?.data).toMatchObject({ verb: verbs.details, msteams: { type: 'task/fetch' } });
    expect(approvalIn(approvalMessage(call))).toBe('a-1');
  });

  it.each(['approved', 'denied', 'expired', 'cancelled'] as const)('has no buttons once %s', (state) => {
    for (const kind of ['approval', 'form', 'link', 'sign_in'] as const) {
      const card = approvalCard({ ...call, kind, state, decidedBy: 'Bob', reason: 'too late' });
      strictlyCheckCard(card);
      expect(card.actions).toBeUndefined();
      expect(JSON.stringify(card)).toContain('by Bob');
    }
  });

  it('cuts a long call, of which the dialog shows all that a card can hold', () => {
    const long = { ...call, arguments: JSON.stringify({ text: 'word '.repeat(1200) }, null, 2) };
    strictlyCheckMessage(approvalMessage(long));
    expect(JSON.stringify(approvalCard(long))).toContain('Cut here');
    expect(JSON.stringify(checked(detailsDialog(long)))).not.toContain('the console');
    const huge = { ...call, arguments: '\u4e00'.repeat(100_000) };
    expect(JSON.stringify(checked(detailsDialog(huge)))).toMatch(/\d+ characters more/);
  });

  it('keeps Details once decided where it was cut, which show what was changed', () => {
    const text = 'word '.repeat(1200);
    const decided: ApprovalCard = {
      ...call,
      state: 'approved',
      arguments: JSON.stringify({ mode: 'before', text }, null, 2),
      edited: JSON.stringify({ mode: 'after', text }, null, 2),
    };
    const card = approvalCard(decided);
    strictlyCheckCard(card);
    expect(records(card.actions)).toMatchObject([{ data: { verb: verbs.details } }]);
    const words = JSON.stringify(checked(detailsDialog(decided)));
    for (const part of ['after', '- mode: ', '+ mode: ']) expect(words).toContain(part);
  });

  it('tells the asker alone what a server asks, and opens nothing but web pages', () => {
    const link = {
      type: 'link',
      server: 's',
      message: '**m**',
      url: 'https://a.example/x',
      host: 'a.example',
    } as const;
    expect(records(checked(needDialog(link, 'a-1')).actions)).toMatchObject([
      { type: 'Action.OpenUrl', url: link.url },
      { data: { verb: verbs.needDone, approvalId: 'a-1' } },
    ]);
    for (const url of ['javascript:alert(1)', undefined]) {
      const signIn = { type: 'sign_in', server: 's', ...(url === undefined ? {} : { url }) } as const;
      expect(checked(needDialog(signIn, 'a-1')).actions).toBeUndefined();
    }
    const form: Form = { title: 'Ticket', submit: 'Send', fields: [field('ticket', {})] };
    const asked = checked(needDialog({ type: 'form', server: 's', message: 'm', form }, 'a-1'));
    expect(records(asked.actions)).toMatchObject([{ data: { verb: verbs.submitNeed, approvalId: 'a-1' } }]);
    checked(sayingDialog('Saved', 'It takes effect at the next message.'));
  });
});

function field(name: string, more: Partial<FormField>): FormField {
  return {
    name,
    label: name,
    help: '',
    widget: { type: 'text' },
    isRequired: false,
    isNullable: true,
    isReadOnly: false,
    ...more,
  };
}

const choices = [
  { value: 'none', label: 'None' },
  { value: 'oauth', label: 'OAuth' },
];

const form: Form = {
  title: 'Server',
  submit: 'Save',
  fields: [
    field('name', { isRequired: true, value: 'k8s' }),
    field('verb', { widget: { type: 'paragraph' } }),
    field('count', { widget: { type: 'number', isInteger: true, min: 1, unit: 's' }, value: 3 }),
    field('on', { widget: { type: 'switch' }, value: true }),
    field('auth', { widget: { type: 'choice', choices }, value: 'none' }),
    field('client', { shownWhen: { field: 'auth', in: ['oauth'] }, isRequired: true }),
    field('scopes', { widget: { type: 'texts', isClosed: true, choices }, value: ['none'] }),
    field('args', { widget: { type: 'texts' }, value: ['-a', '-b'] }),
    field('headers', { widget: { type: 'pairs' }, value: { a: 'b' } }),
    field('provider', { widget: { type: 'reference', resource: 'llm-providers' }, value: 'openai' }),
    field('model', { widget: { type: 'reference', resource: 'x', choices } }),
    field('key', { widget: { type: 'secret' } }),
    field('config', { widget: { type: 'json' }, value: { a: 1 } }),
    field('at', { widget: { type: 'time' } }),
    field('day', { widget: { type: 'text', format: 'date' }, value: '2027-01-31' }),
    field('mail', { widget: { type: 'text', format: 'email' } }),
    field('id', { isReadOnly: true, value: 'x' }),
  ],
};
const place: FormPlace = { path: 'mcp-servers', id: 'k8s', revision: '7' };

const drawn = (state?: FormState) => checked(drawForm(form, place, state).dialog);
const inputs = (card: Json) => records(card.body).filter(({ id }) => textOf(id).startsWith('field:'));

/** What a client sends when somebody presses a button and changes nothing, or this. */
function submitted(card: Json, changes: Json = {}, button = 0): Json {
  const values = inputs(card).map(({ id, value = '' }) => [id, String(value)]);
  const named = Object.entries(changes).map(([name, value]) => [inputId(name), value]);
  const data = records(card.actions)[button]?.data;
  return { ...Object.fromEntries([...values, ...named]), ...(isRecord(data) ? data : {}) };
}

describe('a form', () => {
  it('comes back as it was when nothing is changed', () => {
    const data = submitted(drawn());
    expect(data.verb).toBe(verbs.submitForm);
    expect(placeIn(data)).toEqual(place);
    expect(filledOf(form, data)).toEqual({
      errors: {},
      values: {
        name: 'k8s',
        verb: null,
        count: 3,
        on: true,
        auth: 'none',
        scopes: ['none'],
        args: ['-a', '-b'],
        headers: { a: 'b' },
        provider: 'openai',
        model: null,
        key: null,
        config: { a: 1 },
        at: null,
        day: '2027-01-31',
        mail: null,
      },
    });
  });

  it('reads what was changed, also where clients leave out what is empty', () => {
    const { [inputId('args')]: _left, ...data } = submitted(drawn(), {
      count: '4',
      on: 'false',
      scopes: 'none,oauth',
      model: 'oauth',
      provider: '∅',
      verb: 'mine',
    });
    expect(filledOf(form, data).values).toMatchObject({
      count: 4,
      on: false,
      scopes: ['none', 'oauth'],
      model: 'oauth',
      provider: null,
      verb: 'mine',
      args: [],
    });
  });

  it('shows what is wrong at its field and keeps what was written', () => {
    const data = submitted(drawn(), { config: '{ nope', count: 'many', name: ' ' });
    const { errors } = filledOf(form, data);
    expect(Object.keys(errors).sort()).toEqual(['config', 'count', 'name']);
    const again = drawn({ data, errors: { ...errors, client: ['Is needed.'] } });
    const body = records(again.body);
    for (const name of Object.keys(errors)) {
      const below = body.findIndex(({ id }) => id === inputId(name));
      expect(at(records(body[below - 1]?.inlines)[0], 'color')).toBe('Attention');
      expect(body[below]?.value).toBe(data[inputId(name)]);
    }
    expect(JSON.stringify(body[0])).toContain('client: Is needed.');
  });

  it('asks for fields that depend on another once it is drawn again', () => {
    const names = (card: Json) => inputs(card).map(({ id }) => id);
    expect(names(drawn())).not.toContain('field:client');
    const data = submitted(drawn(), { auth: 'oauth', verb: 'kept' }, 1);
    expect(data.verb).toBe(verbs.redrawForm);
    const again = drawn({ data });
    expect(names(again)).toContain('field:client');
    expect(inputs(again).find(({ id }) => id === 'field:verb')?.value).toBe('kept');
  });

  it('looks up what it refers to', () => {
    const lookup = inputs(drawn()).find(({ id }) => id === 'field:provider');
    expect(lookup?.['choices.data']).toEqual({ type: 'Data.Query', dataset: 'llm-providers' });
    expect(lookup?.value).toBe('openai');
  });

  it('leaves out the largest of what is not needed where a card cannot hold all, and says so', () => {
    const many = Array.from({ length: 40 }, (_unused, n) =>
      field(`f${n}`, {
        help: 'words '.repeat(20),
        isRequired: n === 0,
        value: n === 0 ? 'x'.repeat(3000) : 'y',
      }),
    );
    const big = field('big', { widget: { type: 'paragraph' }, value: 'z'.repeat(30_000) });
    const card = checked(drawForm({ ...form, fields: [big, ...many] }, place).dialog);
    expect(JSON.stringify(card)).toContain('to be edited in the console: big');
    const { values } = filledOf({ ...form, fields: [big, ...many] }, submitted(card));
    expect(Object.hasOwn(values, 'big')).toBe(false);
    expect(values.f0).toBe('x'.repeat(3000));
  });
});

describe('words of the bot', () => {
  it('welcomes with words to begin with where no mention is needed', () => {
    const welcome = (isPersonal: boolean) => {
      const message = welcomeMessage({ isPersonal });
      strictlyCheckMessage(message);
      const body = records(at(records(message.attachments)[0], 'content', 'body'));
      return body.flatMap(({ actions }) => records(actions));
    };
    expect(welcome(true).map(({ data }) => at(data, 'msteams', 'type'))).toEqual([
      'imBack',
      'imBack',
      'imBack',
    ]);
    expect(welcome(false)).toEqual([]);
  });

  it('says in one message what is for one person', () => {
    for (const words of ['Saved.', '| a |\n|---|\n| b |', 'word '.repeat(9000)])
      strictlyCheckMessage(privateNotice(words));
  });
});
