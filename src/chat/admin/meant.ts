import type { Desk, DeskCaller } from '../desk.ts';
import type { FormField } from '../form.ts';
import { nearest, onlyWith } from '../nearest.ts';
import type { Command, Pair } from './command-line.ts';
import { fieldCalled, nearestField } from './given.ts';
import { pairsText } from './said.ts';
import { quoted } from './tokens.ts';
import { type Deed, plain, wordOf } from './vocabulary.ts';
import { code } from './words.ts';

/** What of a command names nothing, in a sentence each, and the whole line as it was probably meant. */
export interface Meant {
  readonly sentences: readonly string[];
  readonly line: string;
}

/** A command that says what to do. */
export type Told = Command & { readonly deed: Deed };

export interface Meaning {
  /** Undefined: its fields are all there, or nothing like them is. */
  fields(told: Told, by: DeskCaller): Promise<Meant | undefined>;
  /** The same, of what it names too, which is known not to be there. */
  all(told: Told, by: DeskCaller): Promise<Meant | undefined>;
  /** What it names, or what that was probably meant to be. */
  name(told: Told, by: DeskCaller): Promise<string>;
  /** The same pairs, with what is referred to as it is called: in other letters it is the same. */
  spelt(told: Told, by: DeskCaller): Promise<readonly Pair[]>;
  /** A new thing whose name is several words without quotes: what of them was meant for fields. */
  loose(told: Told, by: DeskCaller): Promise<Meant>;
  /** A change whose fields are words beside the name. Undefined: they are no fields, or nothing is called so. */
  change(wanted: Command, by: DeskCaller): Promise<Meant | undefined>;
}

/** A part of a line, put right where it had to be. */
interface Mended<T> {
  readonly part: T;
  readonly sentence?: string;
}

const mostNames = 200;
/** Words between a name and what belongs to fields. */
const between = /^(with|on|by|using|and|from|as|at|to|=)$/i;
/** What lines say besides the fields of a form. */
const besides: ReadonlySet<string> = new Set(['form', 'confirm', 'revision', 'page', 'q']);

/** Puts lines right whose parts are nearly something. */
export function createMeaning(desk: Desk): Meaning {
  async function mendName({ kind, name, deed }: Told, by: DeskCaller): Promise<Mended<string>> {
    const isNamed = deed.type === 'action' || !['list', 'add'].includes(deed.verb);
    if (!isNamed || name === '' || !kind.allowed.has('list')) return { part: name };
    if ((await desk.find(kind.path, by, name)).length > 0) return { part: name };
    const { rows } = await desk.board(kind.path, by, { limit: mostNames, offset: 0 });
    const names = rows.map((row) => row.name);
    const meant = nearest(name, [...names, ...rows.map(({ title }) => title)]) ?? onlyWith(name, names);
    const sentence = `There is no ${kind.one} ${code(name.slice(0, 100))}.`;
    return meant === undefined ? { part: name } : { part: meant, sentence };
  }

  async function mendPair(pair: Pair, fields: readonly FormField[], by: DeskCaller): Promise<Mended<Pair>> {
    const [head = '', ...path] = pair.key.split('.');
    if (besides.has(pair.key)) return { part: pair };
    const known = fieldCalled({ fields }, head);
    if (known !== undefined) return path.length > 0 ? { part: pair } : await mendValue(pair, known, by);
    const meant = nearestField(fields, head);
    if (meant === undefined) return { part: pair };
    const named = { ...pair, key: [meant, ...path].join('.') };
    const { part, sentence = '' } = await mendPair(named, fields, by);
    return { part, sentence: `There is no field ${code(head.slice(0, 60))}. ${sentence}`.trim() };
  }

  /** A value of a closed list, or a row of another kind. */
  async function mendValue(pair: Pair, field: FormField, by: DeskCaller): Promise<Mended<Pair>> {
    const text = pair.text.trim();
    const values = text === '' ? [] : await valuesOf(field, text, by).catch(() => []);
    if (values.some((value) => plain(value) === plain(text))) return { part: pair };
    const meant = nearest(text, values) ?? onlyWith(text, values);
    if (meant === undefined) return { part: pair };
    const sentence = `${code(text.slice(0, 60))} is no ${field.label.toLowerCase()}.`;
    return { part: { ...pair, text: meant }, sentence };
  }

  /** None: anything may stand there. */
  async function valuesOf({ widget }: FormField, text: string, by: DeskCaller): Promise<readonly string[]> {
    if (widget.type !== 'choice' && widget.type !== 'reference') return [];
    if (widget.choices !== undefined) return widget.choices.flatMap(({ value, label }) => [value, label]);
    if (widget.type === 'choice' || (await desk.find(widget.resource, by, text)).length > 0) return [];
    return (await desk.choices(widget.resource, by, '')).map(({ value }) => value);
  }

  async function speltPair(pair: Pair, fields: readonly FormField[], by: DeskCaller): Promise<Pair> {
    const widget = fieldCalled({ fields }, pair.key)?.widget;
    if (widget?.type !== 'reference' || widget.choices !== undefined || pair.text.trim() === '') return pair;
    const found = await desk.find(widget.resource, by, pair.text.trim()).catch(() => []);
    const [row] = found.filter(({ name }) => name.toLowerCase() === pair.text.trim().toLowerCase());
    return row === undefined || found.length > 1 ? pair : { ...pair, text: row.name };
  }

  async function mended(told: Told, by: DeskCaller, name: Mended<string>): Promise<Meant | undefined> {
    const { kind, deed, pairs } = told;
    const fields = fieldsOf(told);
    const written = await Promise.all(pairs.map((pair) => mendPair(pair, fields, by)));
    const sentences = [name, ...written].flatMap(({ sentence }) => sentence ?? []);
    if (sentences.length === 0) return undefined;
    const words = [
      ...[kind.word, wordOf(deed)],
      ...(name.part === '' ? [] : [quoted(name.part)]),
      pairsText(written.map(({ part }) => part)),
    ];
    return { sentences, line: words.join(' ').trim() };
  }

  /** `gpt-4o with provider openai`, `gpt-4o openai`: the words that fit a field, where one word is left for the name. */
  async function loose({ kind, name, pairs }: Told, by: DeskCaller): Promise<Meant> {
    const fields = kind.form.fields.filter(
      ({ isReadOnly, name: own }) => !isReadOnly && own !== kind.nameField,
    );
    const words = name.split(' ').filter((word) => !between.test(word));
    const found: Pair[] = [];
    const left: string[] = [];
    for (let n = 0; n < words.length; n += 1) {
      const [word = '', next] = words.slice(n, n + 2);
      const named = n === 0 || next === undefined ? undefined : fieldCalled({ fields }, word);
      const field = named ?? (await fieldWith(fields, word, by));
      if (field === undefined) left.push(word);
      else found.push({ key: field.name, text: named === undefined ? word : (next ?? '') });
      n += named === undefined ? 0 : 1;
    }
    const isClear = left.length === 1 && new Set(found.map(({ key }) => key)).size === found.length;
    const given = isClear ? [...found, ...pairs] : pairs;
    const line = `${kind.word} add ${quoted(isClear ? left.join(' ') : name)} ${pairsText(given)}`;
    return { sentences: ['A name of several words stands in quotes.'], line: line.trim() };
  }

  /** The words after the longest name that there is, as fields. */
  async function change({ kind, name, pairs }: Command, by: DeskCaller): Promise<Meant | undefined> {
    const words = name.split(' ');
    for (let to = words.length - 1; to > 0; to -= 1) {
      const part = words.slice(0, to).join(' ');
      const deed: Deed = { type: 'verb', verb: 'edit' };
      const named = to > 1 ? part : (await mendName({ kind, name: part, deed, pairs }, by)).part;
      const [row, ...others] = await desk.find(kind.path, by, named);
      if (row === undefined || others.length > 0) continue;
      const fields = fieldsOf({ kind, deed, name, pairs });
      const found = await pairsOf(words.slice(to), fields, by);
      if (found.length === 0) return undefined;
      const line = `${kind.word} edit ${quoted(row.name)} ${pairsText([...found, ...pairs])}`;
      return { sentences: ['Fields are written as name=value.'], line };
    }
    return undefined;
  }

  /** None where not all of the words are about fields. */
  async function pairsOf(
    written: readonly string[],
    fields: readonly FormField[],
    by: DeskCaller,
  ): Promise<readonly Pair[]> {
    const words = written.filter((word) => !between.test(word));
    const only = words.length === 1 ? fieldCalled({ fields }, 'value') : undefined;
    if (only !== undefined) return [{ key: only.name, text: words[0] ?? '' }];
    const found: Pair[] = [];
    for (let n = 0; n < words.length; n += 1) {
      const [word = '', next] = words.slice(n, n + 2);
      const named =
        next === undefined ? undefined : (fieldCalled({ fields }, word) ?? nearlyCalled(fields, word));
      const field = named ?? (await fieldWith(fields, word, by));
      if (field === undefined) return [];
      found.push({ key: field.name, text: named === undefined ? word : (next ?? '') });
      n += named === undefined ? 0 : 1;
    }
    return found;
  }

  /** The only field that knows this value. */
  async function fieldWith(
    fields: readonly FormField[],
    text: string,
    by: DeskCaller,
  ): Promise<FormField | undefined> {
    const isUrl = /^https?:\/\//i.test(text);
    const knows = async ({ name, widget }: FormField) => {
      if (isUrl) return name === 'url';
      if (widget.type === 'choice')
        return widget.choices.some(({ value }) => value !== '' && plain(value) === plain(text));
      if (widget.type !== 'reference' || widget.choices !== undefined) return false;
      return (await desk.find(widget.resource, by, text).catch(() => [])).length > 0;
    };
    const known = await Promise.all(fields.map(knows));
    const found = fields.filter((_field, n) => known[n]);
    return found.length === 1 ? found[0] : undefined;
  }

  return {
    loose,
    change,
    name: async (told, by) => (await mendName(told, by)).part,
    spelt: async (told, by) =>
      await Promise.all(told.pairs.map((pair) => speltPair(pair, fieldsOf(told), by))),
    async fields(told, by) {
      const found = await mended(told, by, { part: told.name });
      return found === undefined ? undefined : await mended(told, by, await mendName(told, by));
    },
    all: async (told, by) => await mended(told, by, await mendName(told, by)),
  };
}

function nearlyCalled(fields: readonly FormField[], word: string): FormField | undefined {
  const meant = nearestField(fields, word);
  return meant === undefined ? undefined : fieldCalled({ fields }, meant);
}

function fieldsOf({ kind, deed }: Told): readonly FormField[] {
  if (deed.type === 'action') return deed.action.fields;
  if (deed.verb === 'list') return kind.form.fields;
  return kind.form.fields.filter(({ isReadOnly }) => !isReadOnly);
}
