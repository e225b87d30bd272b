import { clipped } from '../../src/chat/clipped.ts';
import { type Entry, type Filled, filledOf as filledIn } from '../../src/chat/filled.ts';
import type { FieldErrors, Form, FormField } from '../../src/chat/form.ts';
import { at, records, textOf } from '../../src/chat/json.ts';

/** The value that says that nothing is chosen. */
export const nothingChosen = '∅';

/** Reads a modal's state as values of the form. `team`: the workspace whose channels are chosen. */
export function filledOf(form: Form, state: unknown, team = ''): Filled {
  return filledIn(form, (field) => entryOf(field, at(state, 'values', field.name), team));
}

function entryOf(field: FormField, entry: unknown, team: string): Entry | undefined {
  if (entry === undefined) return undefined;
  const [given] = Object.values({ ...(typeof entry === 'object' ? entry : {}) });
  switch (field.widget.type) {
    case 'switch':
      return { type: 'switch', isOn: records(at(given, 'selected_options')).length > 0 };
    case 'choice':
    case 'reference': {
      const chosen = at(given, 'selected_option', 'value');
      const isSome = typeof chosen === 'string' && chosen !== nothingChosen;
      return { type: 'chosen', value: isSome ? chosen : undefined };
    }
    case 'place': {
      const channel = textOf(at(given, 'selected_conversation'));
      return { type: 'text', text: channel === '' ? textOf(at(given, 'value')) : `slack:${team}:${channel}` };
    }
    case 'time':
      return { type: 'text', text: timeOf(field, given) };
    case 'principal':
    case 'secret': {
      const chosen = textOf(at(given, 'selected_option', 'value'));
      return { type: 'text', text: chosen === nothingChosen ? '' : chosen || textOf(at(given, 'value')) };
    }
    default:
      return { type: 'text', text: textOf(at(given, 'value')) };
  }
}

/** A picker knows minutes: what nobody changed stays as it was. */
function timeOf({ value }: FormField, given: unknown): string {
  const seconds = at(given, 'selected_date_time');
  if (typeof seconds !== 'number') return textOf(at(given, 'value'));
  const before = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  const isSame = Math.floor(before / 60_000) === Math.floor(seconds / 60);
  return isSame ? String(value) : new Date(seconds * 1000).toISOString();
}

/** Field errors as Slack shows them: by block; what belongs to no field that is shown stands at the first. */
export function errorsByBlock(errors: FieldErrors, view: unknown): Readonly<Record<string, string>> {
  const ids = records(at(view, 'blocks')).flatMap((item) =>
    item.type === 'input' ? [textOf(item.block_id)] : [],
  );
  const [first = 'form'] = ids;
  const placed: Record<string, string> = {};
  for (const [name, sentences] of Object.entries(errors)) {
    const id = ids.includes(name) ? name : first;
    const text = id === name ? sentences.join(' ') : `${name}: ${sentences.join(' ')}`;
    placed[id] = clipped(placed[id] === undefined ? text : `${placed[id]} ${text}`, 2000);
  }
  return placed;
}

/** What a modal is answered with that stays open, with what is wrong at its fields. */
export function wrongAtFields(errors: FieldErrors, view: unknown) {
  return { response_action: 'errors', errors: { ...errorsByBlock(errors, view) } } as const;
}
