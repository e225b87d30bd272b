import { clipped } from '../../src/chat/clipped.ts';
import type { Choice } from '../../src/chat/form.ts';
import type { Json } from '../../src/chat/json.ts';
import { nothingChosen } from './filled.ts';

/** Of an option of a select, in characters. */
export const longestValue = 150;

/** A select with what can be chosen. */
export function selectInput(action: string, choices: readonly Choice[], value: unknown): Json {
  const options = selectable(choices, String(value ?? '')).map(optionOf);
  const initial = options.find((option) => option.value === sentValue(String(value ?? '')));
  return {
    type: 'static_select',
    action_id: action,
    options,
    ...(initial === undefined ? {} : { initial_option: initial }),
  };
}

const mostOptions = 100;

/** What a select can offer, with what is chosen. */
export function selectable(choices: readonly Choice[], chosen: string): readonly Choice[] {
  const fitting = choices.filter(
    ({ value, label }) => `${value}${label}` !== '' && value.length <= longestValue,
  );
  const offered = fitting.slice(0, mostOptions);
  const current = fitting.find(({ value }) => value === chosen);
  if (current === undefined || offered.includes(current)) return offered;
  return [...offered.slice(0, -1), current];
}

/** A select whose options are looked up while somebody types. */
export function lookup(action: string, value: unknown, placeholder = 'Search…'): Json {
  const initial = typeof value === 'string' && value !== '' ? optionOf({ value, label: value }) : undefined;
  return {
    type: 'external_select',
    action_id: action,
    min_query_length: 0,
    placeholder: { type: 'plain_text', text: clipped(placeholder, 150) },
    ...(initial === undefined ? {} : { initial_option: initial }),
  };
}

/** One option of a select. */
export function optionOf({ value, label }: Choice) {
  return {
    text: { type: 'plain_text' as const, text: clipped(label === '' ? value : label, 75) },
    value: sentValue(value).slice(0, longestValue),
  };
}

/** Slack takes no option without a value, and refuses the whole view. */
function sentValue(value: string): string {
  return value === '' ? nothingChosen : value;
}

/** Options of a look-up for secrets; what was chosen can be taken back. */
export function secretOptions(found: readonly Choice[], words: string) {
  const fitting = found.filter(({ value }) => value.length <= longestValue).slice(0, 99);
  const nothing = words === '' ? [{ value: nothingChosen, label: '(none)' }] : [];
  return [...fitting, ...nothing].map(optionOf);
}
