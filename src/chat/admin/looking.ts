import type { Desk, DeskCaller, DeskKind, DeskRow } from '../desk.ts';
import { type AdminAnswer, say } from './answer.ts';
import { boardAnswer, noneOf } from './board.ts';
import { type Command, readLine } from './command-line.ts';
import { givenOf } from './given.ts';
import type { Meaning, Told } from './meant.ts';
import { deedMeant } from './misspelt.ts';
import { deedIn, type Order } from './natural.ts';
import { rowButtons } from './row-buttons.ts';
import { mistake, pairsText } from './said.ts';
import { quoted } from './tokens.ts';
import { createUnknownDeed } from './unknown-deed.ts';
import { type Deed, mayDo, wordOf } from './vocabulary.ts';
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
  /** What orders mean that name something that is there, or nothing at all. */
  fitting(orders: readonly Order[], kinds: readonly DeskKind[], by: DeskCaller): Promise<readonly Told[]>;
  /** What is to be done was said, and not with what kind of thing. Undefined: nothing fits, so that it is talk. */
  withWhat(fitting: readonly Told[]): AdminAnswer | undefined;
  /** A suggestion, put right in all of its parts. */
  mended(line: string, by: DeskCaller): Promise<string>;
  /** None is called so, or nobody knows what is to be done with it. */
  notThere(wanted: Command, by: DeskCaller): Promise<AdminAnswer>;
}

const showing: Deed = { type: 'verb', verb: 'show' };

export function createLooking(desk: Desk, meaning: Meaning): Looking {
  const unknownDeed = createUnknownDeed(desk, meaning);

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
    if (rows.length === 0) return say(noneOf({ one: kind.one, many: withinSentence(kind.many) }));
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

  async function notThere(wanted: Command, by: DeskCaller): Promise<AdminAnswer> {
    const { kind, name, deed, pairs } = wanted;
    const meantDeed = deed === undefined ? deedMeant(kind, name) : undefined;
    if (meantDeed !== undefined)
      return mistake(
        `I cannot do that with ${withinSentence(kind.many)}.`,
        await mended(`${meantDeed} ${pairsText(pairs)}`.trim(), by),
      );
    const told = { kind, name, pairs, deed: deed ?? showing };
    const change = wanted.isLoose === true ? await changeMeant(wanted, by) : undefined;
    if (change !== undefined) return mistake(change.sentences.join(' '), change.line);
    if (deed === undefined && wanted.isLoose === true && (await meaning.name(told, by)) === name)
      return await unknownDeed(wanted, by);
    const meant = await meaning.all(told, by);
    const sentence = `There is no ${kind.one} ${code(name.slice(0, 100))}.`;
    if (meant === undefined)
      return say(
        `${sentence} \`${kind.word}\` lists those that there are, \`help ${kind.word}\` says what can be done with them.`,
      );
    return mistake(meant.sentences.join(' '), meant.line);
  }

  /** `gpt-4o temperature 0.5`, where something is to be changed or nobody said what to do. */
  async function changeMeant({ kind, name, deed, pairs }: Command, by: DeskCaller) {
    const isChange = deed === undefined || (deed.type === 'verb' && deed.verb === 'edit');
    return isChange && kind.allowed.has('edit') ? await meaning.change({ kind, name, pairs }, by) : undefined;
  }

  async function fitting(
    orders: readonly Order[],
    kinds: readonly DeskKind[],
    by: DeskCaller,
  ): Promise<readonly Told[]> {
    const meant = async (order: Order, kind: DeskKind): Promise<readonly Told[]> => {
      const deed = deedIn(kind, order);
      if (deed === undefined || !mayDo(kind, deed)) return [];
      const isThere =
        order.name === '' || (await desk.find(kind.path, by, order.name).catch(() => [])).length > 0;
      return isThere ? [{ kind, deed, name: order.name, pairs: [] }] : [];
    };
    const found = orders.flatMap((order) => kinds.map((kind) => meant(order, kind)));
    return (await Promise.all(found)).flat();
  }

  function withWhat(fits: readonly Told[]): AdminAnswer | undefined {
    const [first] = fits;
    if (first === undefined) return undefined;
    const lines = fits.map(({ kind, deed, name }) =>
      `${kind.word} ${wordOf(deed)} ${name === '' ? '' : quoted(name)}`.trim(),
    );
    if (lines.length === 1) return mistake('A command begins with the kind of thing.', lines[0]);
    return say(
      `With what? Write \`<what> ${wordOf(first.deed)} <name>\`; \`help\` lists what there is.`,
      lines.slice(0, 20).map((line) => ({ label: line, line })),
    );
  }

  async function mended(line: string, by: DeskCaller): Promise<string> {
    const { reading } = readLine(line, desk.kinds(by));
    if (reading.type !== 'command' || reading.command.deed === undefined) return line;
    const told = { ...reading.command, deed: reading.command.deed };
    return (await meaning.all(told, by).catch(() => undefined))?.line ?? line;
  }

  return { list, show, whichOne, ambiguous, notThere, fitting, withWhat, mended };
}
