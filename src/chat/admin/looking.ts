import type { Desk, DeskCaller, DeskKind, DeskRow, DeskVerb } from '../desk.ts';
import { type AdminAnswer, say } from './answer.ts';
import { boardAnswer } from './board.ts';
import { type Command, readLine } from './command-line.ts';
import { givenOf } from './given.ts';
import type { Meaning } from './meant.ts';
import { deedMeant } from './misspelt.ts';
import { rowButtons } from './row-buttons.ts';
import { mistake, pairsText } from './said.ts';
import { quoted } from './tokens.ts';
import { type Deed, wordOf } from './vocabulary.ts';
import { code, errorsText, factsText, withinSentence } from './words.ts';

const pageRows = 10;

/** What changes nothing: lists, single things, and asking back which one is meant. */
export interface Looking {
  list(wanted: Command, by: DeskCaller): Promise<AdminAnswer>;
  show(kind: DeskKind, row: DeskRow, by: DeskCaller): Promise<AdminAnswer>;
  /** Nobody said which one. */
  whichOne(kind: DeskKind, deed: Deed, by: DeskCaller): Promise<AdminAnswer>;
  /** Several are called so. */
  ambiguous(wanted: Command, deed: Deed, rows: readonly DeskRow[]): AdminAnswer;
  /**
   * What is to be done was said, and not with what. Undefined: it names nothing that is managed, so that it is
   * talk.
   */
  withWhat(
    wanted: { readonly verb: DeskVerb; readonly name: string },
    by: DeskCaller,
  ): Promise<AdminAnswer | undefined>;
  /** A suggestion, put right in all of its parts. */
  mended(line: string, by: DeskCaller): Promise<string>;
  /** None is called so. */
  notThere(wanted: Command, by: DeskCaller): Promise<AdminAnswer>;
}

const showing: Deed = { type: 'verb', verb: 'show' };

export function createLooking(desk: Desk, meaning: Meaning): Looking {
  async function list({ kind, name, pairs }: Command, by: DeskCaller): Promise<AdminAnswer> {
    const page = Math.max(1, Math.floor(Number(pairs.find(({ key }) => key === 'page')?.text ?? 1)) || 1);
    const words = [name, pairs.find(({ key }) => key === 'q')?.text ?? '']
      .filter((part) => part !== '')
      .join(' ');
    const wanted = pairs.filter(({ key }) => key !== 'page' && key !== 'q');
    const { values, errors } = givenOf(
      { fields: kind.form.fields.map((field) => ({ ...field, isReadOnly: false })) },
      wanted,
    );
    if (Object.keys(errors).length > 0) return say(`I cannot look for that:\n\n${errorsText(errors)}`);
    const filters = Object.entries(values).map(([field, value]) => ({
      field,
      value: value === null ? '' : String(value),
    }));
    const pageAt = (at: number) =>
      desk.board(kind.path, by, {
        limit: pageRows,
        offset: (at - 1) * pageRows,
        filters,
        ...(words === '' ? {} : { words }),
      });
    const asked = await pageAt(page);
    const last = Math.ceil(asked.total / pageRows);
    const board = last > 0 && page > last ? await pageAt(last) : asked;
    const search = [words === '' ? '' : quoted(words), pairsText(wanted)]
      .filter((part) => part !== '')
      .join(' ');
    return boardAnswer(board, { pageRows, search });
  }

  async function show(kind: DeskKind, { id }: DeskRow, by: DeskCaller): Promise<AdminAnswer> {
    const row = await desk.show(kind.path, by, id);
    return say(`${row.icon} **${row.title}**\n\n${factsText(row.facts)}`.trim(), rowButtons(kind, row));
  }

  async function whichOne(kind: DeskKind, deed: Deed, by: DeskCaller): Promise<AdminAnswer> {
    const verb = wordOf(deed);
    if (!kind.allowed.has('list')) return say(`Which ${kind.one}? Write \`${kind.word} ${verb} <name>\`.`);
    const { rows } = await desk.board(kind.path, by, { limit: 10, offset: 0 });
    if (rows.length === 0) return say(`There are no ${withinSentence(kind.many)}.`);
    const buttons = rows.map((row) => ({ label: row.title, line: `${kind.word} ${verb} ${row.id}` }));
    return say(`Which ${kind.one}? Write \`${kind.word} ${verb} <name>\`.`, buttons);
  }

  function ambiguous(wanted: Command, deed: Deed, rows: readonly DeskRow[]): AdminAnswer {
    const { kind, name, pairs } = wanted;
    const buttons = rows.slice(0, 10).map((row) => ({
      label: row.title,
      line: `${kind.word} ${wordOf(deed)} ${row.id} ${pairsText(pairs)}`.trim(),
    }));
    return say(`${rows.length} ${withinSentence(kind.many)} are called ${code(name)}. Which one?`, buttons);
  }

  async function notThere({ kind, name, deed, pairs }: Command, by: DeskCaller): Promise<AdminAnswer> {
    const meantDeed = deed === undefined ? deedMeant(kind, name) : undefined;
    if (meantDeed !== undefined)
      return mistake(
        `I cannot do that with ${withinSentence(kind.many)}.`,
        await mended(`${meantDeed} ${pairsText(pairs)}`.trim(), by),
      );
    const told = { kind, name, pairs, deed: deed ?? showing };
    const meant = await meaning.all(told, by);
    const sentence = `There is no ${kind.one} ${code(name.slice(0, 100))}.`;
    if (meant === undefined) return say(`${sentence} \`${kind.word}\` lists those that there are.`);
    return mistake(meant.sentences.join(' '), meant.line);
  }

  async function withWhat(
    { verb, name }: { readonly verb: DeskVerb; readonly name: string },
    by: DeskCaller,
  ): Promise<AdminAnswer | undefined> {
    const kinds = desk.kinds(by).filter((kind) => kind.allowed.has(verb));
    const has = async (kind: DeskKind) => (await desk.find(kind.path, by, name).catch(() => [])).length > 0;
    const found = name === '' || verb === 'add' ? [] : await Promise.all(kinds.map(has));
    const fitting = name === '' ? kinds : kinds.filter((_kind, n) => found[n]);
    if (fitting.length === 0) return undefined;
    const lines = fitting.map(({ word }) => `${word} ${verb} ${name === '' ? '' : quoted(name)}`.trim());
    return say(
      `With what? Write \`<what> ${verb} <name>\`; \`help\` lists what there is.`,
      lines.slice(0, 20).map((line) => ({ label: line, line })),
    );
  }

  async function mended(line: string, by: DeskCaller): Promise<string> {
    const { reading } = readLine(line, desk.kinds(by));
    if (reading.type !== 'command' || reading.command.deed === undefined) return line;
    const told = { ...reading.command, deed: reading.command.deed };
    return (await meaning.all(told, by).catch(() => undefined))?.line ?? line;
  }

  return { list, show, whichOne, ambiguous, notThere, withWhat, mended };
}
