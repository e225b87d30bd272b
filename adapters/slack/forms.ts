import type { types } from '@slack/bolt';
import { askedFields, decidingFields, editableText, hintOf, valueIn } from '../../src/chat/asked-fields.ts';
import { clipped } from '../../src/chat/clipped.ts';
import type { Form, FormField } from '../../src/chat/form.ts';
import type { Json } from '../../src/chat/json.ts';
import { longestValue, lookup, selectable, selectInput } from './form-options.ts';
import { prose } from './mrkdwn.ts';

/** What a modal remembers of itself. It comes back from outside: nothing in it is believed. */
export interface FormPlace {
  readonly path: string;
  readonly id?: string;
  readonly action?: string;
  readonly revision?: string;
  /** Of the change that it shows. */
  readonly seen?: string;
  readonly channel: string;
  /** Where the outcome is told. */
  readonly respondTo?: string;
  /** What a line gave for fields that depend on others. */
  readonly given?: Json;
}

/** What a modal shows besides its fields. */
export interface FormLook {
  /** Markdown above the fields. */
  readonly notice?: string;
  /** Offers to try what it says before it is saved. */
  readonly canTry?: boolean;
}

/** The callback id of forms, and the action ids of fields that others depend on or that are looked up. */
export const formCallback = 'form';
export const decidingAction = 'form_decides';
export const choicePrefix = 'form_choices:';
export const tryAction = 'form_try';
export const secretAction = 'form_secrets';
export const principalAction = 'form_principals';

const longestText = 3000;
const secretHint = 'env:NAME, file:name or vault:mount/path#field';
const plain = (text: string, max: number) => ({
  type: 'plain_text' as const,
  text: clipped(text === '' ? ' ' : text, max),
});

/** A view while the form is being fetched: a trigger lives for 3 s only. */
export function loadingView(words = 'One moment…'): types.ModalView {
  return {
    type: 'modal',
    title: plain('AI Ops', 24),
    close: plain('Cancel', 24),
    blocks: [{ type: 'section', text: plain(words, 2900) }],
  };
}

/** Blocks of a view that are not fields. */
const besides = 8;

/** A neutral form as a modal. `values`: what is filled in already. */
export function formView(form: Form, place: FormPlace, values: Json = {}, look: FormLook = {}): Json {
  const fields = visibleFields(form, values);
  const deciding = decidingFields(form);
  return {
    type: 'modal',
    callback_id: formCallback,
    private_metadata: JSON.stringify(place),
    title: plain(form.title, 24),
    submit: plain(submitOf(form, place), 24),
    close: plain('Cancel', 24),
    blocks: [
      ...noticeBlocks(
        [look.notice ?? '', tooLongText(form, values)].filter((text) => text !== '').join('\n\n'),
      ),
      ...fields
        .slice(0, 100 - besides)
        .map((field) => block(field, valueIn(field, values), deciding.has(field.name))),
      ...(look.canTry === true ? [tryBlock] : []),
    ],
  };
}

/** A change is looked at before it is saved. */
function submitOf({ submit }: Form, { id, action, seen }: FormPlace): string {
  return id !== undefined && action === undefined && seen === undefined ? 'Review' : submit;
}

function noticeBlocks(notice: string): readonly Json[] {
  if (notice === '') return [];
  const blocks = prose(notice).slice(0, besides - 3);
  return [...blocks, { type: 'divider' }];
}

const tryBlock: Json = {
  type: 'actions',
  block_id: 'form:try',
  elements: [
    { type: 'button', action_id: tryAction, text: { type: 'plain_text', text: 'Test before saving' } },
  ],
};

/** The fields of a modal. What one of its inputs does not hold is edited elsewhere. */
function visibleFields(form: Form, values: Json): readonly FormField[] {
  return askedFields(form, values).filter((field) => !isTooMuch(field, values));
}

/** Of an id of a block. */
const longestName = 255;

function isTooMuch(field: FormField, values: Json): boolean {
  const { name, widget } = field;
  if (name === '' || name.length > longestName) return true;
  if (widget.type === 'choice' && selectable(widget.choices, '').length === 0) return true;
  return editableText(field, valueIn(field, values)).length > longestText;
}

/** Which fields are left out because Slack's inputs do not hold them. */
function tooLongText(form: Form, values: Json): string {
  const labels = askedFields(form, values).filter((field) => isTooMuch(field, values));
  if (labels.length === 0) return '';
  const names = labels.map(({ label }) => `*${label}*`).join(', ');
  return `${names}: too long for a form in Slack, so it stays as it is. Change it in the console.`;
}

function block(field: FormField, value: unknown, decides: boolean): Json {
  const hint = hintOf(field);
  const isOptional = !field.isRequired || field.widget.type === 'switch';
  return {
    type: 'input',
    block_id: field.name,
    optional: isOptional,
    ...(decides ? { dispatch_action: true } : {}),
    label: plain(field.label, 2000),
    ...(hint === '' ? {} : { hint: plain(hint, 2000) }),
    element: element(field, value, decides ? decidingAction : 'value'),
  };
}

function element(field: FormField, value: unknown, action: string): Json {
  const { widget } = field;
  switch (widget.type) {
    case 'text':
      return textInput(action, value, { max: widget.maxLength, placeholder: widget.placeholder });
    case 'secret':
      return String(value ?? '').length > longestValue
        ? textInput(action, value, { placeholder: secretHint })
        : lookup(secretAction, value, `Search, or write ${secretHint}`);
    case 'principal':
      return String(value ?? '').length > longestValue
        ? textInput(action, value, {})
        : lookup(principalAction, value, 'Search by name or e-mail, or write a principal');
    case 'place':
      return placeInput(action, value, widget.placeholder);
    case 'time':
      return timeInput(action, value);
    case 'paragraph':
      return textInput(action, value, { max: widget.maxLength, isLong: true });
    case 'texts':
    case 'pairs':
    case 'json':
      return textInput(action, editableText(field, value), { isLong: true });
    case 'number':
      return numberInput(action, widget, value);
    case 'switch':
      return switchInput(action, field.label, value === true);
    case 'choice':
      return selectInput(action, widget.choices, value);
    case 'reference':
      return widget.choices === undefined
        ? lookup(`${choicePrefix}${widget.resource}`, value)
        : selectInput(action, widget.choices, value);
    default:
      return widget satisfies never;
  }
}

/** A channel is chosen; what is another place is a text. */
function placeInput(action: string, value: unknown, placeholder: string | undefined): Json {
  const [platform, , channel = '', ...rest] = String(value ?? '').split(':');
  const isChannel = platform === 'slack' && rest.length === 0 && /^[CG][A-Z0-9]+$/.test(channel);
  if (value !== undefined && value !== null && value !== '' && !isChannel)
    return textInput(action, value, { placeholder });
  return {
    type: 'conversations_select',
    action_id: action,
    filter: { include: ['public', 'private'], exclude_bot_users: true },
    placeholder: plain('Choose a channel', 150),
    ...(isChannel ? { initial_conversation: channel } : {}),
  };
}

/** Slack shows and takes points in time by the clock of whoever looks. */
function timeInput(action: string, value: unknown): Json {
  const seconds = Math.floor(Date.parse(String(value ?? '')) / 1000);
  return {
    type: 'datetimepicker',
    action_id: action,
    ...(isPickable(seconds) ? { initial_date_time: seconds } : {}),
  };
}

/** https://docs.slack.dev/reference/block-kit/block-elements/datetime-picker-element: ten digits. */
function isPickable(seconds: number): boolean {
  return seconds >= 1_000_000_000 && seconds <= 9_999_999_999;
}

function textInput(
  action: string,
  value: unknown,
  {
    max,
    placeholder,
    isLong = false,
  }: {
    readonly max?: number | undefined;
    readonly placeholder?: string | undefined;
    readonly isLong?: boolean;
  },
): Json {
  const text = value === null || value === undefined ? '' : String(value);
  return {
    type: 'plain_text_input',
    action_id: action,
    multiline: isLong,
    // What is there already may be longer, and is checked where it is received.
    max_length: Math.min(Math.max(max ?? longestText, text.length, 1), longestText),
    ...(text === '' ? {} : { initial_value: text }),
    ...(placeholder === undefined || placeholder === '' ? {} : { placeholder: plain(placeholder, 150) }),
  };
}

function numberInput(
  action: string,
  { isInteger, min, max }: { readonly isInteger: boolean; readonly min?: number; readonly max?: number },
  value: unknown,
): Json {
  if (typeof value === 'number' && !isPlain(value)) return textInput(action, value, {});
  return {
    type: 'number_input',
    action_id: action,
    is_decimal_allowed: !isInteger,
    ...(min === undefined || !isPlain(min) ? {} : { min_value: String(min) }),
    ...(max === undefined || !isPlain(max) ? {} : { max_value: String(max) }),
    ...(typeof value === 'number' ? { initial_value: String(value) } : {}),
  };
}

/** Slack takes no number with an exponent. */
function isPlain(value: number): boolean {
  return /^-?\d+(\.\d+)?$/.test(String(value));
}

function switchInput(action: string, label: string, isOn: boolean): Json {
  const yes = { text: plain(label, 75), value: 'yes' };
  return {
    type: 'checkboxes',
    action_id: action,
    options: [yes],
    ...(isOn ? { initial_options: [yes] } : {}),
  };
}
