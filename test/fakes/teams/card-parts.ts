import { isRecord, type Json, record, text } from './json.ts';

/** A button as a card shows it. */
export interface Button {
  readonly title: string;
  readonly action: Json;
}

/** Every object of a card that has a type, outer ones first; a fallback is not shown. */
function parts(value: unknown): readonly Json[] {
  if (Array.isArray(value)) return value.flatMap(parts);
  if (!isRecord(value) || value.isVisible === false) return [];
  const below = Object.entries(value)
    .filter(([name]) => name !== 'fallback' && name !== 'data' && name !== 'refresh')
    .flatMap(([, child]) => parts(child));
  return typeof value.type === 'string' ? [value, ...below] : below;
}

export function buttonsOf(card: Json): readonly Button[] {
  return parts(card)
    .filter((part) => text(part.type).startsWith('Action.'))
    .map((action) => ({ title: text(action.title), action }));
}

export function inputsOf(card: Json): readonly Json[] {
  return parts(card).filter((part) => text(part.type).startsWith('Input.'));
}

/** All words that a card shows, in their order. */
export function wordsOf(card: Json): string {
  const shown = ['text', 'title', 'value', 'label', 'altText', 'placeholder', 'codeSnippet'];
  const words = (value: unknown): readonly string[] => {
    if (Array.isArray(value))
      return value.flatMap((item) => (typeof item === 'string' ? [item] : words(item)));
    if (!isRecord(value) || value.isVisible === false) return [];
    return Object.entries(value).flatMap(([name, child]) => {
      if (name === 'fallback' || name === 'data' || name === 'refresh' || name === 'msteams') return [];
      if (typeof child === 'string') return shown.includes(name) ? [child] : [];
      return words(child);
    });
  };
  return words({ body: card.body, actions: card.actions }).join('\n');
}

/** What a person may choose in a choice set that the bot fills as they type: input → values. */
export type Found = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * The inputs of a card as Teams sends them, all as texts and none that is empty: what was filled in, else
 * what stood there. Throws where Teams would not let the person send.
 */
export function filled(card: Json, values: Readonly<Record<string, unknown>>, found: Found): Json {
  const inputs = inputsOf(card);
  for (const name of Object.keys(values))
    if (!inputs.some((input) => input.id === name)) throw new Error(`there is no input ${name}`);
  const entries = inputs.map((input) => [text(input.id), givenFor(input, values, found)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== ''));
}

function givenFor(input: Json, values: Readonly<Record<string, unknown>>, found: Found): string {
  const id = text(input.id);
  const isFilled = Object.hasOwn(values, id);
  const value = isFilled ? values[id] : input.value;
  const words = input.type === 'Input.Toggle' ? toggled(input, value) : asText(value);
  if (isFilled) check(input, words, found);
  const isMissing = input.type === 'Input.Toggle' ? words !== text(input.valueOn ?? 'true') : words === '';
  if (input.isRequired === true && isMissing) throw new Error(`${id}: ${text(input.errorMessage)}`);
  return words;
}

function asText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return Array.isArray(value) ? value.join(',') : String(value);
}

function toggled(input: Json, value: unknown): string {
  const [on, off] = [text(input.valueOn ?? 'true'), text(input.valueOff ?? 'false')];
  return value === true || value === on ? on : off;
}

function check(input: Json, words: string, found: Found): void {
  const no = (why: string): never => {
    throw new Error(`${text(input.id)} cannot be ${JSON.stringify(words)}: ${why}`);
  };
  if (words === '') return;
  switch (input.type) {
    case 'Input.Text':
      if (typeof input.maxLength === 'number' && words.length > input.maxLength) no('it is too long');
      if (typeof input.regex === 'string' && !new RegExp(input.regex).test(words))
        no(text(input.errorMessage));
      return;
    case 'Input.Number':
      if (Number.isNaN(Number(words))) no('it is no number');
      if (typeof input.min === 'number' && Number(words) < input.min) no('it is too small');
      if (typeof input.max === 'number' && Number(words) > input.max) no('it is too large');
      return;
    case 'Input.Date':
      if (!/^\d{4}-\d\d-\d\d$/.test(words)) no('it is no date');
      return;
    case 'Input.Time':
      if (!/^\d\d:\d\d$/.test(words)) no('it is no time');
      return;
    case 'Input.ChoiceSet': {
      const chosen = input.isMultiSelect === true ? words.split(',') : [words];
      const known = new Set([...choicesOf(input), ...(found.get(text(input.id)) ?? [])]);
      if (chosen.some((choice) => !known.has(choice))) no('it is not offered');
      return;
    }
  }
}

function choicesOf(input: Json): readonly string[] {
  const choices = Array.isArray(input.choices) ? input.choices : [];
  return choices.map((choice) => text(record(choice).value));
}
