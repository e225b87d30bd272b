import { type Entry, type Filled, filledOf as filledIn } from '../../src/chat/filled.ts';
import type { Form, FormField } from '../../src/chat/form.ts';
import { isRecord, type Json, textOf } from '../../src/chat/json.ts';

/** What a card's inputs are called, so that no field is taken for another part of the data. */
export function inputId(name: string): string {
  return `field:${name}`;
}

/** The time of day beside a date. */
export function clockId(id: string): string {
  return `${id}:clock`;
}

/** The value that says that nothing is chosen: clients cannot take a choice back. */
export const nothingChosen = '∅';

/** Reads a submitted dialog as values of the form. A field that is needed and was left empty is an error. */
export function filledOf(form: Form, data: Json): Filled {
  const { values, errors } = filledIn(form, (field) => entryOf(field, typedIn(data, field.name)));
  const missing = form.fields.filter((field) => isMissing(field, typedIn(data, field.name)));
  return { values, errors: { ...errors, ...Object.fromEntries(missing.map(({ name }) => [name, needed])) } };
}

const needed = ['Fill this in.'];

/** A text that counts to the letter may be empty: whoever reads it knows whether. */
function isMissing({ isRequired, isExact, widget }: FormField, typed: string | undefined): boolean {
  return (
    isRequired &&
    isExact !== true &&
    widget.type !== 'switch' &&
    (typed?.trim() === '' || typed === nothingChosen)
  );
}

/** What somebody wrote into a field, as it was sent. Undefined: the field was not shown. */
export function typedIn(data: Json, name: string): string | undefined {
  const value = withClock(data, inputId(name));
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  // Clients leave out what is empty.
  const shown = isRecord(data) && Array.isArray(data.shown) ? data.shown.map(textOf) : [];
  return shown.includes(name) ? '' : undefined;
}

/** A date with the time of day that was chosen beside it: its beginning, where none was. */
function withClock(data: Json, id: string): unknown {
  const [date, time] = [data[id], data[clockId(id)]];
  if (typeof date !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(date) || typeof time !== 'string') return date;
  return `${date}T${/^\d\d:\d\d/.exec(time)?.[0] ?? '00:00'}:00Z`;
}

/** Several choices of a closed list are one text with commas. */
export function isManyOf({ widget }: FormField): boolean {
  if (widget.type !== 'texts' || widget.isClosed !== true || widget.choices === undefined) return false;
  return widget.choices.length > 0 && widget.choices.every(({ value }) => !value.includes(','));
}

function entryOf(field: FormField, typed: string | undefined): Entry | undefined {
  if (typed === undefined) return undefined;
  switch (field.widget.type) {
    case 'switch':
      return { type: 'switch', isOn: typed === 'true' };
    case 'choice':
    case 'reference':
      return { type: 'chosen', value: typed === '' || typed === nothingChosen ? undefined : typed };
    case 'time':
      return { type: 'text', text: unchangedTime(field, typed === '' ? '' : wholeTime(typed)) };
    case 'principal':
    case 'secret':
      return { type: 'text', text: typed === nothingChosen ? '' : typed };
    default:
      return { type: 'text', text: isManyOf(field) ? manyIn(field, typed) : typed };
  }
}

/** Clients leave out what is empty: a date alone is its beginning. */
function wholeTime(typed: string): string {
  return /^\d{4}-\d\d-\d\d$/.test(typed) ? `${typed}T00:00:00Z` : typed;
}

/** Inputs know minutes: what nobody changed stays as it was. */
function unchangedTime({ value }: FormField, typed: string): string {
  return typeof value === 'string' && value.slice(0, 16) === typed.slice(0, 16) && typed.endsWith(':00Z')
    ? value
    : typed;
}

/** Clients name the same choices in the order of the list, and each once: what nobody changed stays as it was. */
function manyIn({ value, isExact }: FormField, typed: string): string {
  const chosen = typed === '' ? [] : typed.split(',');
  const before: readonly unknown[] = isExact && Array.isArray(value) ? value : [];
  const [now, then] = [new Set<unknown>(chosen), new Set(before)];
  const isSame = now.size === then.size && chosen.every((one) => then.has(one));
  return (isSame ? before : chosen).join('\n');
}
