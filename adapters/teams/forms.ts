import { askedFields, decidingFields, hintOf, valueIn } from '../../src/chat/asked-fields.ts';
import type { AskerQuestion } from '../../src/chat/bot.ts';
import { clipped } from '../../src/chat/clipped.ts';
import type { FieldErrors, Form, FormField } from '../../src/chat/form.ts';
import { isRecord, type Json, textOf } from '../../src/chat/json.ts';
import type { ApprovalCard } from '../../src/chat/reply.ts';
import { elementsOf, packed } from './card-elements.ts';
import { cardOf, type Dialog, dialogOf, plainBlock, quiet, richBlock, run } from './card-parts.ts';
import { filledOf, inputId, isManyOf, typedIn } from './filled.ts';
import { clockOf, input, written } from './form-inputs.ts';
import { bytesOfCard, sizes } from './sizes.ts';
import { verbs } from './verbs.ts';

/** What a dialog remembers of itself. It comes back from outside: nothing in it is believed. */
export interface FormPlace {
  readonly path: string;
  readonly id?: string;
  readonly action?: string;
  readonly revision?: string;
  /** Of the change that it shows. */
  readonly seen?: string;
  /** Under which is kept what was written and does not fit the dialog. */
  readonly kept?: string;
}

/** How far a form is filled in. */
export interface FormState {
  /** What is filled in already, by field. */
  readonly values?: Json;
  /** A submitted dialog, to be drawn again with all that was written into it; wins over `values`. */
  readonly data?: Json;
  readonly errors?: FieldErrors;
  /** Markdown above the fields. */
  readonly notice?: string;
  /** Offers to try what it says before it is saved. */
  readonly canTry?: boolean;
}

const optionalParts = ['id', 'action', 'revision', 'seen', 'kept'] as const;

/** The place that a submitted dialog names; undefined where it names none. */
export function placeIn(data: Json): FormPlace | undefined {
  const { place } = data;
  if (!isRecord(place) || textOf(place.path) === '') return undefined;
  const rest = optionalParts.flatMap((key) => (textOf(place[key]) === '' ? [] : [[key, textOf(place[key])]]));
  return { path: textOf(place.path), ...Object.fromEntries(rest) };
}

/** A dialog, and what was written into it that it has no room for: by the ids of the inputs. */
export interface DrawnForm {
  readonly dialog: Dialog;
  readonly unshown: Readonly<Record<string, string>>;
}

/**
 * A neutral form as a dialog. Its inputs are checked where it is received, so that what is wrong stands at
 * its field and nothing that was written is lost.
 */
export function drawForm(form: Form, place: FormPlace, state: FormState = {}): DrawnForm {
  const submit = { verb: verbs.submitForm, place };
  const { card, unshown } = formCard({ form, state, submit, title: submitOf(form, place), keeps: true });
  return {
    dialog: dialogOf(clipped(form.title, 60), card, { width: 'medium', height: 'large' }),
    unshown,
  };
}

/** A change is looked at before it is saved. */
function submitOf({ submit }: Form, { id, action, seen }: FormPlace): string {
  return id !== undefined && action === undefined && seen === undefined ? 'Review' : submit;
}

/** A form that a server asks the asker to fill in. */
export function needForm(
  { server, message, form }: Extract<AskerQuestion, { readonly type: 'form' }>,
  approvalId: string,
  state: FormState = {},
): Dialog {
  const intro = [
    richBlock([run(server, { weight: 'Bolder' }), run(` asks: ${clipped(message, 2000)}`)]),
    quiet(`What you write here goes to ${server}. Give it no password.`),
  ];
  const submit = { verb: verbs.submitNeed, approvalId };
  const { card } = formCard({ form, state, submit, intro, title: form.submit, keeps: false });
  return dialogOf(clipped(form.title, 60), card, { width: 'medium', height: 'large' });
}

/** The arguments of a call, to be changed. What is left out of it stays as it is. */
export function argumentsForm(
  { id: approvalId, tool }: Pick<ApprovalCard, 'id' | 'tool'>,
  form: Form,
  state: FormState = {},
): DrawnForm {
  const words = ' runs once, with exactly what stands here.';
  const intro = [richBlock([run(tool, { fontType: 'Monospace', weight: 'Bolder' }), run(words)])];
  const submit = { verb: verbs.submitEdit, approvalId };
  const { card, unshown } = formCard({ form, state, submit, intro, title: form.submit, keeps: true });
  return {
    dialog: dialogOf(clipped(form.title, 60), card, { width: 'medium', height: 'large' }),
    unshown,
  };
}

interface Drawn {
  readonly form: Form;
  readonly state: FormState;
  readonly submit: Json;
  /** Of the button that sends it. */
  readonly title: string;
  readonly intro?: readonly Json[];
  /** What was written and does not fit is kept elsewhere. */
  readonly keeps: boolean;
}

/** Leaves out what is least needed, the largest first, until the card is small enough. */
function formCard(drawn: Drawn): { readonly card: Json } & Pick<DrawnForm, 'unshown'> {
  const { form, state, keeps } = drawn;
  const values = { ...state.values, ...(state.data === undefined ? {} : filledOf(form, state.data).values) };
  const asked = askedFields(form, values);
  const needed = (field: FormField) => (field.isRequired || state.errors?.[field.name] !== undefined ? 1 : 0);
  const room = asked
    .filter((field) => (keeps ? weight(field, { drawn, values }) > least : needed(field) === 0))
    .sort((a, b) => needed(a) - needed(b) || weight(b, { drawn, values }) - weight(a, { drawn, values }));
  const left = new Set<FormField>();
  const draw = () => cardWithout(drawn, values, { asked, left });
  let card = draw();
  for (const field of room) {
    if (bytesOfCard(card) <= sizes.card) break;
    left.add(field);
    card = draw();
  }
  const unshown = [...left]
    .filter((field) => isWritten(field, state))
    .map((field) => [inputId(field.name), shownIn(field, state, values)]);
  return { card, unshown: Object.fromEntries(unshown) };
}

/** A field of fewer bytes is worth its room. */
const least = 300;

function weight(
  field: FormField,
  { drawn, values }: { readonly drawn: Drawn; readonly values: Json },
): number {
  return JSON.stringify([field, shownIn(field, drawn.state, values)]).length;
}

/** Whether somebody filled it in, now or by what they said before. */
function isWritten({ name }: FormField, { data = {}, values = {} }: FormState): boolean {
  return typedIn(data, name) !== undefined || Object.hasOwn(values, name);
}

/** What its input holds: as it was typed, else as it is. */
function shownIn(field: FormField, { data }: FormState, values: Json): string {
  const typed = data === undefined ? undefined : typedIn(data, field.name);
  return typed ?? written(field, valueIn(field, values));
}

function cardWithout(
  { form, state, submit, title, intro = [], keeps }: Drawn,
  values: Json,
  { asked, left }: { readonly asked: readonly FormField[]; readonly left: ReadonlySet<FormField> },
): Json {
  const fields = asked.filter((field) => !left.has(field));
  const deciding = decidingFields(form);
  const shown = fields.map(({ name }) => name);
  const body = [
    ...intro,
    ...noticeElements(state.notice ?? ''),
    ...errorsOfNoField(state.errors ?? {}, form, shown),
    ...fields.flatMap((field) => [
      ...errorsAt(state.errors?.[field.name]),
      input(field, shownIn(field, state, values)),
      ...clockOf(field, shownIn(field, state, values)),
      ...hintBelow(field, deciding.has(field.name)),
    ]),
    ...leftOut([...left], keeps ? state : {}),
    ...(asked.length === 0 ? [quiet('There is nothing to fill in.')] : []),
  ];
  const button = (words: string, verb: string, more: Json = {}): Json => ({
    type: 'Action.Submit',
    title: clipped(words, 40),
    ...more,
    data: { ...submit, verb, redraw: textOf(submit.verb), shown },
  });
  const decides = fields.some(({ name }) => deciding.has(name));
  return cardOf(body, [
    button(title, textOf(submit.verb), { style: 'positive' }),
    ...(state.canTry === true ? [button('Test before saving', verbs.tryForm)] : []),
    ...(decides ? [button('Update the fields', verbs.redrawForm)] : []),
  ]);
}

const noticeBytes = 6000;

/** As much as leaves room for the fields. */
function noticeElements(notice: string): readonly Json[] {
  const [first = [], ...others] = packed(elementsOf(notice), noticeBytes);
  return others.length === 0 ? first : [...first, quiet('There is more of it.')];
}

function leftOut(left: readonly FormField[], state: FormState): readonly Json[] {
  const kept = left.filter((field) => isWritten(field, state));
  const others = left.filter((field) => !kept.includes(field));
  return [
    ...(kept.length === 0 ? [] : [quiet(`Too long to be shown here, and kept as it is: ${labelsOf(kept)}.`)]),
    ...(others.length === 0
      ? []
      : [quiet(`Not shown here, to be edited in the console: ${labelsOf(others)}.`)]),
  ];
}

function labelsOf(fields: readonly FormField[]): string {
  return clipped(fields.map(({ label }) => label).join(', '), 500);
}

function errorsAt(sentences: readonly string[] = []): readonly Json[] {
  return sentences.length === 0 ? [] : [red(sentences.join(' '))];
}

function red(text: string): Json {
  return plainBlock(clipped(text, 1000), { color: 'Attention', weight: 'Bolder' });
}

/** What is wrong with something that the dialog does not show stands above it. */
function errorsOfNoField(errors: FieldErrors, form: Form, shown: readonly string[]): readonly Json[] {
  const labels = new Map(form.fields.map(({ name, label }) => [name, label]));
  return Object.entries(errors)
    .filter(([name]) => !shown.includes(name))
    .map(([name, sentences]) => red(`${labels.get(name) ?? name}: ${sentences.join(' ')}`));
}

function hintBelow(field: FormField, decides: boolean): readonly Json[] {
  const more = decides ? 'Other fields depend on it: press “Update the fields” after a change.' : '';
  const own = isManyOf(field) ? field.help : hintOf(field);
  const hint = [own, more].filter((words) => words !== '').join(' ');
  return hint === '' ? [] : [quiet(clipped(hint, 500))];
}
